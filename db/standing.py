"""Where a study stands just now: who is where, how many of each kind there are, since when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select, union_all

from db import places
from db.assignments import LEASE
from db.database import Database
from db.records import Mode, Stage, Table
from db.schema import assignment, background, response, trial


class Standing(Database):
    """What changes by the minute, by a few indexed queries; never tokens."""

    def under_way(self, *, version: str, mode: Mode | str = Mode.LIVE) -> Table:
        """Who was seen within the last hour and has not finished, the latest first.

        Columns: number, arm, language, state, trials (planned), answered, consented_at, and since
        (UTC): when they did the last thing that was stored, and the present page began.

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
        """
        a, t = assignment.c, trial.c
        planned = select(func.count()).where(t.assignment == a.id).scalar_subquery()
        answered = (
            select(func.count())
            .select_from(trial)
            .join(response, response.c.trial == t.id)
            .where(t.assignment == a.id)
            .scalar_subquery()
        )
        query = (
            select(
                a.number,
                a.arm,
                a.language,
                a.state,
                planned.label("trials"),
                answered.label("answered"),
                a.consented_at,
                a.lease_until,
            )
            .where(a.version == version, a.mode == Mode(mode))
            .where(places.under_way(), a.lease_until > datetime.now(UTC))
            .order_by(a.lease_until.desc(), a.number)
        )
        with self.reading() as connection:
            result = connection.execute(query)
            columns = (*tuple(result.keys())[:-1], "since")
            return Table(columns, [(*row[:-1], row.lease_until - LEASE) for row in result.all()])

    def ways(self, *, version: str, mode: Mode | str = Mode.LIVE) -> Table:
        """How far each participant came, in one pass over the answers.

        Columns: number, state, ended, answered (up to which position), rt_ms (sum of all response
        times, None where none was measured), checks and passed (attention checks answered, and
        answered rightly).

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
        """
        a, t, r = assignment.c, trial.c, response.c
        check = t.role == "attention"
        sums = (
            select(
                a.id,
                # Not how many: rounds of practice that were not needed leave positions empty.
                func.max(t.position).label("answered"),
                func.sum(r.rt_ms).label("rt_ms"),
                func.count(case((check, 1))).label("checks"),
                func.count(case((and_(check, r.correct.is_(True)), 1))).label("passed"),
            )
            .select_from(assignment)
            .join(trial, t.assignment == a.id)
            .join(response, r.trial == t.id)
            .where(a.version == version, a.mode == Mode(mode))
            .group_by(a.id)
            .subquery()
        )
        s = sums.c
        answered, checks, passed = (
            func.coalesce(s[name], 0).label(name) for name in ("answered", "checks", "passed")
        )
        query = (
            select(a.number, a.state, a.ended, answered, s.rt_ms, checks, passed)
            .select_from(assignment.outerjoin(sums, s.id == a.id))
            .where(a.version == version, a.mode == Mode(mode))
        )
        with self.reading() as connection:
            result = connection.execute(query)
            # The driver's own tuples: a row object for each of many rows takes longer.
            return Table(tuple(result.keys()), list(map(tuple, result.cursor.fetchall())))

    def most_trials(self, *, version: str, mode: Mode | str = Mode.LIVE) -> int:
        """How many trials the participant has who has most; 0 without any."""
        a, t = assignment.c, trial.c
        query = select(func.max(t.position)).select_from(assignment).join(trial)
        here = query.where(a.version == version, a.mode == Mode(mode))
        with self.reading() as connection:
            return connection.execute(here).scalar() or 0

    def moments(
        self, *, version: str, mode: Mode | str = Mode.LIVE, most: int = 200
    ) -> list[tuple[str, datetime, int]]:
        """How many had consented and completed at some moments, in their order.

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
            most: about how many moments of each kind; the first and the last are among them.

        Returns: ``consented`` or ``completed``, when (UTC), and how many had until then.
        """
        a, parts = assignment.c, []
        for kind, column in (("consented", a.consented_at), ("completed", a.completed_at)):
            ranked = (
                select(
                    column.label("at"),
                    func.row_number().over(order_by=column).label("people"),
                    func.count().over().label("total"),
                )
                .where(a.version == version, a.mode == Mode(mode), column.is_not(None))
                .subquery()
            )
            r = ranked.c
            thin = (r.people - 1) % (r.total // most + 1) == 0
            parts.append(
                select(literal(kind).label("kind"), r.at, r.people).where(
                    or_(thin, r.people == r.total)
                )
            )
        both = union_all(*parts).subquery()
        query = select(both).order_by(both.c.kind.desc(), both.c.people)
        with self.reading() as connection:
            return [(row.kind, row.at, row.people) for row in connection.execute(query)]

    def standing(self, *, version: str, mode: Mode | str = Mode.LIVE, by: str = "") -> Table:
        """How many take part in groups, in all versions of a version's study: as caps count.

        Columns: group (None: unknown so far), consented (whoever has not withdrawn), completed,
        under_way (with a live lease: who holds a place).

        Arguments:
            version: hash of one version.
            mode: live, pilot, test or simulated.
            by: ``arm``, ``language`` or a background question; all together if empty.
        """
        a, now = assignment.c, datetime.now(UTC)
        source: Any = assignment
        group: Any
        if by in ("arm", "language"):
            group = a[by]
        elif by:
            b = background.c
            source = assignment.outerjoin(background, and_(b.assignment == a.id, b.question == by))
            group = b.value
        else:
            group = literal("")
        done = a.state == Stage.COMPLETED
        query = (
            select(
                group.label("group"),
                func.count().label("consented"),
                func.count(case((done, 1))).label("completed"),
                func.count(case((and_(places.holding(now), ~done), 1))).label("under_way"),
            )
            .select_from(source)
            .where(places.of_study(version), a.mode == Mode(mode), a.state != Stage.WITHDRAWN)
            .group_by(group)
        )
        with self.reading() as connection:
            result = connection.execute(query)
            return Table(tuple(result.keys()), [tuple(row) for row in result.all()])
