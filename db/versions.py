"""Frozen versions of studies: stored once by the hash of their text, never changed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, update

from db.database import Database, insert_or_nothing
from db.errors import StoreError
from db.records import Status
from db.schema import study, study_version

# What may follow: a version that took live answers never goes back to being changed or frozen.
_NEXT = {
    Status.DRAFT: {Status.FROZEN},
    Status.FROZEN: {Status.LIVE, Status.CLOSED},
    Status.LIVE: {Status.CLOSED},
    Status.CLOSED: {Status.LIVE},
}


class Versions(Database):
    """The study versions of a database."""

    def add_version(self, study_id: str, frozen: str, status: Status = Status.FROZEN) -> str:
        """Store a frozen text; the same text again changes nothing.

        Arguments:
            study_id: the study file's ``id``.
            frozen: canonical JSON of the whole study.
            status: ``draft`` or ``frozen``.

        Returns: the version: SHA-256 of the text, 64 hexadecimal digits.
        """
        version = hashlib.sha256(frozen.encode()).hexdigest()
        now = datetime.now(UTC)

        def work(connection: Connection) -> str:
            insert_or_nothing(connection, study, id=study_id, created_at=now)
            # Numbers count up within a study: hold its row until this one is stored.
            connection.execute(select(study).where(study.c.id == study_id).with_for_update())
            known = select(study_version.c.hash).where(study_version.c.hash == version)
            if connection.execute(known).first() is None:
                last = select(func.max(study_version.c.number)).where(
                    study_version.c.study == study_id
                )
                connection.execute(
                    insert(study_version).values(
                        hash=version,
                        study=study_id,
                        number=(connection.execute(last).scalar() or 0) + 1,
                        frozen=frozen,
                        status=status,
                        created_at=now,
                    )
                )
            return version

        return self.write(work)

    def versions(self) -> list[dict[str, Any]]:
        """All versions, oldest first: hash, study, number, status, created_at."""
        c = study_version.c
        query = select(c.hash, c.study, c.number, c.status, c.created_at)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(c.study, c.number)).mappings()
            return [dict(row) for row in rows]

    def frozen(self, version: str) -> str:
        """The frozen text of a version. Errors: StoreError when it is not in this database."""
        query = select(study_version.c.frozen).where(study_version.c.hash == version)
        with self.reading() as connection:
            text = connection.execute(query).scalar()
        if text is None:
            raise self._unknown(version)
        return str(text)

    def status(self, version: str) -> Status:
        """How far a version has come. Errors: StoreError when it is not in this database."""
        query = select(study_version.c.status).where(study_version.c.hash == version)
        with self.reading() as connection:
            status = connection.execute(query).scalar()
        if status is None:
            raise self._unknown(version)
        return Status(status)

    def set_status(self, version: str, status: Status) -> None:
        """Open or close a version; the same status again changes nothing.

        Errors: StoreError for an unknown version, or a step that is not allowed.
        """

        def work(connection: Connection) -> None:
            c = study_version.c
            held = select(c.status).where(c.hash == version).with_for_update()
            now = connection.execute(held).scalar()
            if now is None:
                raise self._unknown(version)
            if now == status:
                return
            if status not in _NEXT[Status(now)]:
                raise StoreError(
                    self.where,
                    f"version {version[:12]} is {now} and cannot become {status}",
                    "freeze a new version",
                )
            changed = update(study_version).where(c.hash == version)
            connection.execute(changed.values(status=status, paused_at=None))

        self.write(work)

    def pause(self, version: str, paused: bool = True) -> None:
        """Let no live newcomers in for a while, or again; whoever has begun may finish.

        A pause again changes nothing. Closing and opening end it.

        Errors: StoreError for a version that is not live.
        """
        c = study_version.c
        now = literal(datetime.now(UTC), c.paused_at.type)
        here = update(study_version).where(c.hash == version, c.status == Status.LIVE)
        if paused:
            change = here.values(paused_at=func.coalesce(c.paused_at, now))
        else:
            change = here.values(paused_at=None)
        if not self.write(lambda connection: connection.execute(change).rowcount):
            what = f"version {version[:12]} is {self.status(version)}: only a live one can pause"
            raise StoreError(self.where, what, "`whyface serve` opens it")

    def paused_at(self, version: str) -> datetime | None:
        """Since when a version takes a pause; None if it does not."""
        query = select(study_version.c.paused_at).where(study_version.c.hash == version)
        with self.reading() as connection:
            return connection.execute(query).scalar()

    def _unknown(self, version: str) -> StoreError:
        return StoreError(
            self.where,
            f"holds no study version {version[:12]}",
            "`whyface freeze` stores a study here",
        )
