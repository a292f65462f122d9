"""Run the survey paper's user study from end to end, with simulated answers, and serve it."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from db.records import Mode
from study_app.commands._database import open_store

STUDY = "section7"


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the study goes; a study that is there already is used as it is.",
)
@click.option("-n", type=click.IntRange(1), default=101, show_default=True, help="So many people.")
@click.option("--port", default=8501, show_default=True, help="Port of the survey.")
@click.option("--dashboard-port", default=8502, show_default=True, help="Port of the dashboard.")
@click.pass_context
def command(ctx: click.Context, folder: Path, n: int, port: int, dashboard_port: int) -> None:
    """Run the study of Section 7 on this machine: explanations, participants, report, servers.

    \b
    whyface demo                      into ./demo
    whyface demo --folder elsewhere

    It copies the ready study, computes every explanation from the networks' weights (minutes, the
    first time), lets simulated participants answer, writes the report, and serves survey and
    dashboard until Ctrl-C. A second run finds everything there and serves within seconds. Without
    a terminal it starts both servers, checks that they answer, stops them and ends.
    """
    study = folder / STUDY
    prepare(ctx, study, n)
    serve(study, port, dashboard_port, stay=sys.stdin.isatty() and sys.stdout.isatty())


def prepare(ctx: click.Context, study: Path, n: int) -> None:
    """Everything before the servers, by the verbs that a user would type.

    Arguments:
        ctx: runs the verbs with their own defaults.
        study: the study's folder.
        n: how many simulated participants there shall be.
    """
    from study_app.commands import analyze, build, init, simulate

    if study.exists():
        _step(1, f"The study is there: {study}")
    else:
        _step(1, "Copying the ready study")
        init.copy_study(STUDY, study)
    _step(2, "Explanations: what is missing is computed from the networks' weights")
    ctx.invoke(build.command, folder=study)
    _step(3, f"Simulated participants, {n} in all")
    ctx.invoke(simulate.command, folder=study, n=n)
    if report_is_current(study):
        _step(4, f"The report is there: {page(study).resolve().as_uri()}")
    else:
        _step(4, "The report, from the simulated answers")
        ctx.invoke(analyze.command, folder=study, mode=Mode.SIMULATED.value)


def page(study: Path) -> Path:
    """Where ``whyface analyze --mode simulated`` puts the report."""
    return study / f"report-{Mode.SIMULATED}" / "report.html"


def report_is_current(study: Path) -> bool:
    """Whether the report was made from this version of the study, after the last answer."""
    from study_app.publishing.freeze import frozen_text

    version, _ = frozen_text(study)
    try:
        text = (page(study).parent / "estimates.json").read_text(encoding="utf-8")
        about: dict[str, Any] = json.loads(text)
        made = datetime.fromisoformat(about["generated"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    with open_store(study, None) as store:
        last = store.progress(version=version, mode=Mode.SIMULATED)["last_answer_at"]
    there = page(study).is_file() and about.get("version") == version
    return there and last is not None and made >= last


def serve(study: Path, port: int, dashboard_port: int, stay: bool) -> None:
    """Start survey and dashboard, say where they are, and stop both at the end.

    Arguments:
        study: the study's folder.
        port, dashboard_port: used if they are free, else the next free ones.
        stay: serve until Ctrl-C; otherwise stop as soon as both answer.
    """
    from study_app.children import Server, running, wait
    from study_app.dashboard.password import VARIABLE, generate

    _step(5, "Starting survey and dashboard")
    survey_at = _port("survey", port, frozenset())
    dashboard_at = _port("dashboard", dashboard_port, frozenset({survey_at}))
    # One for each run unless the user set one: nothing has to be remembered for a demonstration.
    password = os.environ.get(VARIABLE) or generate()
    survey = Server(
        "survey",
        ("serve", str(study), "--port", str(survey_at), "--mode", Mode.TEST.value),
        survey_at,
        study / "serve.log",
    )
    options = ("--port", str(dashboard_at), "--mode", Mode.SIMULATED.value)
    dashboard = Server(
        "dashboard",
        ("dashboard", str(study), *options),
        dashboard_at,
        study / "dashboard.log",
        {VARIABLE: password},
    )
    with running(survey, dashboard) as processes:
        click.echo()
        click.echo(f"  Survey      http://127.0.0.1:{survey_at}/")
        click.echo(f"  Dashboard   http://127.0.0.1:{dashboard_at}/   password: {password}")
        click.echo(f"  Report      {page(study).resolve().as_uri()}")
        click.echo()
        if not stay:
            click.echo("Both answer. There is no terminal, so they are stopped again.")
            return
        try:
            click.echo("Take part in the survey and watch it in the dashboard (Answers: Test).")
            click.echo("Ctrl-C stops both.")
            wait((survey, dashboard), processes)
        except KeyboardInterrupt:
            click.echo("\nStopping both. `whyface demo` goes on from here in seconds.")


def _step(number: int, what: str) -> None:
    click.secho(f"{number}/5  {what}", bold=True)


def _port(name: str, wanted: int, taken: frozenset[int]) -> int:
    from study_app.web.ports import first_free

    found = first_free("127.0.0.1", wanted, taken)
    if found != wanted:
        click.echo(f"Port {wanted} is in use: the {name} takes {found}.")
    return found
