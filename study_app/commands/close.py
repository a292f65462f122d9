"""Take no more participants; who has begun may finish."""

from __future__ import annotations

from pathlib import Path

import click

from db.records import Status
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder


@click.command()
@study_folder
@database
@click.option("--reopen", is_flag=True, help="Take participants again.")
def command(folder: Path, url: str | None, reopen: bool) -> None:
    """Close every open version of the study in FOLDER, or with --reopen the newest closed one.

    \b
    whyface close my-study
    whyface close my-study --reopen

    A running `whyface serve` notices at once: newcomers read that the study has ended.
    """
    with open_store(folder, url) as store:
        versions = store.versions()
        if reopen:
            found = [row for row in versions if row["status"] == Status.CLOSED][-1:]
        else:
            found = [row for row in versions if row["status"] == Status.LIVE]
        for row in found:
            store.set_status(row["hash"], Status.LIVE if reopen else Status.CLOSED)
            click.echo(f"{row['study']} version {row['number']} is {store.status(row['hash'])}")
        if not found:
            click.echo("Nothing was " + ("closed." if reopen else "open."))
