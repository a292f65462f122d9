"""How many participants and questions does the study need to find what it looks for?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from explainers.problems import Problem, Problems
from study_app.commands._folder import study_folder
from study_app.study_file.load import load_study


@click.command()
@study_folder
@click.option("-n", "participants", metavar="50,101,200", help="Numbers of participants to try.")
@click.option("--items", metavar="4,8,16", help="Numbers of questions for each participant.")
@click.option(
    "--effect",
    default="0.5,1",
    show_default=True,
    metavar="0.5,1",
    help="Sizes of effect: 1 as planted, 0.5 half of every difference, 0 none (or guessing).",
)
@click.option(
    "--studies",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Simulated studies of each design.",
)
@click.option("--power", "target", type=float, default=0.8, show_default=True, help="Wanted.")
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.05,
    show_default=True,
    help="Level of the planned tests, taken together.",
)
@click.option("--seed", type=int, help="Of the simulated people; the study's own unless given.")
@click.option("--jobs", type=click.IntRange(0), default=0, help="How many at a time; 0: all cores.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the page; FOLDER/power.")
@click.option("--json", "as_json", is_flag=True, help="Print everything for machines.")
def command(
    folder: Path,
    participants: str | None,
    items: str | None,
    effect: str,
    studies: int,
    target: float,
    alpha: float,
    seed: int | None,
    jobs: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Tell how many participants the study in FOLDER needs.

    \b
    whyface power section7                             half, once and twice what is planned
    whyface power section7 -n 60,80,100,120            numbers of participants to try
    whyface power section7 -n 101 --items 4,8,16,32    do more questions help?
    whyface power section7 --effect 0,0.5,1            0: how often is a false alarm raised?
    whyface power section7 --studies 1000              surer figures (± 2.5 points), 5 times as long

    The study's own design is simulated many times with the effects under `simulate:` in the study
    file, and the analyses under `analysis:` are computed as written; power is how often they find
    what is planted. Nothing needs to be built before: this is for planning. It answers in one
    sentence; the page (power.html) shows power over participants and questions, the smallest
    effect that would be found, and how precise the estimates would be. What was simulated is kept:
    the same command goes on where it was stopped, and a wider grid computes only what is new.
    """
    wrong: list[Problem] = []
    counts = [
        _numbers(option, given, int, wrong)
        for option, given in (("-n", participants), ("--items", items))
    ]
    effects = _numbers("--effect", effect, float, wrong)
    study = None
    try:
        study = load_study(folder)
    except Problems as error:
        wrong += error.problems
    if study is None:
        raise Problems(wrong)
    from analysis.reports import power_report
    from study_app import power

    usual = power.around(study)
    grid = power.Grid(
        counts[0] or usual[0],
        counts[1] or usual[1],
        effects or (1.0,),
        studies,
        study.seed if seed is None else seed,
        alpha,
        target,
    )
    wrong += power.mistakes(study, grid)
    if out is not None and out.exists() and not out.is_dir():
        wrong.append(Problem(f"--out {out}", "is a file", "name a folder"))
    if wrong:
        raise Problems(wrong)
    place = out or folder / "power"
    found = power.compute(study, grid, place / "cache", jobs)
    about = power.about(study, grid, found.shuffles)
    page = power_report.write(found.table, found.margins, about, place)
    if as_json:
        whole = power_report.machine(found.table, found.margins, about)
        click.echo(json.dumps(whole, indent=1, ensure_ascii=False))
        return
    one, each = power_report.advice(found.table, about)
    for line in (*about.assumed, *(f"- {sentence}" for sentence in each), one):
        click.echo(line)
    click.echo(f"Page: {page.resolve().as_uri()}")


def _numbers(
    option: str, text: str | None, kind: Callable[[str], Any], wrong: list[Problem]
) -> tuple[Any, ...]:
    """The rising numbers of a list such as ``50,101``; what is no number is added to ``wrong``."""
    if text is None:
        return ()
    found, strange = set(), []
    for word in text.split(","):
        try:
            number = kind(word.strip())
            # nan and inf are floats and no sizes.
            found.add(number) if abs(number) < 1e9 else strange.append(word.strip())
        except ValueError:
            strange.append(word.strip())
    if strange:
        whole = "whole numbers" if kind is int else "numbers"
        what = f"'{strange[0]}' is no {whole[:-1]}"
        wrong.append(Problem(f"{option} {text}", what, f"write {whole}, separated by commas"))
        return ()
    return tuple(sorted(found))
