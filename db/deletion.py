"""Deleting what people gave: at their wish, or because its time is over. The fact is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select, update

from db.assignments import LEASE
from db.database import Database
from db.records import UNDER_WAY, Mode, Stage, Status
from db.schema import (
    assignment,
    background,
    event,
    external_id,
    response,
    response_option,
    study_version,
    trial,
    trial_option,
)

What = Literal["external-ids", "participants"]
_AT_ONCE = 500  # so many ids stand in one statement; SQLite takes 32,766


class Due(NamedTuple):
    """What a retention rule deletes: participants with their answers, panels' ids."""

    participants: int
    answers: int
    external_ids: int


class Deletion(Database):
    """Withdrawal and retention."""

    def withdraw(self, receipt: str) -> bool:
        """Delete everything that a participant gave; only the fact of a withdrawal stays.

        Arguments:
            receipt: hash of the participant's withdrawal code.

        Returns: False when no such participant is in this database.
        """

        def work(connection: Connection) -> bool:
            held = select(assignment).where(assignment.c.receipt == receipt).with_for_update()
            row = connection.execute(held).first()
            if row is None:
                return False
            _erase(connection, [row.id])
            _forget_panel(connection, external_id.c.participant == row.participant)
            return True

        done = self.write(work)
        if done:
            self._forget()
        return done

    def retain(
        self,
        what: What,
        *,
        before: datetime | None = None,
        closed: bool = False,
        study: str | None = None,
        mode: Mode | None = None,
        sure: bool = False,
    ) -> Due:
        """Delete what a retention rule says, or count what it would delete.

        Whoever is under way and was seen within the last hour is left alone.

        Arguments:
            what: ``external-ids``: the panels' ids of people all of whose participations the rule
                covers, so that somebody who is still needed elsewhere stays known there;
                ``participants``: everything that they gave, and those ids. That they took part
                stays: state ``withdrawn``, and an event ``expired`` with their state before.
            before: only who was last seen before this moment.
            closed: only versions that are closed.
            study, mode: only these; all if None.
            sure: delete; otherwise only count.

        Returns: what was, or would be, deleted.
        """
        now = datetime.now(UTC)
        covered = _covered(now, before, closed, study, mode)
        a = assignment.c

        def work(connection: Connection) -> Due:
            if what == "external-ids":
                forgettable = ~exists().where(
                    a.participant == external_id.c.participant,
                    a.state != Stage.WITHDRAWN,
                    a.id.not_in(select(a.id).where(covered)),
                )
                ids = connection.scalars(select(external_id.c.digest).where(forgettable)).all()
                if sure:
                    for some in _pieces(ids):
                        _forget_panel(connection, external_id.c.digest.in_(some))
                return Due(0, 0, len(ids))
            query = select(a.id, a.participant, a.version, a.mode, a.state)
            query = query.where(covered, a.state != Stage.WITHDRAWN).order_by(a.id)
            rows = connection.execute(query.with_for_update() if sure else query).all()
            answers = sum(
                connection.execute(_count_answers(some)).scalar_one()
                for some in _pieces(row.id for row in rows)
            )
            if not sure:
                return Due(len(rows), answers, self._lonely(connection, rows, {r.id for r in rows}))
            for some in _pieces(row.id for row in rows):
                _erase(connection, some)
            rule = {"before": before.isoformat() if before else None, "closed": closed}
            facts = [
                {
                    "at": now,
                    "assignment": row.id,
                    "version": row.version,
                    "mode": row.mode,
                    "kind": "expired",
                    "data": {"was": row.state, **rule},
                }
                for row in rows
            ]
            if facts:
                connection.execute(insert(event), facts)
            return Due(len(rows), answers, self._lonely(connection, rows, set(), sure=True))

        if not sure:
            with self.reading() as connection:
                return work(connection)
        due = self.write(work)
        self._forget()
        return due

    def _lonely(
        self, connection: Connection, rows: Iterable[Any], going: set[int], sure: bool = False
    ) -> int:
        """Panels' ids of people of whom nothing is left, or will be left; deleted if sure."""
        people = {row.participant for row in rows}
        count = 0
        a, known = assignment.c, external_id.c
        for some in _pieces(people):
            left = select(a.participant, a.id).where(
                a.participant.in_(some), a.state != Stage.WITHDRAWN
            )
            staying = {row.participant for row in connection.execute(left) if row.id not in going}
            ids = known.participant.in_(set(some) - staying)
            query = select(func.count()).select_from(external_id).where(ids)
            count += connection.execute(query).scalar_one()
            if sure:
                _forget_panel(connection, ids)
        return count

    def _forget(self) -> None:
        """Deleted pages would otherwise stay readable in SQLite's write-ahead log."""
        if self.is_sqlite:
            with closing(self.engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _covered(
    now: datetime, before: datetime | None, closed: bool, study: str | None, mode: Mode | None
) -> ColumnElement[bool]:
    a, v = assignment.c, study_version.c
    # The lease was renewed with each step: it tells when somebody was last seen.
    covered = or_(a.state.not_in(UNDER_WAY), a.ended.is_not(None), a.lease_until < now)
    if before is not None:
        covered &= a.lease_until < before + LEASE
    if closed:
        covered &= a.version.in_(select(v.hash).where(v.status == Status.CLOSED))
    if study is not None:
        covered &= a.version.in_(select(v.hash).where(v.study == study))
    if mode is not None:
        covered &= a.mode == mode
    return covered


def _count_answers(assignments: list[int]) -> Any:
    theirs = select(trial.c.id).where(trial.c.assignment.in_(assignments))
    return select(func.count()).select_from(response).where(response.c.trial.in_(theirs))


def _erase(connection: Connection, assignments: list[int]) -> None:
    """Delete answers, trials, background and events; the assignment says ``withdrawn``."""
    theirs = select(trial.c.id).where(trial.c.assignment.in_(assignments))
    for table in (response_option, response, trial_option):
        connection.execute(delete(table).where(table.c.trial.in_(theirs)))
    for table in (trial, background, event):
        connection.execute(delete(table).where(table.c.assignment.in_(assignments)))
    gone = {
        "state": Stage.WITHDRAWN,
        "started_at": None,
        "completed_at": None,
        "completion_code": None,
        "ended": None,
        "arrival": None,
        "lease_until": datetime.now(UTC) + LEASE,
    }
    mine = assignment.c.id.in_(assignments)
    connection.execute(update(assignment).where(mine).values(gone))


def _forget_panel(connection: Connection, ids: ColumnElement[bool]) -> None:
    """Delete panels' ids, and by what these people's participations could be known again."""
    people = select(external_id.c.participant).where(ids)
    theirs = update(assignment).where(assignment.c.participant.in_(people))
    connection.execute(theirs.values(arrival=None))
    connection.execute(delete(external_id).where(ids))


def _pieces(ids: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
