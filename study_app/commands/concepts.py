"""Find concepts in a network: a gallery to look at, a table and a figure of what was measured."""

from __future__ import annotations

import inspect
import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from explainers.building.cache import write_whole
from explainers.building.progress import Report
from explainers.faces.face_names import RENDERED
from explainers.problems import Problems
from study_app import concept_tables
from study_app.concept_request import ConceptRequest, retold


@click.command()
@click.argument("model")
@click.argument("finder")
@click.option(
    "--faces",
    default=RENDERED,
    show_default=True,
    metavar="FOLDER",
    help="Where concepts are looked for: rendered, or a folder of pictures.",
)
@click.option("--layer", default="", help="Where in the network; the finder's choice unless named.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A parameter of the finder; may be given several times.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of what is found."
)
def command(
    model: str,
    finder: str,
    faces: str,
    layer: str,
    settings: tuple[str, ...],
    seed: int,
    out: Path | None,
) -> None:
    """Find concepts in a network and measure them.

    \b
    whyface concepts expression ace -o happy --set classes=[happy]
    whyface concepts expression tcav -o parts
    whyface concepts expression tcav --set sets=my-concepts -o mine
    whyface concepts recognition common_activation --layer layer3 -o units
    whyface concepts mynets:load ace --faces photos -o mine

    The folder gets gallery.png (a row for each concept), table.csv (all that was measured),
    checks.json and, where the finder has one, a figure as PNG and SVG. `whyface list concepts`
    shows the finders and their parameters. A study asks people about concepts that it lists under
    `concepts:`.
    """
    finding = ConceptRequest(model, finder, faces, layer, settings).finding()
    place = out or Path(f"concepts-{finder.rpartition(':')[2]}")
    from explainers.building.compute import study_model
    from explainers.building.concepts import FindJob, make_finder
    from explainers.building.pictures import png_bytes
    from explainers.concept_finding.gallery import gallery
    from explainers.faces.face_bank import load_faces

    spec = {"use": model}
    job = FindJob(finder, finding, spec, seed, Path())
    try:
        run = make_finder(job)
        network = study_model(spec, Path(), model)
    except Problems as error:
        raise retold(error.problems) from None
    people = {face.id: face for face in load_faces(faces, Path(), parts=True)}
    begin = time.monotonic()
    found = _run(run, network, people, seed)
    write_whole(place / "gallery.png", png_bytes(gallery(found, network, people)))
    told = json.dumps(dict(found.checks), indent=1, default=str)
    write_whole(place / "checks.json", f"{told}\n".encode())
    figures = concept_tables.save(found.table, finder, f"{finder} in {model}", place)
    controls = sum(concept.random for concept in found.concepts)
    click.echo(
        f"{len(found.concepts) - controls} concepts and {controls} random controls in "
        f"{time.monotonic() - begin:.0f} s."
    )
    if note := found.checks.get("note"):
        click.echo(f"Note: {note}")
    for path in (place / "gallery.png", *figures):
        click.echo(f"Look at {path}")


def _run(run: Any, network: Any, people: Any, seed: int) -> Any:
    """What the finder finds; a finder that tells how far it is gets a bar with the time left."""
    if "progress" not in inspect.signature(run).parameters:
        return run(network, people, seed)
    report: Report | None = None
    seen, since = 0, time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal report, seen, since
        if report is None:
            report = Report(["step"] * total, 1, sys.stderr, "steps")
            report.__enter__()
        now, steps = time.monotonic(), done - seen
        for _ in range(steps):
            report.done("step", (now - since) / steps)
        seen, since = done, now

    try:
        return run(network, people, seed, progress=progress)
    finally:
        if report is not None:
            report.__exit__()
