"""Do the intervals and tests that the study plans keep what they promise?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from explainers.problems import Problem, Problems
from study_app.commands._folder import study_folder
from study_app.study_file.load import load_study


@click.command()
@study_folder
@click.option("-n", type=int, help="Participants of each simulated study; `simulate: n:`.")
@click.option("--items", type=int, help="Questions for each of them; as the study asks.")
@click.option(
    "--studies",
    type=click.IntRange(1),
    default=400,
    show_default=True,
    help="Simulated studies with the planted effects, and as many without any.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.05,
    show_default=True,
    help="Level of tests; intervals have 1 minus this.",
)
@click.option("--seed", type=int, help="Of the simulated people; the study's own unless given.")
@click.option("--jobs", type=click.IntRange(0), default=0, help="How many at a time; 0: all cores.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; FOLDER/calibration.")
@click.option("--json", "as_json", is_flag=True, help="Print everything for machines.")
def command(
    folder: Path,
    n: int | None,
    items: int | None,
    studies: int,
    alpha: float,
    seed: int | None,
    jobs: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Check by simulation that the statistics of the study in FOLDER hold their level.

    \b
    whyface calibrate section7                     with as many people as the study plans
    whyface calibrate section7 -n 24               does it still hold with so few?
    whyface calibrate section7 --studies 2000      surer figures (± 1 point), five times as long

    Many studies are simulated by the study's own design. With the effects under `simulate:`, a
    95 % interval should hold the planted share in 95 % of them; with all effects equal (where
    answers are right or wrong: with guesses), a test at level .05 should find a difference in 5 %
    of them. The page (calibration.html) and the tables (Markdown, CSV) say for each planned
    interval and test how often that was so. What was simulated is kept: the same command goes on
    where it was stopped.
    """
    study = load_study(folder)
    from analysis.multiplicity import TITLES
    from analysis.reports import calibration_report as report
    from study_app import calibrate, power
    from study_app.rehearsal import design

    wrong = list(power.unplannable(study))
    planned = study.simulate.n if study.simulate else 0
    people = planned if n is None else n
    questions = design.own_items(study) if items is None else items
    if study.simulate and people < power.FEWEST:
        what = f"{people} participants are too few for any test"
        wrong.append(Problem("-n", what, f"ask for {power.FEWEST} or more"))
    if questions < 1:
        wrong.append(Problem("--items", "nobody is asked anything", "ask 1 question or more"))
    if out is not None and out.exists() and not out.is_dir():
        wrong.append(Problem(f"--out {out}", "is a file", "name a folder"))
    if wrong:
        raise Problems(wrong)
    place = out or folder / "calibration"
    chance = study.seed if seed is None else seed
    found = calibrate.compute(
        study, people, questions, studies, chance, alpha, place / "cache", jobs
    )
    adjusted = TITLES.get(study.multiplicity)
    about = report.About(
        study.title,
        people,
        questions,
        studies,
        chance,
        found.shuffles,
        alpha,
        f"adjusted by {adjusted}" if adjusted else "not adjusted",
        found.own_truth,
    )
    page = report.write(found.coverage, found.alarms, about, place)
    if as_json:
        whole = report.machine(found.coverage, found.alarms, about)
        click.echo(json.dumps(whole, indent=1, ensure_ascii=False))
        return
    for line in (
        *power.assumed(study, [questions]),
        *report.in_words(found.coverage, found.alarms, about),
    ):
        click.echo(line)
    click.echo(f"Page: {page.resolve().as_uri()}")
