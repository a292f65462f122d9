"""Write the answers as tidy tables with a codebook: CSV, Parquet or a Psych-DS folder."""

from __future__ import annotations

from pathlib import Path

import click

from db.records import Mode
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder, study_id
from study_app.export import export, forms


@click.command()
@study_folder
@database
@click.option("--format", "form", type=click.Choice(forms()), default="csv", show_default=True)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="Into this folder; FOLDER/export or FOLDER/psych-ds, with the mode unless it is live.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.LIVE.value,
    show_default=True,
    help="Whose answers; modes are never mixed.",
)
@click.option("--study", metavar="ID", help="Which study of the database; the one in FOLDER.")
def command(
    folder: Path, url: str | None, form: str, to: Path | None, mode: str, study: str | None
) -> None:
    """Write responses, participants and their codebook of the study in FOLDER.

    \b
    whyface export my-study                      live answers, as CSV
    whyface export my-study --format parquet     with types, for pandas, R, Arrow, DuckDB
    whyface export my-study --format psych-ds    a whole folder for an archive
    whyface export my-study --mode simulated     simulated ones, never mixed with live ones

    One row stands for each explanation that was offered, ticked or not. The codebook tells what
    every column means. Cells that a spreadsheet would run as formulas are defused in CSV.

    A Psych-DS folder has the tables under data/, dataset_description.json with every column, a
    README, and under materials/ the frozen study and the texts that participants read. It is
    written anew each time: name a new folder with --to for a second one.
    """
    base = "psych-ds" if form == "psych-ds" else "export"
    target = to or folder / (base if mode == Mode.LIVE else f"{base}-{mode}")
    with open_store(folder, url) as store:
        for name, rows in export(store, target, mode, form, study or study_id(folder)).items():
            click.echo(f"{target / name}: {rows} row{'' if rows == 1 else 's'}")
