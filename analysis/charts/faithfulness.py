"""How faithful methods are: a ranking for each measure, and the curves that some go along."""

from __future__ import annotations

from math import isnan
from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import _style

COLUMNS = 3
_PANEL = 190


def ranking_chart(table: pd.DataFrame, *, title: str, note: str = "") -> Any:
    """One panel for each measure: methods from best to worst, means with intervals over faces.

    Arguments:
        table: rows of one model of `analysis.faithfulness.ranking`.
        title: what stands above.
        note: what must be said along, such as the number of faces.

    Returns:
        an altair chart; a grey tick is what an uninformative map gets.
    """
    panels = []
    for measure, group in table.groupby("measure", sort=False):
        better = group["better"].iloc[0]
        data = group[["method", "mean", "low", "high", "baseline"]]
        order = list(data["method"])
        y = alt.Y("method:N", sort=order, title=None).axis(
            domain=False, ticks=False, labelPadding=6, labelLimit=240
        )
        x = alt.X("mean:Q", title=f"{better} is more faithful").scale(zero=False).axis(tickCount=5)
        base = alt.Chart(data).encode(y=y)
        ticks = base.transform_filter("isValid(datum.baseline)").mark_tick(
            color=_style.GREY, thickness=2, size=14
        )
        whiskers = base.transform_filter("isValid(datum.low)").mark_rule(
            strokeWidth=2, color=_style.COLOURS[0]
        )
        dots = base.mark_point(filled=True, size=70, opacity=1, color=_style.COLOURS[0])
        layers = (
            ticks.encode(x="baseline:Q"),
            whiskers.encode(x="low:Q", x2="high:Q"),
            dots.encode(x=x),
        )
        panel = alt.layer(*layers).properties(
            width=_style.WIDTH - 160, height=alt.Step(22), title=_heading(str(measure))
        )
        panels.append(panel)
    chart = alt.concat(*panels, columns=2, spacing={"row": 26, "column": 34})
    subtitle = ["Mean over faces with 95 % intervals; grey ticks: an uninformative map", note]
    return _style.finish(chart, title, subtitle, ranking_words(table))


def curves_chart(curves: pd.DataFrame, order: list[str], *, title: str, note: str = "") -> Any:
    """One small panel for each method: mean curves with bands, and dashed those by chance.

    Arguments:
        curves: rows of one model and measure of `analysis.faithfulness.mean_curves`.
        order: the methods, best first.
        title, note: as for `ranking_chart`.
    """
    data = curves.assign(
        chance=curves["curve"].str.startswith("random_"),
        what=curves["curve"].str.removeprefix("random_"),
    )
    kinds = list(dict.fromkeys(data["what"]))
    colour = alt.Color("what:N", title=None).scale(
        domain=kinds, range=[_style.COLOURS[(n + 1) % 6] for n in range(len(kinds))]
    )
    colour = colour.legend(
        orient="top", symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1, labelFontSize=12
    )
    base = alt.Chart(data).encode(
        x=alt.X("x:Q", title=None).axis(format=".0%", tickCount=3), color=colour
    )
    known = base.transform_filter("!datum.chance")
    band = known.transform_filter("isValid(datum.low)").mark_area(opacity=0.2)
    line = known.mark_line(strokeWidth=2)
    chance = base.transform_filter("datum.chance").mark_line(strokeWidth=1.5, strokeDash=[4, 3])
    y = alt.Y("mean:Q", title=None).axis(tickCount=4)
    layered = alt.layer(
        band.encode(y=alt.Y("low:Q", title=None), y2="high:Q"), chance.encode(y=y), line.encode(y=y)
    ).properties(width=_PANEL, height=_PANEL * 0.72)
    facet = alt.Facet("method:N", sort=order, title=None)
    chart = layered.facet(facet=facet.header(labelFontSize=12.5), columns=COLUMNS, spacing=20)
    subtitle = ["Mean over faces with 95 % bands; dashed: by chance", note]
    words = f"Curves {', '.join(kinds)} for {', '.join(order)}."
    return _style.finish(chart, title, subtitle, words)


def ranking_words(table: pd.DataFrame) -> str:
    """The chart in words, for those who do not see it."""
    sentences = []
    for measure, group in table.groupby("measure", sort=False):
        told = ", ".join(
            f"{method} {number(mean)}"
            + ("" if isnan(low) else f" ({number(low)} to {number(high)})")
            for method, mean, low, high in zip(
                group["method"], group["mean"], group["low"], group["high"], strict=True
            )
        )
        sentences.append(f"{measure}, {group['better'].iloc[0]} is better: {told}.")
    return " ".join(sentences) or "No scores."


def number(value: float) -> str:
    """A number of three digits; a dash where there is none.

    Example:
        >>> number(0.12345), number(-31.4159), number(float("nan"))
        ('0.123', '−31.4', '–')
    """
    return "–" if isnan(value) else f"{value:.3g}".replace("-", "−")


def _heading(measure: str) -> Any:
    return alt.TitleParams(measure, anchor="start", fontSize=13, color=_style.INK)
