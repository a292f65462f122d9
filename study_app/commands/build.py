"""Compute a study's explanations: only what is missing, resuming where it stopped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from explainers.build import Built, build
from explainers.contact_sheet import FILE
from explainers.options import Options
from study_app.commands._folder import study_folder
from study_app.items import study_items
from study_app.load import load_study
from study_app.planning import plan_of


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
def command(folder: Path, force: bool, prune: bool, jobs: int, threads: int) -> None:
    """Compute the explanations of the study in FOLDER.

    \b
    whyface build                  the study in this folder
    whyface build my-study         computes what is missing; run it again at any time
    whyface build --jobs 4         four at a time
    whyface build --prune          and removes what is left from earlier settings

    What was computed stays, by the hash of everything that it depends on: a build that was stopped
    goes on where it was, and a changed parameter computes again only what it changes. Look at
    stimuli/contact_sheet.png when it is done. Pictures of earlier versions of the study are never
    removed, because participants may be looking at them.
    """
    study = load_study(folder)
    options = Options(workers=jobs, threads=threads, force=force)
    built = build(plan_of(study, folder), options)
    study_items(study, built.manifest)
    click.echo(_told(built))
    if prune:
        _prune(built.stale)
    elif built.stale:
        click.echo(
            f"{len(built.stale)} cached values are of earlier settings; --prune removes them."
        )
    click.echo(f"Look at {folder / 'stimuli' / FILE}")


def _told(built: Built) -> str:
    scores = f"{built.scored} scores computed, {built.scores_reused} were there; "
    return (
        f"{len(built.manifest.stimuli)} pictures for {len(built.manifest.predictions)} questions; "
        f"{built.computed} explanations computed, {built.reused} were there; "
        f"{scores if built.scored or built.scores_reused else ''}{built.seconds:.0f} s"
    )


def _prune(stale: Iterable[Path]) -> None:
    removed = list(stale)
    for path in removed:
        path.unlink(missing_ok=True)
    click.echo(f"{len(removed)} cached values of earlier settings removed.")
