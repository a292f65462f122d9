"""The study's door: who is let in, who is known already, and who cannot take part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from db.errors import ClosedError, NoPlaceError, TakesPartError
from db.records import UNDER_WAY, Mode, Plan, Quota, Stage, Status
from db.store import Store
from study_app.frozen import Frozen, frozen
from study_app.orders import arms
from study_app.orders.sequence import planned
from study_app.participation.arrival import NOBODY, Arrival, is_complete
from study_app.participation.pages import Page
from study_app.participation.tokens import is_ours, receipt, withdrawal_code


def greet(
    store: Store, token: str, version: str, mode: Mode, came: Arrival = NOBODY
) -> tuple[Page, str]:
    """The first page of somebody who has not joined, and the token to go on with.

    A person whom a panel sends again is known by its id, whichever version of the study they took
    part in. They go on where they were only if they come by the same session: an id alone can be
    guessed, and must not open what somebody else answered.
    """
    study = frozen(store, version)
    if came.id is not None:
        session = _digests(store, came)["arrival"]
        known = store.arrivals(external(store, came.id), version, mode)
        same = [row["token"] for row in known if session and row["arrival"] == session]
        if known:
            return (Page.CONSENT, same[0]) if same else (Page.ALREADY, token)
    if store.logged("declined", store.digest("declined", token)):
        return Page.DECLINED, token
    if store.status(version) == Status.CLOSED:
        return Page.CLOSED, token
    if mode == Mode.LIVE and store.paused_at(version) is not None:
        return Page.PAUSED, token
    if not is_complete(study, mode, came):
        return Page.INCOMPLETE, token
    cap = _cap(study, mode)
    if cap is not None and not store.places_left(version, mode, cap):
        return Page.FULL, token
    return Page.CONSENT, token


def join(store: Store, version: str, mode: Mode | str, token: str, came: Arrival = NOBODY) -> str:
    """Make participant, assignment and all trials in one transaction; again changes nothing.

    Arguments:
        version, mode: what they take part in, and why.
        token: from `new_token`.
        came: what a panel says about them, kept as keyed hashes only.

    Returns: the token to go on with: another one if this person has joined before and comes by
    the same session of the panel.

    Errors: StoreError when the version takes nobody in this mode, as ClosedError while it is closed
    or pauses, as NoPlaceError when as many as are wanted are there, as TakesPartError for a known
    person in another session; ValueError for a strange token.
    """
    if not is_ours(store, token):
        raise ValueError("a participant's token comes from new_token")
    study = frozen(store, version)

    def plan(place: int, arm: str) -> list[Plan]:
        return planned(arms.in_arm(study, arm), place)

    return store.join(
        token=token,
        version=version,
        mode=Mode(mode),
        consent_version=study.consent_version,
        receipt=receipt(store, withdrawal_code(store, token)),
        plan=plan,
        stage=Stage.BACKGROUND if study.background else Stage.INSTRUCTIONS,
        arms=lambda number: arms.preferred(study, number),
        cap=_cap(study, Mode(mode)),
        **_digests(store, came),
    )


def give_consent(
    store: Store,
    token: str,
    version: str,
    mode: Mode | str,
    agreed: bool,
    came: Arrival = NOBODY,
) -> str:
    """Join on agreement; a refusal is kept as a fact that belongs to nobody.

    Whoever refused may agree later; whoever agreed leaves by `withdraw`. Whoever agrees when it is
    too late does not join: the next page says why.

    Returns: the token to go on with, see `join`.
    """
    if agreed:
        try:
            return join(store, version, mode, token, came)
        except (ClosedError, NoPlaceError, TakesPartError):
            return token
    if is_ours(store, token) and store.assignment(token) is None:
        subject = store.digest("declined", token)
        if not store.logged("declined", subject):
            store.log("declined", version=version, mode=Mode(mode), subject=subject)
    return token


def external(store: Store, panels_id: str) -> str:
    """The keyed hash of a panel's id of a person."""
    return store.digest("external id", panels_id)


def screened_out(study: Frozen, background: Mapping[str, str]) -> bool:
    """Whether the study is not for whoever answered so about themselves."""
    rules = study.study.get("screen_out") or []
    return any(background.get(rule["question"]) in rule["is"] for rule in rules)


def quotas(study: Frozen, mode: Mode, background: Mapping[str, str]) -> Sequence[Quota]:
    """The quotas that whoever answered so falls under; none for simulated people."""
    wanted = _recruitment(study).get("quotas") or {}
    found = []
    for segment, places in wanted.items() if mode != Mode.SIMULATED else ():
        question = study.study["segments"][segment]["from"]
        choice = background.get(question, "")
        if choice in places:
            found.append(Quota(question, choice, places[choice]))
    return found


def is_late(study: Frozen, row: Mapping[str, Any]) -> bool:
    """Whether a participant under way has used up the time of the study.

    Arguments:
        row: the columns of their assignment.
    """
    minutes = _recruitment(study).get("maximum_minutes")
    if not minutes or row["state"] not in UNDER_WAY or row["ended"] is not None:
        return False
    return datetime.now(UTC) - row["consented_at"] > timedelta(minutes=minutes)


def _digests(store: Store, came: Arrival) -> dict[str, str | None]:
    session = came.session
    return {
        "external": None if came.id is None else external(store, came.id),
        "arrival": None if session is None else store.digest("arrival", session),
    }


def _cap(study: Frozen, mode: Mode) -> int | None:
    return None if mode == Mode.SIMULATED else _recruitment(study).get("cap")


def _recruitment(study: Frozen) -> Mapping[str, Any]:
    return study.study.get("recruitment") or {}
