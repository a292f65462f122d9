"""What a database must be before it is used: reachable, ours, and at this release's schema."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from db.errors import StoreError

if TYPE_CHECKING:
    from db.database import Database

_KINDS = "write sqlite:///file.db or postgresql://user:password@host/name"
_EFFECTIVE = os.access in os.supports_effective_ids  # what counts when opening files
_OTHER = "choose another file or database"
_APPLICATION_ID = 0x77687966  # "whyf", in the header of our SQLite files
_MIGRATING = _APPLICATION_ID  # PostgreSQL's advisory lock: one process migrates, the others wait


def address(url: str | os.PathLike[str]) -> URL:
    """The parsed URL, with our driver; a plain path is a SQLite file.

    Example:
        >>> str(address("study/whyface.db"))
        'sqlite:///study/whyface.db'
        >>> address("postgres://ann@host/x").drivername
        'postgresql+psycopg'
    """
    text = os.fspath(url)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    if text.startswith("postgres://"):
        text = text.replace("postgres://", "postgresql://", 1)
    try:
        parsed = make_url(text)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        # The text may hold a password: it is not repeated.
        raise StoreError("database URL", "cannot be read as a URL", _KINDS) from None
    where = parsed.render_as_string(hide_password=True)
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(where, f"'{backend}' is not supported", _KINDS)
    if not parsed.database or parsed.database.startswith((":memory:", "file:")):
        raise StoreError(where, "is not a file, answers would be lost", "write sqlite:///file.db")
    return parsed.set(drivername="sqlite")


def reachable(database: Database, create: bool) -> None:
    """Refuse a SQLite path that cannot work, before SQLite says it less clearly.

    A new file is made readable by its owner alone: it will hold participants' answers.
    """
    if not database.is_sqlite:
        return
    path, where = Path(str(database.url.database)), database.where
    folder = path.parent
    if path.is_dir():
        raise StoreError(where, "is a folder", "name a file in it, such as whyface.db")
    if not folder.is_dir():
        raise StoreError(where, f"folder '{folder}' does not exist", "make it, or correct the path")
    if not os.access(folder, os.W_OK, effective_ids=_EFFECTIVE):
        raise StoreError(
            where,
            f"folder '{folder}' is not writable",
            "SQLite writes beside its file; choose a folder of your own",
        )
    if path.exists():
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=_EFFECTIVE):
            raise StoreError(where, "is not writable", "change the file's permissions")
        return
    if not create:
        raise StoreError(where, "does not exist", "`whyface freeze` makes it, or correct the path")
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def prepare(database: Database, create: bool) -> None:
    """Check that the database is ours and bring it to this release's schema.

    Errors: StoreError for a file that is no database, a database of another application, one
    that a newer whyface wrote, or an unreachable server.
    """
    where = database.where
    try:
        with database.engine.connect() as connection:
            current = _ours(connection, where)
        newest = _newest(current, where)
        if current == newest:
            return
        if not create:
            what = "is empty" if current is None else "has an older schema"
            raise StoreError(where, what, "`whyface freeze` brings it up to date")

        def migrate(connection: Connection) -> None:
            from db.migrations import upgrade

            if not database.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
            if _ours(connection, where) != newest:  # another process may have been faster
                upgrade(connection)
                if database.is_sqlite:
                    connection.exec_driver_sql(f"PRAGMA application_id={_APPLICATION_ID}")

        database.write(migrate)
    except OperationalError as error:
        fix = "check path and permissions" if database.is_sqlite else "check address and password"
        raise StoreError(where, f"cannot be opened: {reason(error, database)}", fix) from None
    except DatabaseError as error:
        if "not a database" in str(error.orig):
            raise StoreError(where, "is not a database", _OTHER) from None
        raise StoreError(where, f"is damaged: {reason(error, database)}", _OTHER) from None


def _ours(connection: Connection, where: str) -> str | None:
    """The schema's revision; None for an empty database. Errors: StoreError for a stranger's."""
    from db.migrations import VERSION_TABLE, revision

    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        some = ", ".join(sorted(tables)[:3])
        raise StoreError(where, f"belongs to another application (tables {some})", _OTHER)
    return revision(connection)


def _newest(current: str | None, where: str) -> str:
    from db.migrations import revisions

    known = revisions()
    if current is not None and current not in known:
        raise StoreError(
            where,
            f"was written by a newer whyface (schema {current}, known up to {known[0]})",
            "upgrade whyface: pip install --upgrade whyface",
        )
    return known[0]


def reason(error: DatabaseError, database: Database) -> str:
    """The driver's first line, without the password."""
    line = str(error.orig).strip().partition("\n")[0]
    password = database.url.password
    return line.replace(str(password), "***") if password else line
