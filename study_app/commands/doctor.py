"""Check that this machine and a study are fit to run, with a remedy for each problem."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from study_app.commands._database import database
from study_app.commands._folder import study_folder


@click.command()
@study_folder
@database
def command(folder: Path, url: str | None) -> None:
    """Look at this machine, and at the study in FOLDER if there is one.

    \b
    whyface doctor               Python, packages, networks, disk, ports
    whyface doctor my-study      and the study: its file, pictures, database, version

    Each line says ok or what is wrong and how to fix it; with a problem the exit code is 2.
    Nothing is changed, except that the database is written to once, to see whether it can be.
    """
    from study_app.doctor import examine
    from study_app.study_file.ready import missing_study

    if not folder.is_dir():
        raise missing_study(folder)
    sick = 0
    for finding in examine(folder, url):
        mark = (
            click.style("ok     ", fg="green") if finding.ok else click.style("problem", fg="red")
        )
        click.echo(f"{mark}  {finding.name}: {finding.detail}")
        if not finding.ok:
            sick += 1
            click.echo(f"         fix: {finding.fix}")
    if sick:
        click.echo(f"{sick} {'problem' if sick == 1 else 'problems'} found.", err=True)
        sys.exit(2)
