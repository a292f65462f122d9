"""Participants: one assignment each, made together with all of its trials."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from db.database import Database, insert_or_nothing
from db.errors import StoreError
from db.records import Mode, Plan, Stage, Status
from db.schema import (
    assignment,
    background,
    external_id,
    participant,
    study_version,
    trial,
    trial_option,
)

LEASE = timedelta(hours=1)
"""A participant who has done nothing for this long counts as gone; they may still come back."""

_BY_TOKEN = select(assignment).where(assignment.c.token == bindparam("token"))
_HELD = _BY_TOKEN.with_for_update()


def by_token(connection: Connection, token: str, hold: bool = False) -> Row[Any] | None:
    """The assignment of a token; held until the transaction ends if asked."""
    return connection.execute(_HELD if hold else _BY_TOKEN, {"token": token}).first()


class Assignments(Database):
    """Who takes part in which version, and how far they have come."""

    def join(
        self,
        *,
        token: str,
        version: str,
        mode: Mode,
        consent_version: str,
        receipt: str,
        plan: Callable[[int], Sequence[Plan]],
        stage: Stage = Stage.BACKGROUND,
        external: str | None = None,
    ) -> str:
        """Make participant, assignment, trials and offered options in one transaction.

        The same token again changes nothing. A person whose external id is known in this version
        and mode gets the token that they have already.

        Arguments:
            token: unguessable, chosen by the caller.
            version, mode: what they take part in, and why.
            consent_version: the text that they agreed to.
            receipt: hash of the code by which they can withdraw.
            plan: the trials of the n-th participant, n counting from 1; called in the
                transaction, because only there the number is certain.
            stage: where they go next.
            external: keyed hash of a panel's id.

        Returns: the token to go on with.

        Errors: StoreError when the version does not take participants in this mode.
        """
        now = datetime.now(UTC)

        def work(connection: Connection) -> str:
            # Everybody who joins this version passes here one after the other.
            held = select(study_version.c.status).where(study_version.c.hash == version)
            status = connection.execute(held.with_for_update()).scalar()
            if by_token(connection, token) is not None:
                return token
            open_to = {Status.LIVE} if mode == Mode.LIVE else {Status.FROZEN, Status.LIVE}
            if status is None or Status(status) not in open_to:
                what = f"version {version[:12]} takes no {mode} participants (it is {status})"
                raise StoreError(self.where, what)
            person = self._person(connection, external, now)
            c = assignment.c
            here = (c.version == version) & (c.mode == mode)
            known = select(c.token).where(here & (c.participant == person))
            if (other := connection.execute(known).scalar()) is not None:
                return str(other)
            last = connection.execute(select(func.max(c.number)).where(here)).scalar() or 0
            values: dict[str, Any] = {
                "participant": person,
                "version": version,
                "mode": mode,
                "number": last + 1,
                "state": stage,
                "token": token,
                "consent_version": consent_version,
                "consented_at": now,
                "receipt": receipt,
                "lease_until": now + LEASE,
            }
            key = connection.execute(insert(assignment).values(values)).inserted_primary_key
            assert key is not None
            _insert_trials(connection, key[0], plan(last + 1))
            return token

        return self.write(work)

    def assignment(self, token: str) -> dict[str, Any] | None:
        """The assignment of a token as columns and values; None when there is none."""
        with self.reading() as connection:
            row = by_token(connection, token)
        return None if row is None else dict(row._mapping)

    def save_background(
        self,
        token: str,
        values: Mapping[str, str],
        plan: Callable[[int], Sequence[Plan]] | None = None,
    ) -> bool:
        """Store all background answers and go on to the instructions; False if it was done.

        Arguments:
            token: the participant's.
            values: question → answer.
            plan: the trials of the n-th participant, where they depend on these answers; they
                replace those planned on joining, none of which was shown yet.
        """

        def work(connection: Connection) -> bool:
            row = by_token(connection, token, hold=True)
            if row is None or row.state != Stage.BACKGROUND:
                return False
            answers = [
                {"assignment": row.id, "question": question, "value": value}
                for question, value in values.items()
            ]
            if answers:
                connection.execute(insert(background), answers)
            if plan is not None:
                theirs = select(trial.c.id).where(trial.c.assignment == row.id)
                connection.execute(delete(trial_option).where(trial_option.c.trial.in_(theirs)))
                connection.execute(delete(trial).where(trial.c.assignment == row.id))
                _insert_trials(connection, row.id, plan(row.number))
            _move(connection, row.id, state=Stage.INSTRUCTIONS)
            return True

        return self.write(work)

    def start(self, token: str) -> bool:
        """The instructions are read, the trials begin; False if it was done."""

        def work(connection: Connection) -> bool:
            row = by_token(connection, token, hold=True)
            if row is None or row.state != Stage.INSTRUCTIONS:
                return False
            _move(connection, row.id, state=Stage.TRIALS, started_at=datetime.now(UTC))
            return True

        return self.write(work)

    def _person(self, connection: Connection, external: str | None, now: datetime) -> str:
        known = select(external_id.c.participant).where(external_id.c.digest == external)
        if external is not None and (person := connection.execute(known).scalar()) is not None:
            return str(person)
        new = secrets.token_hex(8)
        connection.execute(insert(participant).values(id=new, created_at=now))
        if external is None or insert_or_nothing(
            connection, external_id, digest=external, participant=new, created_at=now
        ):
            return new
        # The same person joined another version in this very moment.
        connection.execute(delete(participant).where(participant.c.id == new))
        return str(connection.execute(known).scalar_one())


def _insert_trials(connection: Connection, key: int, plans: Sequence[Plan]) -> None:
    rows = [
        {
            "assignment": key,
            "position": plan.position,
            "token": secrets.token_urlsafe(16),
            "block": plan.block,
            "role": plan.role,
            "type": plan.type,
            "item": plan.item,
            "config": plan.config,
            "required": plan.required,
        }
        for plan in plans
    ]
    connection.execute(insert(trial), rows)
    query = select(trial.c.position, trial.c.id).where(trial.c.assignment == key)
    ids = {row.position: row.id for row in connection.execute(query)}
    options = [
        {"trial": ids[plan.position], **offer._asdict()} for plan in plans for offer in plan.options
    ]
    if options:
        connection.execute(insert(trial_option), options)


def _move(connection: Connection, key: int, **values: Any) -> None:
    values["lease_until"] = datetime.now(UTC) + LEASE
    connection.execute(update(assignment).where(assignment.c.id == key).values(values))
