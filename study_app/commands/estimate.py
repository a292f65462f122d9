"""Compute one statistic on any tidy CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explainers.problems import Problem, Problems

if TYPE_CHECKING:
    from analysis.estimate import Estimate


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("statistic")
@click.argument("data", type=click.Path(path_type=Path), required=False)
@click.option("--by", metavar="COLUMN", help="What is compared; mostly the column option.")
@click.option("--within", metavar="COLUMN", help="Groups to look at separately, or to compare.")
@click.option("--order", metavar="A,B,C", help="Order of the groups of --within.")
@click.option("--level", type=float, default=0.95, show_default=True, help="Coverage of intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON in full precision.")
@click.pass_context
def command(
    ctx: click.Context,
    statistic: str,
    data: Path | None,
    by: str | None,
    within: str | None,
    order: str | None,
    level: float,
    as_json: bool,
) -> None:
    """Compute STATISTIC on the CSV file DATA, one answer a row.

    \b
    whyface list statistics                           what there is
    whyface estimate selection_share                  the columns and options it needs
    whyface estimate selection_share answers.csv --within expertise
    whyface estimate equivalence answers.csv --low=-0.1 --high=0.1 --json

    Options of a statistic are written as --NAME=VALUE. Numbers that cannot be known are null in
    JSON, and the note says why.
    """
    from analysis import statistics
    from analysis.data import csv_file
    from analysis.errors import AnalysisError

    try:
        if data is None:
            click.echo(_explain(statistic))
            return
        statistics.describe(statistic)
        options = _options(ctx.args)
        table = csv_file.read(data)
        request = {"by": by, "within": within, "level": level, **options}
        found = statistics.problems(statistic, table, **request)
        if not found:
            table = csv_file.ordered(table, within, order)
            estimates = statistics.run(statistic, table, **request)
    except AnalysisError as error:
        raise Problems.one(error.where, error.what, error.fix) from None
    if found:
        raise Problems(Problem(f"{data}: {e.where}", e.what, e.fix) for e in found)
    if not estimates:
        what = "found nothing to compare: there is a single option"
        raise Problems.one(
            f"{data}: statistic '{statistic}'", what, "name another column with --by"
        )
    if as_json:
        whole = {
            "whyface": "estimate",
            "statistic": statistic,
            "data": data.name,
            "rows": len(table),
            **request,
            "estimates": [_known(e.as_dict()) for e in estimates],
        }
        click.echo(json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        click.echo("\n".join(_lines(estimates)))


def _explain(statistic: str) -> str:
    from analysis import statistics

    lines = [f"{statistic}: {statistics.describe(statistic)}", "columns:"]
    lines += [f"  {name:12} {text}" for name, text in statistics.columns(statistic).items()]
    optional = statistics.columns(statistic, optional=True)
    if optional:
        lines += ["used where they are there:"]
        lines += [f"  {name:12} {text}" for name, text in optional.items()]
    lines += ["options, with what they are if not given:"]
    lines += [
        f"  --{name}={'…' if value is ... else value}"
        for name, value in statistics.options(statistic).items()
    ]
    return "\n".join(lines)


def _options(words: list[str]) -> dict[str, Any]:
    wrong = [word for word in words if not word.startswith("--")]
    if wrong:
        raise Problems.one("whyface estimate", f"does not know '{wrong[0]}'", "write --NAME=VALUE")
    pairs = [word.removeprefix("--").partition("=") for word in words]
    bare = [name for name, equals, _ in pairs if not equals]
    if bare:
        raise Problems.one(f"option --{bare[0]}", "has no value", f"write --{bare[0]}=VALUE")
    return {name.replace("-", "_"): _plain(value) for name, _, value in pairs}


def _plain(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {key: None if value != value else value for key, value in row.items()}


def _lines(estimates: list[Estimate]) -> Iterator[str]:
    for e in (replace(e, item=e.item or "-") for e in estimates):
        interval = f"  {e.level:.0%} [{e.low:.4g}, {e.high:.4g}]" if e.low == e.low else ""
        error = f"  se {e.error:.4g}" if e.error is not None and e.error == e.error else ""
        p = "" if e.p is None else f"  p {e.p:.4g}"
        people = f"  n {e.participants} ({e.answers} answers)"
        yield f"{e.quantity}  {e.item}  {e.segment}  {e.value:.6g}{interval}{error}{p}{people}"
        if e.note:
            yield f"    {e.note}"
