"""What the analysis and the dashboard read: tidy tables and counts, never tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from db import places
from db.database import Database
from db.records import UNDER_WAY, Ending, Mode, Stage, Table
from db.schema import (
    assignment,
    background,
    event,
    response,
    response_option,
    study_version,
    trial,
    trial_option,
)


class Reading(Database):
    """Tables of a study, or of one version of it; only live data unless asked."""

    def responses(
        self,
        *,
        version: str | None = None,
        study: str | None = None,
        mode: Mode | str = Mode.LIVE,
    ) -> Table:
        """One row for each option that was answered of each trial, picked or not.

        Columns: participant (random id), assignment, version (hash), number (of the participant,
        from 1), arm, mode, state (of the assignment: participants who did not finish are here
        too), trial (id), position (from 1), block (from 0), role, type, item, shown_at,
        answered_at (UTC), rt_ms, hidden_ms, rt_source, scale, correct (true, false or None),
        option, option_position (from 1), sha256 (of the option's picture), value (None where the
        answer is a text), text (None where it is a number; never to be shown as HTML).

        Arguments:
            version: hash of one version.
            study: id of a study, all of its versions; neither: everything in the database.
            mode: live, pilot, test or simulated.
        """
        a, t, r, o = assignment.c, trial.c, response.c, trial_option.c
        query = (
            select(
                a.participant,
                a.id.label("assignment"),
                a.version,
                a.number,
                a.arm,
                a.mode,
                a.state,
                t.id.label("trial"),
                t.position,
                t.block,
                t.role,
                t.type,
                t.item,
                t.shown_at,
                r.answered_at,
                r.rt_ms,
                r.hidden_ms,
                r.rt_source,
                r.scale,
                r.correct,
                o.option,
                o.position.label("option_position"),
                o.sha256,
                response_option.c.value,
                response_option.c.text,
            )
            .select_from(assignment)
            .join(trial, t.assignment == a.id)
            .join(response, r.trial == t.id)
            .join(response_option, response_option.c.trial == t.id)
            .join(
                trial_option,
                and_(o.trial == t.id, o.position == response_option.c.position),
            )
            .where(_where(version, study, mode))
            .order_by(a.id, t.position, o.position)
        )
        return self._table(query)

    def participants(
        self,
        *,
        version: str | None = None,
        study: str | None = None,
        mode: Mode | str = Mode.LIVE,
    ) -> Table:
        """One row for each assignment, withdrawn ones too (they have no answers any more).

        Columns: participant, assignment, version, number, arm, place (whose turn in the arm's
        design it was), mode, state, ended (`db.records.Ending` or None), consent_version,
        consented_at, started_at, completed_at (UTC), language (None in studies of one language),
        trials (planned), answered, viewport_width (of the narrowest window in which they answered,
        in pixels; None where unknown), background (a dict: question → the key of a choice, or
        `db.records.PREFER_NOT`).
        """
        a = assignment.c
        trials = select(func.count()).where(trial.c.assignment == a.id).scalar_subquery()
        answered = (
            select(func.count())
            .select_from(trial)
            .join(response, response.c.trial == trial.c.id)
            .where(trial.c.assignment == a.id)
            .scalar_subquery()
        )
        width = (
            select(func.min(response.c.answer[("viewport", 0)].as_integer()))
            .select_from(trial)
            .join(response, response.c.trial == trial.c.id)
            .where(trial.c.assignment == a.id)
            .scalar_subquery()
        )
        query = select(
            a.participant,
            a.id.label("assignment"),
            a.version,
            a.number,
            a.arm,
            a.place,
            a.mode,
            a.state,
            a.ended,
            a.consent_version,
            a.consented_at,
            a.started_at,
            a.completed_at,
            a.language,
            trials.label("trials"),
            answered.label("answered"),
            width.label("viewport_width"),
        )
        here = _where(version, study, mode)
        b = background.c
        given = select(b.assignment, b.question, b.value).join(assignment).where(here)
        with self.reading() as connection:
            answers: dict[int, dict[str, str]] = {}
            for key, question, value in connection.execute(given).all():
                answers.setdefault(key, {})[question] = value
            result = connection.execute(query.where(here).order_by(a.id))
            columns = (*result.keys(), "background")
            return Table(columns, [(*row, answers.get(row.assignment, {})) for row in result.all()])

    def progress(
        self,
        *,
        version: str | None = None,
        study: str | None = None,
        mode: Mode | str = Mode.LIVE,
    ) -> dict[str, Any]:
        """Counts for the dashboard, by a few indexed queries.

        Returns: ``joined``, one count for each stage (background, instructions, trials,
        completed, withdrawn) of those for whom the study did not end before, one for each of these
        endings (screened_out, full, timed_out, failed_checks), ``active`` (under way and seen
        within the last hour), ``abandoned`` (under way, not seen), ``declined`` (refused consent),
        ``answers``, ``last_answer_at`` (UTC or None).
        """
        here = _where(version, study, mode)
        now = datetime.now(UTC)
        kind = func.coalesce(assignment.c.ended, assignment.c.state)
        kinds = select(kind, func.count()).where(here).group_by(kind)
        active = select(func.count(assignment.c.id)).where(
            here, places.under_way(), assignment.c.lease_until > now
        )
        answers = (
            select(func.count(), func.max(response.c.answered_at))
            .select_from(assignment)
            .join(trial, trial.c.assignment == assignment.c.id)
            .join(response, response.c.trial == trial.c.id)
            .where(here)
        )
        declined = select(func.count(event.c.id)).where(
            event.c.kind == "declined", _where(version, study, mode, event.c)
        )
        with self.reading() as connection:
            counts = {name.value: 0 for name in (*Stage, *Ending)}
            counts |= dict(connection.execute(kinds).all())
            n_active = connection.execute(active).scalar_one()
            n_answers, last = connection.execute(answers).one()
            n_declined = connection.execute(declined).scalar_one()
        going = sum(counts[stage] for stage in UNDER_WAY)
        return {
            "joined": sum(counts.values()),
            **counts,
            "active": n_active,
            "abandoned": going - n_active,
            "declined": n_declined,
            "answers": n_answers,
            "last_answer_at": last,
        }

    def checks(self, token: str) -> tuple[int, int]:
        """How many attention checks the participant answered, and how many of them rightly."""
        right = case((response.c.correct.is_(True), 1))
        query = (
            select(func.count(), func.count(right))
            .select_from(assignment)
            .join(trial, trial.c.assignment == assignment.c.id)
            .join(response, response.c.trial == trial.c.id)
            .where(assignment.c.token == token, trial.c.role == "attention")
        )
        with self.reading() as connection:
            answered, passed = connection.execute(query).one()
        return answered, passed

    def _table(self, query: Select[Any]) -> Table:
        with self.reading() as connection:
            result = connection.execute(query)
            return Table(tuple(result.keys()), [tuple(row) for row in result.all()])


def _where(
    version: str | None, study: str | None, mode: Mode | str, columns: Any = assignment.c
) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [columns.mode == Mode(mode)]
    if version is not None:
        parts.append(columns.version == version)
    if study is not None:
        of_study = select(study_version.c.hash).where(study_version.c.study == study)
        parts.append(columns.version.in_(of_study))
    return and_(*parts)
