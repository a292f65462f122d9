"""Trials and their answers: stored once, whoever sends them and however often."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, exists, func, insert, select, update

from db.assignments import LEASE, by_token
from db.database import Database, insert_or_nothing
from db.gates import Gate, settle
from db.records import Mode, Stage, Timing
from db.scale import Scale
from db.schema import assignment, event, response, response_option, trial, trial_option

Stored = Literal["stored", "already", "early", "closed"]
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is easily misread
_ANSWERED = exists().where(response.c.trial == trial.c.id)

# What each page view asks; building a statement costs more than running it, so it is done once.
_peers, _counted = trial.alias(), trial.alias()
_PRACTISED = (
    select(func.coalesce(func.max(_peers.c.position), 0))
    .where(_peers.c.assignment == bindparam("assignment"), _peers.c.role == "practice")
    .scalar_subquery()
)
_OPEN = (
    select(
        trial,
        select(func.max(_peers.c.position))
        .where(_peers.c.assignment == bindparam("assignment"))
        .scalar_subquery()
        .label("total"),
        # Rounds of practice that nobody needed leave their positions empty.
        select(func.coalesce(func.min(_counted.c.position) - 1, _PRACTISED))
        .where(_counted.c.assignment == bindparam("assignment"), _counted.c.position > _PRACTISED)
        .scalar_subquery()
        .label("practice"),
    )
    .where(trial.c.assignment == bindparam("assignment"), ~_ANSWERED)
    .order_by(trial.c.position)
    .limit(bindparam("limit"))
)
_THEIRS = (
    select(
        trial,
        assignment.c.version,
        assignment.c.state,
        assignment.c.language,
        _ANSWERED.label("answered"),
    )
    .join(assignment)
    .where(assignment.c.token == bindparam("token"), trial.c.token == bindparam("trial"))
)
_OPTIONS = (
    select(trial_option)
    .where(trial_option.c.trial.in_(bindparam("trials", expanding=True)))
    .order_by(trial_option.c.trial, trial_option.c.position)
)
_LEFT = (
    select(trial.c.id, trial.c.required)
    .where(trial.c.assignment == bindparam("assignment"), ~_ANSWERED)
    .order_by(trial.c.position)
)
_SHOW = (
    update(trial)
    .where(trial.c.id == bindparam("trial_id"), trial.c.shown_at.is_(None))
    .values(shown_at=bindparam("now", type_=trial.c.shown_at.type))
)
_GO_ON = (
    update(assignment)
    .where(assignment.c.id == bindparam("held"))
    .values(lease_until=bindparam("lease", type_=assignment.c.lease_until.type))
)
_COMPLETE = _GO_ON.values(
    state=Stage.COMPLETED,
    completed_at=bindparam("now", type_=assignment.c.completed_at.type),
    completion_code=bindparam("code"),
)
_VALUES = insert(response_option)
_DONE = select(response.c.trial).where(response.c.trial == bindparam("trial"))


def code(length: int = 10) -> str:
    """A random code that people can copy by hand: 31 letters and digits, 5 bits each."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Answers(Database):
    """What a participant is asked, and what they answered."""

    def open_trials(self, assignment_id: int, limit: int = 2) -> list[dict[str, Any]]:
        """The next unanswered trials in order, with ``options``, ``total`` and ``practice``.

        Returns: the columns of `trial`, ``options``: list of (position, option, sha256) in order
        of display, ``total``: the last position, ``practice``: the last one before those that
        count, 0 without practice.
        """
        values = {"assignment": assignment_id, "limit": limit}
        with self.reading() as connection:
            return _with_options(connection, list(connection.execute(_OPEN, values)))

    def trial(self, token: str, trial_token: str) -> dict[str, Any] | None:
        """One trial of this participant; None when it is not theirs.

        Returns: the columns of `trial`, ``options`` as in `open_trials`, ``answered`` (whether it
        is), and the assignment's ``version``, ``state`` and ``language``.
        """
        values = {"token": token, "trial": trial_token}
        with self.reading() as connection:
            found = _with_options(connection, list(connection.execute(_THEIRS, values)))
        return found[0] if found else None

    def last_answered(self, assignment_id: int, before: int) -> dict[str, Any] | None:
        """The answered trial that comes last before a position; None if there is none.

        Returns: the columns of `trial`, ``options`` as in `open_trials`, ``answer`` as it was
        kept, and ``correct``.
        """
        query = (
            select(trial, response.c.answer, response.c.correct)
            .join(response)
            .where(trial.c.assignment == assignment_id, trial.c.position < before)
            .order_by(trial.c.position.desc())
            .limit(1)
        )
        with self.reading() as connection:
            found = _with_options(connection, list(connection.execute(query)))
        return found[0] if found else None

    def count_trials(self, assignment_id: int) -> int:
        """How many trials a participant has."""
        query = select(func.count(trial.c.id)).where(trial.c.assignment == assignment_id)
        with self.reading() as connection:
            return connection.execute(query).scalar_one()

    def mark_shown(self, token: str, trial_token: str) -> bool:
        """Note when a trial of this participant was first shown; later times change nothing."""
        values = {"token": token, "trial": trial_token}
        with self.reading() as connection:
            row = connection.execute(_THEIRS, values).first()
        if row is None or row.shown_at is not None:
            return False

        def work(connection: Connection) -> bool:
            values = {"trial_id": row.id, "now": datetime.now(UTC)}
            return connection.execute(_SHOW, values).rowcount == 1

        return self.write(work)

    def store_answer(
        self,
        token: str,
        trial_id: int,
        *,
        values: Mapping[int, float],
        scale: Scale,
        answer: Mapping[str, Any],
        rt_ms: float | None,
        hidden_ms: float | None,
        rt_source: Timing,
        correct: bool | None = None,
        texts: Mapping[int, str] | None = None,
        show_next: bool = False,
        gate: Gate | None = None,
    ) -> Stored:
        """Store an answer with one row for each option that it is about, or nothing.

        The transaction that sees every required trial answered completes the assignment and
        issues its completion code.

        Arguments:
            token: the participant's.
            trial_id: one of their trials.
            values: displayed position → value; one for each option that was answered.
            scale: what the values are.
            answer: what the browser sent, kept as it came.
            rt_ms: response time in milliseconds, hidden time taken off.
            hidden_ms: for how long the page was hidden.
            rt_source: whose clock it was.
            correct: right or wrong where the trial has a right answer.
            texts: displayed position → text, beside or in place of a value.
            show_next: the next trial is shown right after this: note it in the same transaction.
            gate: for a trial of practice: what its round must reach, see `db.gates`. Which trial
                comes next is then known only afterwards, so none is noted as shown.

        Returns: ``stored``; ``already`` answered; ``early``: another trial comes first;
        ``closed``: this participant is not answering trials.
        """
        now = datetime.now(UTC)

        def work(connection: Connection) -> Stored:
            held = by_token(connection, token, hold=True)
            if held is None:
                return "closed"
            left = connection.execute(_LEFT, {"assignment": held.id}).all()
            going_on = held.state == Stage.TRIALS and held.ended is None
            if not (going_on and left and left[0].id == trial_id):
                if connection.execute(_DONE, {"trial": trial_id}).first() is not None:
                    return "already"
                return "early" if going_on else "closed"
            new = insert_or_nothing(
                connection,
                response,
                trial=trial_id,
                answered_at=now,
                rt_ms=rt_ms,
                hidden_ms=hidden_ms,
                rt_source=rt_source,
                scale=scale,
                correct=correct,
                answer=dict(answer),
            )
            if not new:
                return "already"
            words = texts or {}
            rows = [
                {
                    "trial": trial_id,
                    "position": position,
                    "value": values.get(position),
                    "text": words.get(position),
                }
                for position in sorted({*values, *words})
            ]
            if rows:
                connection.execute(_VALUES, rows)
            step = {"held": held.id, "lease": now + LEASE}
            if gate is not None:
                settle(connection, held, gate)
            elif not any(row.required for row in left[1:]):
                connection.execute(_COMPLETE, step | {"now": now, "code": code()})
                return "stored"
            connection.execute(_GO_ON, step)
            if show_next and gate is None:
                connection.execute(_SHOW, {"trial_id": left[1].id, "now": now})
            return "stored"

        return self.write(work)

    def log(
        self,
        kind: str,
        *,
        token: str | None = None,
        version: str | None = None,
        mode: Mode | None = None,
        subject: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Append an event; events are never changed.

        Arguments:
            kind: a word, such as ``declined`` or ``reload``.
            token: whose event it is; an unknown one leaves it nobody's.
            version, mode: where it happened, when there is no assignment.
            subject: a keyed hash to find it again without knowing whom it is about.
            data: plain values.
        """

        def work(connection: Connection) -> None:
            held = by_token(connection, token) if token else None
            values = {
                "at": datetime.now(UTC),
                "assignment": held.id if held else None,
                "version": held.version if held else version,
                "mode": held.mode if held else mode,
                "kind": kind,
                "subject": subject,
                "data": None if data is None else dict(data),
            }
            connection.execute(insert(event).values(values))

        self.write(work)

    def logged(self, kind: str, subject: str) -> bool:
        """Whether an event of this kind and subject is there."""
        found = select(event.c.id).where(event.c.kind == kind, event.c.subject == subject)
        with self.reading() as connection:
            return connection.execute(found.limit(1)).first() is not None


def _with_options(connection: Connection, trials: list[Row[Any]]) -> list[dict[str, Any]]:
    options: dict[int, list[tuple[int, str, str]]] = {row.id: [] for row in trials}
    for row in connection.execute(_OPTIONS, {"trials": list(options)}):
        options[row.trial].append((row.position, row.option, row.sha256))
    return [{**row._mapping, "options": options[row.id]} for row in trials]
