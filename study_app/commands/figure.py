"""Draw a grid of explanations, methods by faces, as in Fig. 4 of the survey: PNG, PDF or SVG."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from explainers.building.cache import Cache, write_whole
from explainers.building.options import Options
from explainers.faces.face_names import RENDERED
from explainers.problems import Problems
from study_app.figure_request import Request, retold


def _names(_context: object, _parameter: object, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Names given one by one, or several with commas between them."""
    split = (name.strip() for text in texts for name in text.split(","))
    return tuple(dict.fromkeys(name for name in split if name))


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="figure.png",
    show_default=True,
    help="The figure: .png, .pdf (with its text as text) or .svg.",
)
@click.option("--model", default="", help="A shipped model, your own mynets:load, or the study's.")
@click.option("--faces", multiple=True, callback=_names, metavar="F01,F02", help="The columns.")
@click.option(
    "--methods",
    multiple=True,
    callback=_names,
    metavar="A,B",
    help="The rows; every saliency method that serves the model unless named.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="METHOD.PARAMETER=VALUE",
    help="A parameter of a method.",
)
@click.option(
    "--target",
    default="",
    metavar="NAME[:KEY=VALUE,…]",
    help="What is explained; the predicted class unless named.",
)
@click.option(
    "--study",
    type=click.Path(path_type=Path, exists=True),
    help="Take models, faces and methods from this study.",
)
@click.option(
    "--from",
    "source",
    default=RENDERED,
    show_default=True,
    metavar="FOLDER",
    help="Your own folder of faces.",
)
@click.option(
    "--colours",
    type=click.Choice(["safe", "heat"]),
    default="safe",
    show_default=True,
    help="safe for every kind of colour vision, or the survey's heat map on black.",
)
@click.option(
    "--scale",
    type=click.Choice(["picture", "row"]),
    default="picture",
    show_default=True,
    help="What shares the value of full colour.",
)
@click.option(
    "--blocks",
    type=click.IntRange(min=0),
    default=0,
    show_default="by the shape of the figure",
    help="Into how many pieces beside each other the rows are broken.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of methods that involve chance; a study has its own.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    show_default="one for each core, at most 8",
    help="How many are computed at a time.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Cores for each of them.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where computed values are kept; the study's own cache, else yours.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Write where each picture comes from beside it."
)
def command(
    output: Path,
    colours: Any,
    scale: Any,
    blocks: int,
    jobs: int,
    threads: int,
    cache: Path | None,
    as_json: bool,
    **words: Any,
) -> None:
    """Draw a grid of explanations, methods by faces, with a legend.

    \b
    whyface figure --model expression --faces f01,f06 --methods occlusion,grad_cam
    whyface figure --model age --target expected_value -o ages.pdf
    whyface figure --model expression --target class_difference:against=runner_up
    whyface figure --model recognition --target similarity:other=f02 --faces f01,f03
    whyface figure --model mynets:load --from photos --set occlusion.window=32
    whyface figure --study my-study --model age --colours heat -o ages.svg

    Each column shows a face and what the model says about it, each row a method. A method that
    cannot serve the model says why and what to use instead; unless it was named it is left out.
    Methods never share a scale, because their values have different units: full colour is told
    for each picture, or for each row with --scale row. What was computed is kept, as in a build:
    a figure that was stopped goes on where it was.
    """
    request = Request(output=output, **words)
    plan = request.plan()
    from explainers.figures.comparison import compare
    from explainers.figures.figure import figure_svg, save_figure

    kept = Cache(cache or (plan.stimuli / "cache" if request.study else _own_cache()))
    named = bool(request.methods or request.study)
    try:
        grid = compare(plan, kept, Options(workers=jobs, threads=threads), named)
    except Problems as error:
        raise Problems(
            dict.fromkeys(retold(problem, bool(request.study)) for problem in error.problems)
        ) from None
    save_figure(figure_svg(grid, colours, scale, blocks), output)
    for name, reason in grid.left_out.items():
        click.echo(f"Left out: {name} ({reason})")
    if as_json:
        told = {"colours": colours, "scale": scale, **grid.told()}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        write_whole(output.with_suffix(".json"), text.encode())
    click.echo(f"Look at {output}")


def _own_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "whyface"
