"""The participant's way through a study, as functions of (database, token).

Nothing is remembered here: each page is derived from the token in the URL and the database, so a
reload, a second tab, a restarted server or another process all show the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.records import PREFER_NOT, Ending, Mode, Offer, Plan, Stage
from db.store import Store
from study_app import trials
from study_app.frozen import Frozen, frozen
from study_app.languages import preferred
from study_app.orders import arms
from study_app.orders.practice import round_of
from study_app.orders.sequence import planned
from study_app.participation import answering, joining
from study_app.participation.answering import Outcome, trial_of
from study_app.participation.arrival import NOBODY, Arrival
from study_app.participation.feedback import Feedback, pending
from study_app.participation.joining import give_consent, join
from study_app.participation.pages import OF_ENDING, OF_STAGE, Page
from study_app.participation.tokens import is_ours, new_token, receipt, withdrawal_code
from study_app.trials import Trial

__all__ = [
    "Outcome", "Page", "State", "TrialView", "answer", "finish_instructions", "give_consent",
    "go_on", "join", "log_event", "mark_shown", "new_token", "save_background", "speak", "state",
    "withdraw",
]  # fmt: skip


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
        practice: the last position before those that count.
        attempt: which round of practice it belongs to, from 1.
    """

    token: str
    position: int
    total: int
    role: str
    type: str
    view: Mapping[str, Any]
    shown: bool
    practice: int = 0
    attempt: int = 1


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
        feedback: on what was answered for this trial, which was for practice; else None.
        preload: SHA-256 of the pictures of the trial after this one.
        answered, total: progress over the positions of all trials; 0 of 0 before joining.
        completion_code: on the page ``debriefing``.
        withdrawal_code: from joining on; the participant may note it.
        language: the one that they have chosen; None before joining and in studies of one.
    """

    token: str
    page: Page
    study: Frozen | None = None
    mode: Mode | None = None
    trial: TrialView | None = None
    asked: Trial | None = None
    feedback: Feedback | None = None
    preload: tuple[str, ...] = ()
    answered: int = 0
    total: int = 0
    completion_code: str | None = None
    withdrawal_code: str | None = None
    language: str | None = None


def state(
    store: Store,
    token: object,
    version: str | None = None,
    mode: Mode | None = None,
    came: Arrival = NOBODY,
    wishes: Sequence[str | None] = (),
) -> State | None:
    """Where a participant is.

    Arguments:
        token: whatever stands in the URL.
        version: the version that newcomers would join; its consent text is then in the state.
        mode: the mode that they would join in; live if None.
        came: what a panel says about them.
        wishes: languages in which they would like to read, as long as they have chosen none.

    Returns: None for a token that is not ours. The state's token is another one when a panel sends
    a person again, see `study_app.participation.joining.greet`.
    """
    if not isinstance(token, str) or not is_ours(store, token):
        return None
    row = store.assignment(token)
    if row is None:
        return _newcomer(store, token, version, mode, came, wishes)
    wishes = [row["language"], *wishes]
    study, page = _spoken(store, row["version"], wishes), OF_STAGE[Stage(row["state"])]
    if row["ended"] is not None:
        page = OF_ENDING[Ending(row["ended"])]
    elif joining.is_late(study, row):
        store.end(token, Ending.TIMED_OUT)
        return state(store, token, version, wishes=wishes)
    here = State(token, page, study, Mode(row["mode"]), language=row["language"])
    if page == Page.WITHDRAWN:
        return here
    here = replace(here, withdrawal_code=withdrawal_code(store, token))
    if page == Page.DEBRIEFING:
        total = store.count_trials(row["id"])
        code = row["completion_code"]
        return replace(here, completion_code=code, answered=total, total=total)
    if page in OF_ENDING.values():
        return here
    left = store.open_trials(row["id"])
    if not left:  # the last answer came in another tab since we looked
        return state(store, token, version, wishes=wishes)
    here = replace(here, answered=left[0]["position"] - 1, total=left[0]["total"])
    if page != Page.TRIAL:
        return replace(here, preload=_pictures(study, left[0]))
    if (told := pending(store, study, row["id"], left[0])) is not None:
        answered, asked, words = told
        here = replace(here, trial=_view(answered, asked), asked=asked, feedback=words)
        return replace(here, preload=_pictures(study, left[0]))
    after = _pictures(study, left[1]) if len(left) > 1 else ()
    asked = trial_of(study, left[0])
    return replace(here, trial=_view(left[0], asked), asked=asked, preload=after)


def save_background(store: Store, token: str, answers: Mapping[str, Any]) -> dict[str, str]:
    """Store the answers to the background questions, all of them or none.

    Arguments:
        answers: question id → key of a choice, or `db.records.PREFER_NOT`.

    Returns: question id → what is missing in plain words; empty when all is well.
    """
    row = store.assignment(token)
    if row is None or row["state"] != Stage.BACKGROUND:
        return {}
    study = frozen(store, row["version"], row["language"])
    problems, values = {}, {}
    for question in study.background:
        name, choice = question["id"], answers.get(question["id"])
        if isinstance(choice, str) and (choice in question["choices"] or choice == PREFER_NOT):
            values[name] = choice
        else:
            problems[name] = study.words["background_missing"]
    if not problems:
        conditional = any(block.get("show_if") for block in study.blocks)

        def again(place: int, arm: str) -> list[Plan]:
            return planned(arms.in_arm(study, arm), place, background=values)

        store.save_background(
            token,
            values,
            again if conditional else None,
            ending=Ending.SCREENED_OUT if joining.screened_out(study, values) else None,
            quotas=joining.quotas(study, Mode(row["mode"]), values),
        )
    return problems


def speak(store: Store, token: str, language: str) -> None:
    """Go on in this language; a change is kept as an event. Again changes nothing."""
    row = store.assignment(token) if is_ours(store, token) else None
    if row is None or language not in frozen(store, row["version"]).languages:
        return
    if store.speak(token, language) and row["language"] is not None:
        store.log("language", token=token, data={"from": row["language"], "to": language})


def finish_instructions(store: Store, token: str, choice: object = None) -> str:
    """The instructions are read; again changes nothing.

    Arguments:
        choice: the answer to the question about them, where the study asks one.

    Returns: why the questions do not begin yet, in plain words; empty if they do.
    """
    row = store.assignment(token)
    if row is None or row["state"] != Stage.INSTRUCTIONS:
        return ""
    study = frozen(store, row["version"], row["language"])
    check = study.instruction_check
    if check is None:
        store.start(token)
        return ""
    if not isinstance(choice, str) or choice not in check["choices"]:
        return study.words["background_missing"]
    right = choice == check["right"]
    ends = check.get("on_fail") == "end"
    over = store.check_instructions(token, choice, right, check["attempts"], ends)
    return "" if over else study.words["instructions_wrong"]


def mark_shown(store: Store, token: str, trial_token: str) -> None:
    """Note when a trial was first shown. `TrialView.shown` tells whether it was noted already."""
    store.mark_shown(token, trial_token)


def answer(
    store: Store, token: object, trial_token: object, sent: object, show_next: bool = False
) -> Outcome:
    """Store what a browser sent for a trial, exactly once; see `answering`."""
    return answering.answer(store, token, trial_token, sent, show_next)


def go_on(store: Store, token: object, trial_token: object) -> None:
    """The feedback on this trial is read: the next one is shown. Again changes nothing."""
    here = state(store, token)
    if here is None or here.trial is None or here.feedback is None:
        return
    if here.trial.token == trial_token:
        store.mark_shown(here.token, here.feedback.following)


def log_event(store: Store, token: str, kind: str, data: Mapping[str, Any] | None = None) -> None:
    """Append to the log of a participant who has joined; others leave no trace."""
    if is_ours(store, token) and store.assignment(token) is not None:
        store.log(kind, token=token, data=data)


def withdraw(store: Store, code: str) -> bool:
    """Delete all that the participant with this withdrawal code gave; False if there is none."""
    return store.withdraw(receipt(store, code))


def _newcomer(
    store: Store,
    token: str,
    version: str | None,
    mode: Mode | None,
    came: Arrival,
    wishes: Sequence[str | None],
) -> State:
    if version is None:
        return State(token, Page.CONSENT)
    page, known = joining.greet(store, token, version, mode or Mode.LIVE, came)
    if known != token and (there := state(store, known, version, wishes=wishes)) is not None:
        return there
    return State(token, page, _spoken(store, version, wishes))


def _spoken(store: Store, version: str, wishes: Sequence[str | None]) -> Frozen:
    study = frozen(store, version)
    if len(study.languages) == 1:
        return study
    return frozen(store, version, preferred(wishes, study.languages))


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
        attempt=round_of(row),
    )


def _pictures(study: Frozen, row: Mapping[str, Any]) -> tuple[str, ...]:
    face = study.item(row["role"], row["item"])["picture"]
    shown = [face, *(Offer(*offer).sha256 for offer in row["options"])]
    return tuple(dict.fromkeys(filter(None, shown)))
