"""Where in the face each filter answers on average, and how scattered its answers are."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import _style

SIDE = 300


def draw(table: pd.DataFrame, title: str) -> Any:
    """A dot for each filter at its mean place; darker ones answer at the same place in every face.

    Arguments:
        table: columns ``unit``, ``sign``, ``x``, ``y``, ``focus``, and ``side`` of the face in
            the same pixels; filters without a place are left out.
        title: what stands above.
    """
    data = table[table["x"].notna()][["unit", "sign", "x", "y", "focus"]].copy()
    data["focus"] = data["focus"].clip(lower=0)
    side = float(table["side"].max())
    axis: dict[str, Any] = {"labels": False, "ticks": False, "grid": False, "domain": False}
    colour = alt.Color("focus:Q", title="focus").scale(scheme="blues", domain=[0, 1])
    panels = []
    for sign, rows in data.groupby("sign", sort=False):
        x = alt.X("x:Q", title=None).scale(domain=[0, side], nice=False).axis(**axis)
        y = alt.Y("y:Q", title=None).scale(domain=[side, 0], nice=False).axis(**axis)
        marks = alt.Chart(rows).mark_point(
            filled=True, size=80, opacity=1, stroke=_style.INK, strokeWidth=0.6
        )
        heading = alt.TitleParams(f"{sign} answers", anchor="start", fontSize=13, color=_style.INK)
        panel = marks.encode(x=x, y=y, color=colour).properties(
            width=SIDE, height=SIDE, title=heading, view=alt.ViewConfig(stroke="#9aa0a6")
        )
        panels.append(panel)
    chart = alt.hconcat(*panels, spacing=28)
    subtitle = ["The square is the aligned face; each dot the mean place of one filter's peaks"]
    return _style.finish(chart, title, subtitle, words(table))


def words(table: pd.DataFrame) -> str:
    """The chart in words, for those who do not see it."""
    sentences = []
    for sign, rows in table[table["x"].notna()].groupby("sign", sort=False):
        best = rows.sort_values("focus", ascending=False).head(5)
        told = ", ".join(
            f"{unit} ({part or 'no part'}, {focus:.2f})"
            for unit, part, focus in zip(best["unit"], best["part"], best["focus"], strict=True)
        )
        sentences.append(f"{len(rows)} filters with {sign} answers; most focused: {told}.")
    return " ".join(sentences) or "No filter answers."
