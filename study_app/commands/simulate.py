"""Walk simulated participants through a study, with preferences that are known."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder
from study_app.frozen import Frozen
from study_app.publishing.freeze import frozen_text
from study_app.publishing.publish import publish
from study_app.simulate import simulate


@click.command()
@study_folder
@click.option("-n", type=click.IntRange(1), help="So many in all; the study's `simulate: n:`.")
@click.option("--seed", type=int, help="Instead of the study's own seed.")
@database
def command(folder: Path, n: int | None, seed: int | None, url: str | None) -> None:
    """Let simulated participants take part in the study in FOLDER.

    \b
    whyface simulate section7            as many as the study says
    whyface simulate section7 -n 101     until 101 have finished

    They walk the way that people walk in the browser, with the preferences that the study plants
    under `simulate:`; then `whyface analyze --mode simulated` should find these again. Simulated
    answers are never mixed with live ones. Run it again and only those who are missing are added.
    """
    planted = Frozen.parse(*frozen_text(folder)).study.get("simulate") or {}
    wanted = n or planted.get("n", 101)
    # What a power cut would take is simulated again: no need to wait for the disk each time.
    with open_store(folder, url, create=True, synchronous="NORMAL") as store:
        version = publish(store, folder)
        console = Console(file=sys.stderr)
        with Progress(console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("Simulating", total=wanted)
            added = simulate(store, version, wanted, seed, lambda: bar.advance(task))
    click.echo(f"{added} simulated participants added, {max(wanted, added)} have finished")
