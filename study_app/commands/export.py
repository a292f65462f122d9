"""Write the answers as tidy CSV files."""

from __future__ import annotations

from pathlib import Path

import click

from db.records import Mode
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder
from study_app.export import export


@click.command()
@study_folder
@database
@click.option("--to", type=click.Path(path_type=Path), help="Into this folder; FOLDER/export.")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default="live")
def command(folder: Path, url: str | None, to: Path | None, mode: str) -> None:
    """Write responses.csv and participants.csv of the study in FOLDER.

    \b
    whyface export my-study                      live answers
    whyface export my-study --mode simulated     simulated ones, never mixed with live ones
    whyface export my-study --to ~/analysis

    One row stands for each explanation that was offered, ticked or not. Cells that a spreadsheet
    would run as formulas are defused.
    """
    target = to or folder / "export"
    with open_store(folder, url) as store:
        for name, rows in export(store, target, mode).items():
            click.echo(f"{target / name}: {rows} row{'' if rows == 1 else 's'}")
