"""Answers summed up by the database: what a million rows come down to, without reading them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true

from db.database import Database
from db.records import Mode, Table
from db.schema import assignment, response, response_option, trial, trial_option

MAIN, ATTENTION = "main", "attention"
_MANY = 1000  # participants from which on a second connection saves more than it costs


class Aggregates(Database):
    """Sums over the answers to one version of a study, in one mode."""

    def cells(self, *, version: str, mode: Mode | str = Mode.LIVE, fast_ms: float = 0) -> Table:
        """What each participant answered about each option in the main questions, summed up.

        Columns: number (of the participant), option, scale, fast (1 where these answers took less
        than ``fast_ms``, otherwise 0), count (how many such answers), total (the sum of their
        values). The order of the rows is not defined.

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
            fast_ms: response time in milliseconds below which answers are summed apart.
        """
        a, t, r, o, v = assignment.c, trial.c, response.c, trial_option.c, response_option.c
        fast = case((r.rt_ms < fast_ms, 1), else_=0)
        query = (
            select(
                a.number,
                o.option,
                r.scale,
                fast.label("fast"),
                func.count().label("count"),
                func.sum(v.value).label("total"),
            )
            .select_from(assignment)
            .join(trial, t.assignment == a.id)
            .join(response, r.trial == t.id)
            .join(response_option, v.trial == t.id)
            .join(trial_option, and_(o.trial == t.id, o.position == v.position))
            .where(t.role == MAIN)
            .group_by(a.number, o.option, r.scale, "fast")
        )
        return self._in_parts(query, version, mode)

    def walks(self, *, version: str, mode: Mode | str = Mode.LIVE, fast_ms: float = 0) -> Table:
        """What each participant's answers were like as a whole; who answered nothing is left out.

        Columns: number (of the participant), rt_ms (sum of all response times, None where none was
        measured), checks and passed (attention checks answered, and answered rightly), timed (main
        questions with a response time), fast (of these, below ``fast_ms``), slowest_fast and
        fastest_slow (the response times of main questions next to ``fast_ms`` on its two sides):
        enough to tell whether the median is below ``fast_ms``.

        Arguments: as for `cells`.
        """
        a, t, r = assignment.c, trial.c, response.c
        main, check = t.role == MAIN, t.role == ATTENTION
        fast, slow = and_(main, r.rt_ms < fast_ms), and_(main, r.rt_ms >= fast_ms)
        query = (
            select(
                a.number,
                func.sum(r.rt_ms).label("rt_ms"),
                _count(check).label("checks"),
                _count(and_(check, r.correct.is_(True))).label("passed"),
                _count(and_(main, r.rt_ms.is_not(None))).label("timed"),
                _count(fast).label("fast"),
                func.max(case((fast, r.rt_ms))).label("slowest_fast"),
                func.min(case((slow, r.rt_ms))).label("fastest_slow"),
            )
            .select_from(assignment)
            .join(trial, t.assignment == a.id)
            .join(response, r.trial == t.id)
            .group_by(a.number)
        )
        return self._in_parts(query, version, mode)

    def fast_trials(self, *, version: str, mode: Mode | str = Mode.LIVE, fast_ms: float) -> Table:
        """The main questions answered in less than ``fast_ms``: columns number, trial."""
        query = (
            select(assignment.c.number, trial.c.id.label("trial"))
            .join(trial, trial.c.assignment == assignment.c.id)
            .join(response, response.c.trial == trial.c.id)
            .where(trial.c.role == MAIN, response.c.rt_ms < fast_ms)
        )
        return self._in_parts(query, version, mode)

    def options_aside(self, *, version: str, mode: Mode | str = Mode.LIVE) -> list[str]:
        """The options offered in answered questions other than the main ones, sorted."""
        query = (
            select(trial_option.c.option)
            .select_from(assignment)
            .join(trial, trial.c.assignment == assignment.c.id)
            .join(response, response.c.trial == trial.c.id)
            .join(trial_option, trial_option.c.trial == trial.c.id)
            .where(trial.c.role != MAIN)
            .distinct()
        )
        return sorted({option for (option,) in self._in_parts(query, version, mode).rows})

    def _in_parts(self, query: Select[Any], version: str, mode: Mode | str) -> Table:
        """All rows of a query over the assignments, half of these read on each processor."""
        here = and_(assignment.c.version == version, assignment.c.mode == Mode(mode))
        with self.reading() as connection:
            last = connection.execute(select(func.max(assignment.c.number)).where(here)).scalar()
        middle = (last or 0) // 2

        def part(where: ColumnElement[bool]) -> Table:
            with self.reading() as connection:
                result = connection.execute(query.where(here, where))
                return Table(tuple(result.keys()), [tuple(row) for row in result])

        if middle < _MANY // 2:
            return part(true())
        number = assignment.c.number
        with ThreadPoolExecutor(2) as pool:
            parts = list(pool.map(part, (number <= middle, number > middle)))
        return Table(parts[0].columns, [row for found in parts for row in found.rows])


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
