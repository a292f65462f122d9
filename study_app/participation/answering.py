"""An answer's way from the browser into the database. The browser is not trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from db.records import Offer, Stage, Timing
from db.store import Store
from study_app import trials
from study_app.frozen import Frozen, frozen
from study_app.orders import offering, practice
from study_app.participation.tokens import is_ours
from study_app.trials import Invalid, Trial
from study_app.wording import DEFAULT, words

_DAY_MS = 86_400_000.0
_MOST_EVENTS = 500
_MOST_PIXELS = 100_000
_MOST_BYTES = 32_768


@dataclass(frozen=True)
class Outcome:
    """What became of an answer.

    Arguments:
        kind: ``stored``; ``already``: the trial was answered before, the first answer counts;
            ``refused``: nothing was stored.
        reason: why it was refused, in words for the participant.
    """

    kind: Literal["stored", "already", "refused"]
    reason: str = ""


def answer(
    store: Store, token: object, trial_token: object, sent: object, show_next: bool = False
) -> Outcome:
    """Store what a browser sent for a trial, exactly once.

    The answer is refused unless the trial belongs to this participant, is the one they are at,
    and the values are possible. Then it is stored with one row for each option that it is about;
    the transaction that sees the last required trial answered issues the completion code.

    Arguments:
        token: the participant's.
        trial_token: the trial's, as it came from the browser.
        sent: ``{"answer": …, "rt_ms": …, "hidden_ms": …, "viewport": [width,
            height], "events": […]}``, see
            `study_app.trials`. An impossible response time is replaced by the server's.
        show_next: the next trial goes out with the reply: note that it is shown.
    """
    if not isinstance(token, str) or not is_ours(store, token):
        return _refused(Invalid("unknown_link"))
    if not isinstance(trial_token, str) or not trial_token.isascii() or "\0" in trial_token:
        return _refused(Invalid("unknown_question"))
    row = store.trial(token, trial_token)
    if row is None:
        return _refused(Invalid("unknown_question"))
    if row["answered"]:
        return Outcome("already")
    study = frozen(store, row["version"], row["language"])
    if row["state"] != Stage.TRIALS:
        return _refused(Invalid("nothing_to_answer"), study.words)
    if not isinstance(sent, Mapping):
        return _refused(Invalid("unreadable"), study.words)
    kind = trials.load(row["type"])
    try:
        checked = kind.rows(trial_of(study, row), sent.get("answer"))
    except Invalid as error:
        return _refused(error, study.words)
    rt_ms, hidden_ms = _ms(sent.get("rt_ms")), _ms(sent.get("hidden_ms"))
    source = Timing.CLIENT
    if rt_ms is None:
        rt_ms, hidden_ms, source = _since(row["shown_at"]), None, Timing.SERVER
    done = store.store_answer(
        token,
        row["id"],
        values=checked.values,
        scale=kind.SCALE,
        answer=_kept(sent),
        rt_ms=rt_ms,
        hidden_ms=hidden_ms,
        rt_source=source,
        correct=checked.correct,
        texts=checked.texts,
        show_next=show_next,
        gate=practice.gate(study, row),
    )
    if done == "early":
        return _refused(Invalid("too_early"), study.words)
    if done == "closed":
        return _refused(Invalid("nothing_to_answer"), study.words)
    return Outcome(done)


def _refused(why: Invalid, known: Mapping[str, str] = words(DEFAULT)) -> Outcome:
    return Outcome("refused", why.said(known))


def trial_of(study: Frozen, row: Mapping[str, Any]) -> Trial:
    """A stored trial as its trial type sees it.

    Arguments:
        row: the trial's columns with ``options``, as the store gives them.
    """
    block = study.blocks[row["block"]]
    expected = row["config"].get("expected_positions")
    return Trial(
        item=study.item(row["role"], row["item"]),
        prompt=block["prompt"],
        parameters=offering.parameters(block),
        options=tuple(Offer(*offer) for offer in row["options"]),
        expected=None if expected is None else tuple(expected),
    )


def _ms(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= _DAY_MS else None


def _since(shown_at: datetime | None) -> float | None:
    if shown_at is None:
        return None
    return max((datetime.now(UTC) - shown_at).total_seconds() * 1000, 0.0)


def _kept(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, cut to a decent size, as JSON that every database can keep."""
    events = sent.get("events")
    kept: dict[str, Any] = {
        "answer": sent.get("answer"),
        "onset": _number(sent.get("onset")),
        "viewport": _pixels(sent.get("viewport")),
        "events": events[:_MOST_EVENTS] if isinstance(events, list) else [],
    }
    lighter: dict[str, Any]
    for lighter in ({}, {"events": []}, {"events": [], "answer": None}):
        try:
            text = json.dumps(kept | lighter, allow_nan=False, ensure_ascii=False)
            size = len(text.encode())  # fails for half a character, which no database keeps
        except (TypeError, ValueError, RecursionError):
            continue
        if size <= _MOST_BYTES and "\\u0000" not in text:  # which PostgreSQL does not keep
            return kept | lighter
    return {}


def _pixels(size: object) -> list[int] | None:
    """Width and height of the window, or None."""
    if not isinstance(size, list) or len(size) != 2:
        return None
    numbers = [number for number in map(_number, size) if number is not None]
    whole = [round(number) for number in numbers if 0 < number <= _MOST_PIXELS]
    return whole if len(whole) == 2 else None


def _number(value: object) -> float | None:
    """A finite number, else None; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of a thousand digits
        return None
    return number if math.isfinite(number) else None
