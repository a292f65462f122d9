"""The participant's way through a study, as functions of (database, token).

Nothing is remembered here: each page is derived from the token in the URL and the database, so a
reload, a second tab, a restarted server or another process all show the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from db.records import PREFER_NOT, Mode, Offer, Plan, Stage, Status
from db.store import Store
from study_app import answering, trials
from study_app.answering import Outcome, trial_of
from study_app.frozen import Frozen, frozen
from study_app.sequence import planned
from study_app.tokens import is_ours, new_token, receipt, withdrawal_code
from study_app.trials import Trial

__all__ = [
    "Outcome", "Page", "State", "TrialView", "answer", "finish_instructions", "give_consent",
    "join", "log_event", "mark_shown", "new_token", "save_background", "state", "withdraw",
]  # fmt: skip


class Page(StrEnum):
    """What a participant sees next."""

    CONSENT = "consent"
    BACKGROUND = "background"
    INSTRUCTIONS = "instructions"
    TRIAL = "trial"
    DEBRIEFING = "debriefing"
    DECLINED = "declined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class TrialView:
    """The trial to show.

    Arguments:
        token: unguessable; comes back with the answer.
        position, total: the how-manieth of how many, from 1.
        role: main, practice or attention (not to be shown).
        type: the trial type.
        view: plain data for the browser, see `study_app.trials`.
        shown: whether `mark_shown` was called for it already.
        practice: how many trials come before those that count.
    """

    token: str
    position: int
    total: int
    role: str
    type: str
    view: Mapping[str, Any]
    shown: bool
    practice: int = 0


@dataclass(frozen=True)
class State:
    """Everything that the next page needs.

    Arguments:
        token: the participant's.
        page: which page comes next.
        study: the frozen version; None on pages before joining when no version was named.
        mode: live, pilot, test or simulated; None before joining.
        trial: the current trial on the page ``trial``.
        asked: the same trial as its trial type sees it.
        preload: SHA-256 of the pictures of the trial after this one.
        answered, total: progress over all trials; 0 of 0 before joining.
        completion_code: on the page ``debriefing``.
        withdrawal_code: from joining on; the participant may note it.
    """

    token: str
    page: Page
    study: Frozen | None = None
    mode: Mode | None = None
    trial: TrialView | None = None
    asked: Trial | None = None
    preload: tuple[str, ...] = ()
    answered: int = 0
    total: int = 0
    completion_code: str | None = None
    withdrawal_code: str | None = None


_PAGES = {
    Stage.BACKGROUND: Page.BACKGROUND,
    Stage.INSTRUCTIONS: Page.INSTRUCTIONS,
    Stage.TRIALS: Page.TRIAL,
    Stage.COMPLETED: Page.DEBRIEFING,
    Stage.WITHDRAWN: Page.WITHDRAWN,
}


def state(store: Store, token: object, version: str | None = None) -> State | None:
    """Where a participant is.

    Arguments:
        token: whatever stands in the URL.
        version: the version that newcomers would join; its consent text is then in the state.

    Returns: None for a token that is not ours.
    """
    if not isinstance(token, str) or not is_ours(store, token):
        return None
    row = store.assignment(token)
    if row is None:
        return _newcomer(store, token, version)
    study, page = frozen(store, row["version"]), _PAGES[Stage(row["state"])]
    here = State(token, page, study, Mode(row["mode"]))
    if page == Page.WITHDRAWN:
        return here
    here = replace(here, withdrawal_code=withdrawal_code(store, token))
    if page == Page.DEBRIEFING:
        total = store.count_trials(row["id"])
        code = row["completion_code"]
        return replace(here, completion_code=code, answered=total, total=total)
    left = store.open_trials(row["id"])
    if not left:  # the last answer came in another tab since we looked
        return state(store, token, version)
    here = replace(here, answered=left[0]["position"] - 1, total=left[0]["total"])
    if page != Page.TRIAL:
        return replace(here, preload=_pictures(study, left[0]))
    after = _pictures(study, left[1]) if len(left) > 1 else ()
    asked = trial_of(study, left[0])
    return replace(here, trial=_view(left[0], asked), asked=asked, preload=after)


def join(
    store: Store,
    version: str,
    mode: Mode | str,
    token: str,
    external: str | None = None,
) -> str:
    """Make participant, assignment and all trials in one transaction; again changes nothing.

    Arguments:
        version, mode: what they take part in, and why.
        token: from `new_token`.
        external: a panel's id of the person, kept as a keyed hash only.

    Returns: the token to go on with: another one if this person has joined before.

    Errors: StoreError when the version takes nobody in this mode; ValueError for a strange token.
    """
    if not is_ours(store, token):
        raise ValueError("a participant's token comes from new_token")
    study = frozen(store, version)
    return store.join(
        token=token,
        version=version,
        mode=Mode(mode),
        consent_version=study.consent_version,
        receipt=receipt(store, withdrawal_code(store, token)),
        plan=lambda place, arm: planned(study, place),
        stage=Stage.BACKGROUND if study.background else Stage.INSTRUCTIONS,
        external=None if external is None else store.digest("external id", external),
    )


def give_consent(
    store: Store,
    token: str,
    version: str,
    mode: Mode | str,
    agreed: bool,
    external: str | None = None,
) -> str:
    """Join on agreement; a refusal is kept as a fact that belongs to nobody.

    Whoever refused may agree later; whoever agreed leaves by `withdraw`.

    Returns: the token to go on with, see `join`.
    """
    if agreed:
        return join(store, version, mode, token, external)
    if is_ours(store, token) and store.assignment(token) is None:
        subject = store.digest("declined", token)
        if not store.logged("declined", subject):
            store.log("declined", version=version, mode=Mode(mode), subject=subject)
    return token


def save_background(store: Store, token: str, answers: Mapping[str, Any]) -> dict[str, str]:
    """Store the answers to the background questions, all of them or none.

    Arguments:
        answers: question id → key of a choice, or `db.records.PREFER_NOT`.

    Returns: question id → what is missing in plain words; empty when all is well.
    """
    row = store.assignment(token)
    if row is None or row["state"] != Stage.BACKGROUND:
        return {}
    study = frozen(store, row["version"])
    problems, values = {}, {}
    for question in study.background:
        name, choice = question["id"], answers.get(question["id"])
        if isinstance(choice, str) and (choice in question["choices"] or choice == PREFER_NOT):
            values[name] = choice
        else:
            problems[name] = "Please choose one of the answers."
    if not problems:
        conditional = any(block.get("show_if") for block in study.blocks)

        def again(place: int, arm: str) -> list[Plan]:
            return planned(study, place, background=values)

        store.save_background(token, values, again if conditional else None)
    return problems


def finish_instructions(store: Store, token: str) -> None:
    """The instructions are read; again changes nothing."""
    store.start(token)


def mark_shown(store: Store, token: str, trial_token: str) -> None:
    """Note when a trial was first shown. `TrialView.shown` tells whether it was noted already."""
    store.mark_shown(token, trial_token)


def answer(
    store: Store, token: object, trial_token: object, sent: object, show_next: bool = False
) -> Outcome:
    """Store what a browser sent for a trial, exactly once; see `study_app.answering`."""
    return answering.answer(store, token, trial_token, sent, show_next)


def log_event(store: Store, token: str, kind: str, data: Mapping[str, Any] | None = None) -> None:
    """Append to the log of a participant who has joined; others leave no trace."""
    if is_ours(store, token) and store.assignment(token) is not None:
        store.log(kind, token=token, data=data)


def withdraw(store: Store, code: str) -> bool:
    """Delete all that the participant with this withdrawal code gave; False if there is none."""
    return store.withdraw(receipt(store, code))


def _newcomer(store: Store, token: str, version: str | None) -> State:
    study = frozen(store, version) if version else None
    if store.logged("declined", store.digest("declined", token)):
        return State(token, Page.DECLINED, study)
    if version and store.status(version) == Status.CLOSED:
        return State(token, Page.CLOSED, study)
    return State(token, Page.CONSENT, study)


def _view(row: Mapping[str, Any], asked: Trial) -> TrialView:
    return TrialView(
        token=row["token"],
        position=row["position"],
        total=row["total"],
        role=row["role"],
        type=row["type"],
        view=trials.load(row["type"]).view(asked),
        shown=row["shown_at"] is not None,
        practice=row["practice"],
    )


def _pictures(study: Frozen, row: Mapping[str, Any]) -> tuple[str, ...]:
    face = study.item(row["role"], row["item"])["picture"]
    return tuple(dict.fromkeys([face, *(Offer(*offer).sha256 for offer in row["options"])]))
