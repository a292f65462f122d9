"""Compare explanation methods: how faithful are their maps, by several measures?"""

from __future__ import annotations

from pathlib import Path

import click

from explainers.building.cache import Cache
from explainers.building.options import Options
from study_app import fidelity


@click.command()
@click.argument("study", required=False, type=click.Path(path_type=Path), metavar="[STUDY]")
@click.option("--model", "models", metavar="A,B", help="Shipped networks, such as expression.")
@click.option("--faces", default="all", show_default=True, metavar="A,B", help="Shipped faces.")
@click.option("--methods", metavar="A,B", help="Saliency methods, or all; of a study all it has.")
@click.option(
    "--measures",
    metavar="A,B",
    help=f"Measures, or all; unless named {', '.join(fidelity.QUICK)}, or the study's own.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME.PARAMETER=VALUE",
    help="A parameter of a method or a measure; may be given several times.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder of the page.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="How many at a time.")
@click.option("--threads", type=click.IntRange(min=1), default=1, help="Cores for each of them.")
def command(
    study: Path | None,
    models: str | None,
    faces: str,
    methods: str | None,
    measures: str | None,
    settings: tuple[str, ...],
    out: Path | None,
    jobs: int,
    threads: int,
) -> None:
    """Rank explanation methods by how faithful their maps are to the network.

    \b
    whyface fidelity --model expression --methods occlusion,grad_cam -o faithful
    whyface fidelity --model expression --faces f01,f02,f03 --methods all -o faithful
    whyface fidelity --model age --methods rise,lrp --measures hiding_game,sensitivity \\
        --set rise.samples=500 --set hiding_game.steps=40 -o faithful
    whyface fidelity my-study              the maps of a study, by its own measures

    The page (fidelity.html) opens offline; beside it lie the ranking, each map's scores and the
    curves as CSV, and the charts as PNG and SVG. `whyface list saliency` and `whyface list
    fidelity` show methods and measures. What was computed is kept: the same command goes on where
    it was stopped, and another measure explains nothing again. Measures that explain again
    (parameter_randomization, max_sensitivity, …) take many times as long as the others.
    """
    if study is None:
        wanted = fidelity.shipped(models, faces, methods, measures, settings, out)
    else:
        wanted = fidelity.of_study(study, models, methods, measures, settings, out)
    cache = Cache(wanted.cache)
    page, told = fidelity.write(wanted, cache, Options(workers=jobs, threads=threads))
    for line in told:
        click.echo(line)
    click.echo(f"Page: {page.resolve().as_uri()}")
