"""The option that several verbs share: the database."""

from __future__ import annotations

from pathlib import Path

import click

from db.store import Store

database = click.option(
    "--database",
    "url",
    metavar="URL",
    envvar="WHYFACE_DATABASE",  # a password does not belong on a command line
    show_envvar=True,
    help="sqlite:///file.db or postgresql://user:password@host/name; FOLDER/whyface.db unless "
    "given.",
)
"""Where the answers are."""


def open_store(
    folder: Path, url: str | None, *, create: bool = False, synchronous: str = "FULL"
) -> Store:
    """The study's database.

    Arguments:
        folder: the study's folder.
        url: another place than ``FOLDER/whyface.db``.
        create: make it if it is not there.
        synchronous: SQLite's durability, see `db.database.Database`.

    Errors: StoreError when it cannot be used.
    """
    return Store(url or folder / "whyface.db", create=create, synchronous=synchronous)
