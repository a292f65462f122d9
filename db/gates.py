"""The gate behind a round of practice: passed, tried again, or over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from db.assignments import Planner, insert_trials
from db.records import Ending
from db.schema import assignment, background, response, trial

PRACTICE, ROUNDS = "practice_passed", "practice_attempts"
"""Under which names they stand among what participants say about themselves."""


@dataclass(frozen=True)
class Gate:
    """What a round of practice must reach, and what follows if it does not.

    Arguments:
        block: the block's place in the study file, from 0.
        attempt: which round this is, from 1; stored in the ``config`` of its trials.
        attempts: how many rounds there may be.
        share: of the answers that are right or wrong so many must be right, from 0 to 1.
        ends: whether the study is over for whoever fails the last round.
        again: the trials of the next round, for a place in an arm.
    """

    block: int
    attempt: int
    attempts: int
    share: float
    ends: bool
    again: Planner


def passed(correct: Sequence[bool | None], share: float) -> bool:
    """Whether enough of a round's answers are right; those that are neither do not count.

    Example:
        >>> passed([True, False, None], 0.5), passed([True, False], 0.6), passed([None], 1)
        (True, False, True)
    """
    known = [right for right in correct if right is not None]
    return sum(known) >= math.ceil(share * len(known) - 1e-9)


def settle(connection: Connection, held: Row[Any], gate: Gate) -> None:
    """After an answer to a trial of practice: nothing more, unless it was the round's last one.

    Then the result is noted if it is final, and otherwise the next round is planned, both in the
    transaction that stores the answer.

    Arguments:
        held: the assignment, held by this transaction.
        gate: of the round that was answered.
    """
    query = (
        select(trial.c.config, response.c.trial, response.c.correct)
        .join_from(trial, response, isouter=True)
        .where(trial.c.assignment == held.id, trial.c.block == gate.block)
    )
    rows = [r for r in connection.execute(query) if r.config.get("attempt") == gate.attempt]
    if any(row.trial is None for row in rows):
        return
    right = passed([row.correct for row in rows], gate.share)
    if not right and gate.attempt < gate.attempts:
        insert_trials(connection, held.id, gate.again(held.place, held.arm))
        return
    _note(connection, held.id, right, gate.attempt)
    if not right and gate.ends:
        here = assignment.c.id == held.id
        connection.execute(update(assignment).where(here).values(ended=Ending.FAILED_CHECKS))


def _note(connection: Connection, key: int, right: bool, attempt: int) -> None:
    """Over several blocks of practice: passed if all are, and the most rounds of any."""
    b = background.c
    mine = (b.assignment == key) & b.question.in_([PRACTICE, ROUNDS])
    told_before = select(b.question, b.value).where(mine)
    before: dict[str, str] = dict(connection.execute(told_before).all())
    told = {
        PRACTICE: "yes" if right and before.get(PRACTICE, "yes") == "yes" else "no",
        ROUNDS: str(max(attempt, int(before.get(ROUNDS, 1)))),
    }
    connection.execute(delete(background).where(mine))
    rows = [{"assignment": key, "question": q, "value": v} for q, v in told.items()]
    connection.execute(insert(background), rows)
