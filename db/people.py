"""Who somebody is: panels' ids, kept apart from all else as keyed hashes."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from db.database import Database, insert_or_nothing
from db.records import Mode
from db.schema import assignment, external_id, participant, study_version


class People(Database):
    """Knowing a person again who came by a panel."""

    def arrivals(self, external: str, version: str, mode: Mode) -> list[dict[str, Any]]:
        """How a person takes part in any version of the same study, the latest first.

        Arguments:
            external: keyed hash of a panel's id of the person.
            version: a version of the study.
            mode: live, pilot, test or simulated.

        Returns: ``token`` and ``arrival`` of each participation.
        """
        a, v, study = assignment.c, study_version.c, study_version.alias()
        query = (
            select(a.token, a.arrival)
            .join(external_id, external_id.c.participant == a.participant)
            .join(study_version, v.hash == a.version)
            .join(study, study.c.study == v.study)
            .where(external_id.c.digest == external, study.c.hash == version, a.mode == mode)
            .order_by(a.id.desc())
        )
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def is_of(self, token: str, external: str) -> bool:
        """Whether the participant with this token is the person with this external id."""
        query = (
            select(external_id.c.digest)
            .join(assignment, assignment.c.participant == external_id.c.participant)
            .where(assignment.c.token == token, external_id.c.digest == external)
        )
        with self.reading() as connection:
            return connection.execute(query).first() is not None


def person(connection: Connection, external: str | None, now: datetime) -> str:
    """The person with this keyed hash of a panel's id; a new one if it is not known, or None."""
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
