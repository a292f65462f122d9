"""The page about power: one HTML file that opens offline, with tables and charts beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isinf, isnan
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import power
from analysis.reports import figures

PAGE = "power.html"


@dataclass(frozen=True)
class About:
    """What was simulated.

    Arguments:
        title: the study's title.
        questions: id -> question of each planned analysis.
        target, alpha, studies, seed, shuffles: see `study_app.power.Grid`.
        own: how many questions the study asks now.
        assumed: what was assumed beyond the study file.
        multiplicity: how the family of tests is adjusted, in words.
    """

    title: str
    questions: dict[str, str]
    target: float
    alpha: float
    studies: int
    seed: int
    shuffles: int
    own: int
    assumed: Sequence[str]
    multiplicity: str


def advice(table: pd.DataFrame, about: About) -> tuple[str, list[str]]:
    """The recommendation, and one for each analysis; see `analysis.power.recommendation`."""
    return power.recommendation(table, about.target, about.own, about.alpha)


def machine(table: pd.DataFrame, margins: pd.DataFrame, about: About) -> dict[str, Any]:
    """Everything as plain values, for JSON; what is not known or infinite is None."""
    one, each = advice(table, about)
    return {
        "whyface": "power",
        "study": about.title,
        "recommendation": one,
        "recommendations": each,
        "assumed": list(about.assumed),
        "target": about.target,
        "alpha": about.alpha,
        "studies": about.studies,
        "seed": about.seed,
        "shuffles": about.shuffles,
        "power": _plain(table),
        "participants_needed": _plain(power.needed(table, about.target)),
        "detectable_effect": _plain(power.detectable(table, about.target)),
        "margins": _plain(margins),
    }


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            str(key): None if isinstance(value, float) and (isnan(value) or isinf(value)) else value
            for key, value in row.items()
        }
        for row in table.to_dict("records")
    ]


def write(table: pd.DataFrame, margins: pd.DataFrame, about: About, out: Path) -> Path:
    """Write ``power.html``, ``power.csv``, ``margins.csv``, ``power.json`` and ``figures/``.

    Arguments:
        table: from `analysis.power.with_power`.
        margins: half widths of the intervals, one row for each design and estimate.
        about: what was simulated.
        out: the folder; files of these names are replaced, others stay.

    Returns:
        the path of the page.
    """
    out.mkdir(parents=True, exist_ok=True)
    _whole(out / "power.csv", table.to_csv(index=False))
    _whole(out / "margins.csv", margins.to_csv(index=False))
    whole = json.dumps(machine(table, margins, about), indent=1, ensure_ascii=False)
    _whole(out / "power.json", whole + "\n")
    drawn = []
    for name, caption, chart in _charts(table, about):
        figures.save(chart, out / "figures", name)
        picture = base64.b64encode((out / "figures" / f"{name}.svg").read_bytes()).decode()
        drawn.append((name, caption, f"data:image/svg+xml;base64,{picture}"))
    _whole(out / PAGE, page(table, margins, about, drawn))
    return out / PAGE


def page(
    table: pd.DataFrame,
    margins: pd.DataFrame,
    about: About,
    drawn: Sequence[tuple[str, str, str]],
) -> str:
    """The page's text; arguments as for `write`, and of each chart name, caption and address."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from analysis.charts.power import in_words

    environment = Environment(
        loader=PackageLoader("analysis.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    one, each = advice(table, about)
    effects = sorted(table["effect"].unique())
    largest = 1.0 if 1.0 in effects else (effects[-1] if effects else 1.0)
    return environment.get_template("power.html.jinja").render(
        about=about,
        one=one,
        each=each,
        drawn=drawn,
        words=in_words(table, about.target),
        whole=power.whole(table).to_dict("records"),
        tests=_single(table, largest),
        largest=largest,
        needed=[_crossing(row, "participants") for row in _records(power.needed, table, about)],
        detectable=[_crossing(row, "effect") for row in _records(power.detectable, table, about)],
        margins=_widths(margins, largest),
        share=power.share,
    )


def _records(of: Any, table: pd.DataFrame, about: About) -> list[dict[str, Any]]:
    return _rows(of(table, about.target))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _single(table: pd.DataFrame, effect: float) -> list[dict[str, Any]]:
    """The single tests of analyses that make several."""
    rows = table[(table["item"] != power.WHOLE) & (table["effect"] == effect)]
    several = rows.groupby("analysis")[["item", "segment"]].transform("nunique").max(axis=1) > 1
    return _rows(rows[several])


def _widths(margins: pd.DataFrame, effect: float) -> list[dict[str, Any]]:
    """The widest and the narrowest interval of each quantity in each design."""
    if margins.empty:
        return []
    rows = margins[margins["effect"] == effect]
    groups = rows.groupby(["analysis", "quantity", "participants", "questions"], sort=False)
    return _rows(groups["margin"].agg(["min", "max"]).reset_index())


def _crossing(row: dict[str, Any], name: str) -> dict[str, Any]:
    """The row with ``told``: a crossing in words."""
    value, low, high = row[name], row["low"], row["high"]
    digits = "{:.0f}" if name == "participants" else "{:.2g}"
    if value == inf:
        told = "more than tried"
    elif value == -inf:
        told = "the least tried is enough"
    else:
        least = "less" if low == -inf else digits.format(low)
        most = "more than tried" if high == inf else digits.format(high)
        told = f"{digits.format(value)} ({least} to {most})"
    return {**row, "told": told}


def _charts(table: pd.DataFrame, about: About) -> Iterator[tuple[str, str, Any]]:
    from analysis.charts import power as charts

    if power.whole(table).empty:
        return
    note = f"{about.studies} simulated studies for each design"
    title = "How often would the study find what is planted?"
    goal = f"{100 * about.target:.0f} %"
    yield (
        "power",
        f"Power of each planned analysis by number of participants; {goal} is wanted.",
        charts.lines(table, about.target, title=title, note=note),
    )
    effects = sorted((e for e in table["effect"].unique() if e > 0), reverse=True)
    for effect in effects:
        chart = charts.surface(
            table,
            about.target,
            effect=effect,
            title="Participants or questions: which pays more?",
            note=note,
        )
        if chart is not None:
            name = "surface" if effect == 1 else f"surface_{effect:g}".replace(".", "_")
            caption = f"Power over participants and questions, {charts.times(effect)}."
            yield name, caption, chart


def _whole(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
