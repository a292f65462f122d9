"""An open database: connections, transactions, and what is refused at the door."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from db.errors import StoreError
from db.opening import address, prepare, reachable, reason
from db.together import Together

T = TypeVar("T")
_TRIES = 8
# A damaged SQLite file raises the plain class; its other children are faults of ours.
_AWAY = (OperationalError, DatabaseError)
_WRITING = {"whyface_writing": True}


class Database:
    """A SQLite file or a PostgreSQL database, brought to this release's schema.

    Source: SQLite's documentation of WAL mode and of ``synchronous``.

    Arguments:
        url: ``sqlite:///file.db``, ``postgresql://user:password@host/name`` or a file's path.
        create: make the file and migrate; otherwise a missing or old database is refused.
        synchronous: SQLite's durability: ``FULL`` keeps each commit through a power cut.

    Errors: StoreError when the database cannot be used; its text never holds the password.
    """

    def __init__(
        self, url: str | os.PathLike[str], *, create: bool = True, synchronous: str = "FULL"
    ) -> None:
        self.url = address(url)
        self.where = self.url.render_as_string(hide_password=True)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        reachable(self, create)
        self.engine = self._sqlite(synchronous) if self.is_sqlite else self._postgresql()
        self._together = Together(self._transaction)
        try:
            prepare(self, create)
        except BaseException:
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one consistent state (SQLite) and changes nothing.

        Errors: StoreError when the database is away or damaged.
        """
        try:
            with self.engine.connect() as connection:
                yield connection
        except DatabaseError as error:
            if type(error) in _AWAY:
                raise self._away(error) from error
            raise

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction: all of it is stored, or nothing.

        On SQLite, which has one writer at a time, those who wait share one transaction
        (`Together`).

        A lock held by another process, a deadlock or a lost connection is tried again a few
        times, so ``work`` must find its way from the database's state alone.

        Arguments:
            work: gets the connection; its result is returned.

        Errors: StoreError when the database stays locked or away, or is damaged.
        """
        for attempt in range(_TRIES):
            try:
                if self.is_sqlite:
                    return self._together.write(work)
                with self._transaction() as connection:
                    return work(connection)
            except DatabaseError as error:
                if type(error) not in _AWAY:
                    raise
                if not _passing(error) or attempt == _TRIES - 1:
                    raise self._away(error) from error
            time.sleep(random.uniform(0.5, 1) * 0.01 * 2**attempt)
        raise AssertionError("unreachable")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(**_WRITING)
            with connection.begin():
                yield connection

    def _away(self, error: DatabaseError) -> StoreError:
        if _passing(error):
            fix = "end other programs that use it, then try again"
            return StoreError(self.where, "is locked or cannot be reached", fix)
        what = f"cannot be used: {reason(error, self)}"
        return StoreError(self.where, what, "check that its disk or server is there and writable")

    def _sqlite(self, synchronous: str) -> Engine:
        engine = sa.create_engine(
            self.url,
            connect_args={"timeout": 30, "check_same_thread": False},
            pool_size=8,
            max_overflow=64,
            pool_timeout=60,
            hide_parameters=True,  # a failed statement's text goes to logs, whose answer it is not
        )

        def connect(raw: Any, record: object) -> None:
            raw.isolation_level = None  # transactions begin in `begin` below, not in the driver
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={synchronous}",
                "foreign_keys=ON",
                "busy_timeout=30000",
                "secure_delete=ON",
            ):
                raw.execute(f"PRAGMA {pragma}")

        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get("whyface_writing"):
                # A transaction that reads first and writes later can fail half-way in WAL mode.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                # Takes no lock and cannot fail; past SQLAlchemy it costs a tenth.
                raw: Any = connection.connection.dbapi_connection
                raw.execute("BEGIN")

        event.listen(engine, "connect", connect)
        event.listen(engine, "begin", begin)
        return engine

    def _postgresql(self) -> Engine:
        try:
            return sa.create_engine(
                self.url, pool_size=8, max_overflow=20, pool_pre_ping=True, hide_parameters=True
            )
        except ModuleNotFoundError:
            raise StoreError(
                self.where,
                "needs the PostgreSQL driver, which is not installed",
                'pip install "whyface[postgres]"',
            ) from None


def insert_or_nothing(connection: Connection, table: sa.Table, **values: Any) -> bool:
    """Insert one row unless a row with its key is there; whether it was inserted."""
    statement = _insertion(table, connection.dialect.name)
    # Without the option the count of an INSERT is known on SQLite only.
    result = connection.execute(statement, values, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1


@cache
def _insertion(table: sa.Table, dialect: str) -> sa.Insert:
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    return insert(table).on_conflict_do_nothing()


def _passing(error: DBAPIError) -> bool:
    """Whether trying again may help: locks, deadlocks, lost connections."""
    state = getattr(error.orig, "sqlstate", None) or ""
    text = str(error.orig)
    return (
        error.connection_invalidated
        or "locked" in text
        or "busy" in text
        or state.startswith(("08", "40", "57P"))
    )
