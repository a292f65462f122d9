"""Compute a study's explanations: only what is missing, resuming where it stopped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import click

from explainers.building.build import Built, build
from explainers.building.contact_sheet import FILE
from explainers.building.options import Device, Options
from explainers.building.plan import Plan
from explainers.concept import SHEET
from explainers.problems import Problems
from study_app import concept_tables
from study_app.commands._folder import study_folder
from study_app.questions.items import study_items
from study_app.questions.planning import plan_of
from study_app.study_file.load import load_study
from study_app.study_file.study import Study


@click.command()
@study_folder
@click.option("--force", is_flag=True, help="Compute everything again.")
@click.option("--prune", is_flag=True, help="Remove cached values that this study does not use.")
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    show_default="one for each core, at most 8",
    help="How many explanations at a time, each in a process of its own.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Cores for each of them; more pay only for large networks.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Compute on the Dask cluster whose scheduler is there, such as tcp://192.168.0.5:8786.",
)
@click.option(
    "--device",
    type=click.Choice(get_args(Device)),
    default="auto",
    show_default=True,
    help="auto: the graphics cards that workers of a cluster offer, else the processor.",
)
def command(
    folder: Path,
    force: bool,
    prune: bool,
    jobs: int,
    threads: int,
    dask: str | None,
    device: Device,
) -> None:
    """Compute the explanations of the study in FOLDER.

    \b
    whyface build                  the study in this folder
    whyface build my-study         computes what is missing; run it again at any time
    whyface build --jobs 4         four at a time
    whyface build --dask tcp://192.168.0.5:8786    on a cluster (docs/how-to/scale-out.md)
    whyface build --prune          and removes what is left from earlier settings

    What was computed stays, by the hash of everything that it depends on: a build that was stopped
    goes on where it was, and a changed parameter computes again only what it changes. Look at
    stimuli/contact_sheet.png when it is done, or, of concepts, at stimuli/concept_sheet.png; what
    their finders measured is in stimuli/concepts/, a table and a figure of each. Pictures of
    earlier versions of the study are never removed, because participants may be looking at them.
    """
    study = load_study(folder)
    options = Options(workers=jobs, threads=threads, force=force, device=device)
    if dask is None:
        built = build(plan_of(study, folder), options)
    else:
        built = _on_cluster(dask, plan_of(study, folder.absolute()), options)
    measured = _measured(study, built, folder / "stimuli")
    study_items(study, built.manifest, built.concepts)
    click.echo(_told(built))
    if prune:
        _prune(built.stale)
    elif built.stale:
        click.echo(
            f"{len(built.stale)} cached values are of earlier settings; --prune removes them."
        )
    for note in _notes(built):
        click.echo(f"Note: {note}")
    sheets = [*([FILE] if built.manifest.stimuli else []), *([SHEET] if study.concepts else [])]
    look = [*(folder / "stimuli" / name for name in sheets), *measured]
    click.echo(f"Look at {' and '.join(map(str, look))}")


def _measured(study: Study, built: Built, stimuli: Path) -> list[Path]:
    """Keep what each finder of concepts measured; its figure, or its table."""
    written = []
    for family, rows in built.tables.items():
        entry = (study.concepts or {})[family]
        title = f"{family}: {entry.method} in {entry.model}"
        place = stimuli / concept_tables.FOLDER
        written += concept_tables.save(rows, entry.method, title, place, family, family)[-1:]
    return written


def _notes(built: Built) -> dict[str, None]:
    """What finders say of their tables that one must know, each once."""
    checks = (concept.provenance.get("checks", {}) for concept in built.concepts.concepts)
    return dict.fromkeys(check["note"] for check in checks if check.get("note"))


def _on_cluster(address: str, plan: Plan, options: Options) -> Built:
    if options.workers:
        what = "is for this machine; a cluster's jobs are done by its workers"
        raise Problems.one("--jobs", what, "leave it out, or start as many workers")
    from explainers.building.cluster import cluster

    with cluster(address, plan, options) as on_cluster:
        return build(plan, on_cluster)


def _told(built: Built) -> str:
    scores = f"{built.scored} scores computed, {built.scores_reused} were there; "
    found = sum(not concept.random for concept in built.concepts.concepts)
    concepts = f"{found} concepts; " if found else ""
    if not built.manifest.predictions:
        return f"{concepts}{built.seconds:.0f} s"
    return (
        f"{concepts}{len(built.manifest.stimuli)} pictures "
        f"for {len(built.manifest.predictions)} questions; "
        f"{built.computed} explanations computed, {built.reused} were there; "
        f"{scores if built.scored or built.scores_reused else ''}{built.seconds:.0f} s"
    )


def _prune(stale: Iterable[Path]) -> None:
    removed = list(stale)
    for path in removed:
        path.unlink(missing_ok=True)
    click.echo(f"{len(removed)} cached values of earlier settings removed.")
