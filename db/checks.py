"""The question about the instructions: its last choice, and how often it was tried."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from db.assignments import LEASE, by_token
from db.database import Database
from db.records import Ending, Stage
from db.schema import assignment, background

CHECK, ATTEMPTS = "instruction_check", "instruction_attempts"
"""Under which names they stand among what participants say about themselves."""


class Checks(Database):
    """Whether participants have read what they are to do."""

    def check_instructions(
        self, token: str, choice: str, right: bool, attempts: int, ends: bool = False
    ) -> bool:
        """Store a choice; the trials begin if it is right, or was the last attempt.

        Arguments:
            token: the participant's.
            choice: the key of what they chose.
            right: whether that is right.
            attempts: how often it may be tried.
            ends: the study is over for whoever has tried so often in vain.

        Returns: whether the instructions are over for them, now or before.
        """
        now = datetime.now(UTC)

        def work(connection: Connection) -> bool:
            row = by_token(connection, token, hold=True)
            if row is None or row.state != Stage.INSTRUCTIONS or row.ended is not None:
                return True
            b = background.c
            mine = b.assignment == row.id
            before = connection.execute(select(b.value).where(mine, b.question == ATTEMPTS))
            tried = int(before.scalar() or 0) + 1
            connection.execute(delete(background).where(mine, b.question.in_([CHECK, ATTEMPTS])))
            told = {CHECK: choice, ATTEMPTS: str(tried)}
            rows = [{"assignment": row.id, "question": q, "value": v} for q, v in told.items()]
            connection.execute(insert(background), rows)
            values: dict[str, Any] = {"lease_until": now + LEASE}
            over = right or tried >= attempts
            if over and ends and not right:
                values |= {"ended": Ending.FAILED_CHECKS}
            elif over:
                values |= {"state": Stage.TRIALS, "started_at": now}
            connection.execute(update(assignment).where(assignment.c.id == row.id).values(values))
            return over

        return self.write(work)
