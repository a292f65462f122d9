"""Participants: one assignment each, made together with all of its trials."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from db import people, places
from db.database import Database
from db.errors import ClosedError, NoPlaceError, StoreError, TakesPartError
from db.records import Ending, Mode, Plan, Quota, Stage, Status
from db.schema import (
    assignment,
    background,
    study_version,
    trial,
    trial_option,
)

LEASE = timedelta(hours=1)
"""A participant who has done nothing for this long counts as gone; they may still come back."""

Planner = Callable[[int, str], Sequence[Plan]]
"""The trials of a place in an arm."""

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
        plan: Planner,
        stage: Stage = Stage.BACKGROUND,
        external: str | None = None,
        arrival: str | None = None,
        arms: Callable[[int], Sequence[str]] = lambda number: ("",),
        cap: int | None = None,
    ) -> str:
        """Make participant, assignment, trials and offered options in one transaction.

        The same token again changes nothing. A person whose external id is known in this version
        and mode gets the token that they have already if they come by the same arrival: an id
        alone can be guessed.

        The arm is the one in which the fewest hold a place, and the place the lowest that is free
        in it; see `db.places`.

        Arguments:
            token: unguessable, chosen by the caller.
            version, mode: what they take part in, and why.
            consent_version: the text that they agreed to.
            receipt: hash of the code by which they can withdraw.
            plan: the trials of a place, counting from 1, in an arm; called in the transaction,
                because only there the place is certain.
            stage: where they go next.
            external: keyed hash of a panel's id of the person.
            arrival: keyed hash of what the panel calls this participation.
            arms: the arms in the order in which the n-th participant would take them.
            cap: so many may finish, in all versions of the study; nobody else joins while as many
                hold a place.

        Returns: the token to go on with.

        Errors: StoreError when the version does not take participants in this mode, as ClosedError
        while it is closed or pauses; NoPlaceError; TakesPartError for a known person who did not
        come by the same arrival.
        """
        now = datetime.now(UTC)

        def work(connection: Connection) -> str:
            # Everybody who joins this version passes here one after the other.
            c = study_version.c
            held = select(c.status, c.paused_at).where(c.hash == version).with_for_update()
            status, paused = connection.execute(held).first() or (None, None)
            if by_token(connection, token) is not None:
                return token
            open_to = {Status.LIVE} if mode == Mode.LIVE else {Status.FROZEN, Status.LIVE}
            if status == Status.CLOSED or (mode == Mode.LIVE and paused):
                why = "is closed" if status == Status.CLOSED else "takes a pause"
                raise ClosedError(self.where, f"version {version[:12]} {why}")
            if status is None or Status(status) not in open_to:
                what = f"version {version[:12]} takes no {mode} participants (it is {status})"
                raise StoreError(self.where, what)
            person = people.person(connection, external, now)
            c = assignment.c
            here = (c.version == version) & (c.mode == mode)
            known = select(c.token, c.arrival).where(here & (c.participant == person))
            if (other := connection.execute(known).first()) is not None:
                if arrival is None or other.arrival != arrival:
                    raise TakesPartError(self.where, "this person takes part already")
                return str(other.token)
            if cap is not None and places.held(connection, version, mode, now) >= cap:
                raise NoPlaceError(self.where, f"all {cap} places are taken")
            last = connection.execute(select(func.max(c.number)).where(here)).scalar() or 0
            arm = places.emptiest(connection, version, mode, arms(last + 1), now)
            place = places.next_place(connection, version, mode, arm, now)
            values: dict[str, Any] = {
                "participant": person,
                "version": version,
                "mode": mode,
                "number": last + 1,
                "arm": arm,
                "place": place,
                "state": stage,
                "token": token,
                "consent_version": consent_version,
                "consented_at": now,
                "receipt": receipt,
                "lease_until": now + LEASE,
                "arrival": arrival,
            }
            key = connection.execute(insert(assignment).values(values)).inserted_primary_key
            assert key is not None
            insert_trials(connection, key[0], plan(place, arm))
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
        plan: Planner | None = None,
        *,
        ending: Ending | None = None,
        quotas: Sequence[Quota] = (),
    ) -> bool:
        """Store all background answers and go on to the instructions; False if it was done.

        Arguments:
            token: the participant's.
            values: question → answer.
            plan: the trials of a place in an arm, where they depend on these answers; they
                replace those planned on joining, none of which was shown yet.
            ending: the study ends here for whoever answered so.
            quotas: those that these answers fall under; where one has no place left, the study
                ends here too.
        """

        def work(connection: Connection) -> bool:
            row = by_token(connection, token, hold=True)
            if row is None or row.state != Stage.BACKGROUND or row.ended is not None:
                return False
            end = ending
            if quotas and end is None:
                # Two who want the last place pass here one after the other.
                here = study_version.c.hash == row.version
                connection.execute(select(study_version.c.hash).where(here).with_for_update())
                if places.full(connection, row.version, row.mode, quotas, datetime.now(UTC)):
                    end = Ending.FULL
            answers = [
                {"assignment": row.id, "question": question, "value": value}
                for question, value in values.items()
            ]
            if answers:
                connection.execute(insert(background), answers)
            if plan is not None or end is not None:
                theirs = select(trial.c.id).where(trial.c.assignment == row.id)
                connection.execute(delete(trial_option).where(trial_option.c.trial.in_(theirs)))
                connection.execute(delete(trial).where(trial.c.assignment == row.id))
            if plan is not None and end is None:
                insert_trials(connection, row.id, plan(row.place, row.arm))
            _move(connection, row.id, state=Stage.INSTRUCTIONS, ended=end)
            return True

        return self.write(work)

    def speak(self, token: str, language: str) -> bool:
        """Note the language in which somebody takes part; False if it was noted already."""

        def work(connection: Connection) -> bool:
            row = by_token(connection, token, hold=True)
            if row is None or row.language == language:
                return False
            here = assignment.c.id == row.id
            connection.execute(update(assignment).where(here).values(language=language))
            return True

        return self.write(work)

    def start(self, token: str) -> bool:
        """The instructions are read, the trials begin; False if it was done."""

        def work(connection: Connection) -> bool:
            row = by_token(connection, token, hold=True)
            if row is None or row.state != Stage.INSTRUCTIONS or row.ended is not None:
                return False
            _move(connection, row.id, state=Stage.TRIALS, started_at=datetime.now(UTC))
            return True

        return self.write(work)

    def end(self, token: str, ending: Ending) -> bool:
        """The study ends here for a participant under way, who keeps what they gave.

        Returns: False if it was over for them.
        """
        ending_here = (
            update(assignment)
            .where(assignment.c.token == token, places.under_way())
            .values(ended=ending)
        )
        return self.write(lambda connection: connection.execute(ending_here).rowcount == 1)


def insert_trials(connection: Connection, key: int, plans: Sequence[Plan]) -> None:
    """Store the planned trials of an assignment, and what each of them offers."""
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
    new = trial.c.position.in_([plan.position for plan in plans])
    query = select(trial.c.position, trial.c.id).where(trial.c.assignment == key, new)
    ids = {row.position: row.id for row in connection.execute(query)}
    options = [
        {"trial": ids[plan.position], **offer._asdict()} for plan in plans for offer in plan.options
    ]
    if options:
        connection.execute(insert(trial_option), options)


def _move(connection: Connection, key: int, **values: Any) -> None:
    values["lease_until"] = datetime.now(UTC) + LEASE
    connection.execute(update(assignment).where(assignment.c.id == key).values(values))
