"""Report who is helped by which explanation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db.records import Mode
from explainers.problems import Problem, Problems
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder, study_id

if TYPE_CHECKING:
    from analysis.data.frames import Frames


@click.command()
@study_folder
@database
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.LIVE.value,
    show_default=True,
    help="Whose answers; modes are never mixed.",
)
@click.option("--version", metavar="HASH", help="A study version; the newest with participants.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the report; FOLDER/report, or FOLDER/report-MODE for other modes than live.",
)
@click.option(
    "--import",
    "imported",
    type=(str, click.Path(path_type=Path)),
    metavar="PROTOCOL CSV",
    help="A CSV of your own in place of a database: intruder, coherency, one_word, section7.",
)
def command(
    folder: Path,
    url: str | None,
    mode: str,
    version: str | None,
    out: Path | None,
    imported: tuple[str, Path] | None,
) -> None:
    """Report which explanations help whom, from the answers to the study in FOLDER.

    \b
    whyface analyze section7                      from the answers of real participants
    whyface analyze section7 --mode simulated     from simulated ones, labelled as such
    whyface analyze --database postgresql://host/name --out report
    whyface analyze --import intruder answers.csv --out report

    The report is one page that opens offline, with figures (PNG, SVG, PDF, and what they draw as
    CSV), tables (LaTeX, Markdown) and all estimates (CSV, JSON) beside it. What the study file
    planned is reported apart from what was explored. `whyface list importers` shows the columns of
    a CSV; tests about concepts may name the pictures that were shown, for the gallery.
    """
    from analysis.data.frames import load, versions
    from analysis.errors import AnalysisError
    from analysis.reports import folder as place
    from analysis.reports.report import banner, write
    from analysis.summaries.summary import summarise

    study = study_id(folder)
    target = out or folder / ("report" if mode == Mode.LIVE else f"report-{mode}")
    try:
        place.check(target)
        if imported:
            (frames, pictures), taken = _imported(*imported, mode), []
        else:
            with open_store(folder, url) as store:
                frames, pictures = load(store, study, version, mode), folder / "stimuli"
                taken = [v for v in versions(store, study, mode) if v["participants"]]
        summary = summarise(frames)
        page = write(summary, target, stimuli=pictures)
    except AnalysisError as error:
        raise Problems.one(error.where, error.what, error.fix) from None
    if banner(mode):
        click.echo(banner(mode))
    for finding in summary.findings:
        click.echo(f"- {finding}")
    for other in taken:
        if other["hash"] != frames.version:
            count, short = other["participants"], other["hash"][:12]
            click.echo(f"Not in this report: {count} of version {short} (--version {short})")
    click.echo(f"Report: {page.resolve().as_uri()}")


def _imported(protocol: str, path: Path, mode: str) -> tuple[Frames, Path | Mapping[str, Path]]:
    from analysis import importers

    found = importers.read(protocol, path, mode)
    if found.frames is None:
        raise Problems(Problem(e.where, e.what, e.fix) for e in found.wrong)
    if found.unused:
        click.echo(f"Columns that {protocol} does not know: {', '.join(found.unused)}")
    return found.frames, found.pictures
