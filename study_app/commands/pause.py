"""Take a break: newcomers are asked to come back later; who has begun may finish."""

from __future__ import annotations

from pathlib import Path

import click

from db.records import Status
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder


@click.command()
@study_folder
@database
@click.option("--resume", is_flag=True, help="Take participants again.")
def command(folder: Path, url: str | None, resume: bool) -> None:
    """Pause every open version of the study in FOLDER, or with --resume go on.

    \b
    whyface pause my-study
    whyface pause my-study --resume

    A running `whyface serve` notices at once: newcomers read that the study takes a break and that
    they are welcome later. Who has begun may finish. `whyface close` ends a study.
    """
    with open_store(folder, url) as store:
        found = [row for row in store.versions() if row["status"] == Status.LIVE]
        for row in found:
            store.pause(row["hash"], not resume)
            state = "takes participants" if resume else "pauses"
            click.echo(f"{row['study']} version {row['number']} {state}")
        if not found:
            click.echo("Nothing is open.")
