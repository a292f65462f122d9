"""Fix a study's version and store it in the database; any change is a new version."""

from __future__ import annotations

from pathlib import Path

import click

from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder
from study_app.publishing.freeze import frozen_text
from study_app.publishing.publish import publish


@click.command()
@study_folder
@database
def command(folder: Path, url: str | None) -> None:
    """Freeze the study in FOLDER: store its text, its questions and its pictures' hashes.

    \b
    whyface freeze my-study
    whyface freeze my-study --database postgresql://ann@localhost/whyface

    The version is the SHA-256 of all that participants will see and of the analysis plan; it can
    be written into a preregistration. Freezing an unchanged study again changes nothing.
    `whyface serve` freezes by itself.
    """
    frozen_text(folder)  # a study that cannot be frozen leaves no database behind
    with open_store(folder, url, create=True) as store:
        version = publish(store, folder)
        number = next(row["number"] for row in store.versions() if row["hash"] == version)
        click.echo(f"version {number} is {store.status(version)}: {version}")
    click.echo(f"Next: whyface serve {folder}")
