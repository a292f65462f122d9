"""Answers summed up by the database: what a million rows come down to, without reading them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true

from db.database import Database
from db.records import Mode, Table
from db.schema import assignment, background, response, response_option, trial, trial_option

MAIN, ATTENTION = "main", "attention"
_MANY = 1000  # participants from which on a second connection saves more than it costs


class Aggregates(Database):
    """Sums over the answers to one version of a study, in one mode."""

    def cells(self, *, version: str, mode: Mode | str = Mode.LIVE, options: Sequence[str]) -> Table:
        """What each participant answered about each option in the main questions, summed up.

        Columns: number (of the participant), rows (how many answers about any option), and for
        each option, under its place from 0: ``count_0`` (how many answers), ``total_0`` (the sum
        of their values, None if there are none).

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
            options: which options.
        """
        a, t, o, v = assignment.c, trial.c, trial_option.c, response_option.c
        sums: list[ColumnElement[Any]] = []
        for place, option in enumerate(options):
            value = case((o.option == option, v.value))
            sums += [
                func.count(value).label(f"count_{place}"),
                func.sum(value).label(f"total_{place}"),
            ]
        query = (
            select(a.number, func.count().label("rows"), *sums)
            .select_from(assignment)
            .join(trial, t.assignment == a.id)
            .join(response_option, v.trial == t.id)
            .join(trial_option, and_(o.trial == t.id, o.position == v.position))
            .where(t.role == MAIN)
            .group_by(a.number)
        )
        return self._in_parts(query, version, mode)

    def people(
        self, *, version: str, mode: Mode | str = Mode.LIVE, questions: Sequence[str] = ()
    ) -> Table:
        """The participants with their background, without dates; `Store.participants` tells more.

        Columns: number, participant (random id), mode, state, ended, arm, language, and for each
        question, under its place from 0: ``answer_0`` (the key of a choice, or None).

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
            questions: ids of background questions.
        """
        a = assignment.c
        given = {name: background.alias() for name in questions}
        query = select(
            a.number,
            a.participant,
            a.mode,
            a.state,
            a.ended,
            a.arm,
            a.language,
            *(table.c.value.label(f"answer_{n}") for n, table in enumerate(given.values())),
        )
        source: Any = assignment
        for name, table in given.items():
            mine = and_(table.c.assignment == a.id, table.c.question == name)
            source = source.outerjoin(table, mine)
        return self._in_parts(query.select_from(source).order_by(a.number), version, mode)

    def walks(self, *, version: str, mode: Mode | str = Mode.LIVE, fast_ms: float = 0) -> Table:
        """What each participant's answers were like as a whole; who answered nothing is left out.

        Columns: number (of the participant), rt_ms (sum of all response times, None where none was
        measured), checks and passed (attention checks answered, and answered rightly). Of the main
        questions: questions (how many were answered), scale_from and scale_to (the first and the
        last of their scales, by the alphabet), timed (how many have a response time), fast (how
        many one below ``fast_ms``), slowest_fast and fastest_slow (the response times next to
        ``fast_ms`` on its two sides, which tell whether the median is below).

        Arguments:
            version: hash of the version.
            mode: live, pilot, test or simulated.
            fast_ms: a response time in milliseconds.
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
                _count(main).label("questions"),
                func.min(case((main, r.scale))).label("scale_from"),
                func.max(case((main, r.scale))).label("scale_to"),
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

    def fast_answers(self, *, version: str, mode: Mode | str = Mode.LIVE, fast_ms: float) -> Table:
        """The answers to main questions that took less than ``fast_ms`` milliseconds, one by one.

        Columns: number (of the participant), trial, option, value.
        """
        a, t, r, o, v = assignment.c, trial.c, response.c, trial_option.c, response_option.c
        query = (
            select(a.number, t.id.label("trial"), o.option, v.value)
            .select_from(assignment)
            .join(trial, t.assignment == a.id)
            .join(response, r.trial == t.id)
            .join(response_option, v.trial == t.id)
            .join(trial_option, and_(o.trial == t.id, o.position == v.position))
            .where(t.role == MAIN, r.rt_ms < fast_ms)
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
                # The driver's own tuples: a row object for each of many rows takes longer.
                return Table(tuple(result.keys()), list(map(tuple, result.cursor.fetchall())))

        if middle < _MANY // 2:
            return part(true())
        number = assignment.c.number
        with ThreadPoolExecutor(2) as pool:
            parts = list(pool.map(part, (number <= middle, number > middle)))
        return Table(parts[0].columns, [row for found in parts for row in found.rows])


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
