"""Delete everything that a participant gave, by the withdrawal code that they were shown."""

from __future__ import annotations

from pathlib import Path

import click

from explainers.problems import Problems
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder
from study_app.participation.session import withdraw


@click.command()
@click.argument("code")
@study_folder
@database
def command(code: str, folder: Path, url: str | None) -> None:
    """Delete the answers of the participant with the withdrawal code CODE.

    \b
    whyface withdraw 3F2A-90BC-77D1-E04B my-study

    Answers, answers about the person, events and panel ids are deleted and overwritten; that
    somebody withdrew is still counted. There is no way back. Exports and backups made before are
    yours to clean.
    """
    with open_store(folder, url) as store:
        if not withdraw(store, code):
            raise Problems.one(
                f"whyface withdraw {code}",
                f"no participant in {store.where} has this code",
                "compare it with the participant's page, and --database with where they took part",
            )
    click.echo("Deleted. The participant counts as withdrawn.")
