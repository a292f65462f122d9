"""TCAV scores of concepts with their intervals, beside those of random controls."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import _style

ALPHA = 0.05


def scores_chart(table: pd.DataFrame, title: str, score: str) -> Any:
    """A panel for each class and layer: bars with intervals over random counterparts.

    Arguments:
        table: columns ``concept``, ``class``, ``layer``, ``name``, ``random``, ``low``, ``high``,
            ``p_holm`` and the score's.
        title: what stands above.
        score: the column of the score.

    Concepts that stand out from random sets (``p_holm`` under .05) are in full colour; these are
    some that the class depends on, and some that speak against it.
    """
    data = table.assign(
        score=table[score],
        label=[_label(*row) for row in zip(table["concept"], table["name"], strict=True)],
        kind=[
            "random control" if random else "significant" if p < ALPHA else "not significant"
            for random, p in zip(table["random"], table["p_holm"], strict=True)
        ],
    )
    kinds = ["significant", "not significant", "random control"]
    colour = alt.Color("kind:N", title=None).scale(
        domain=kinds, range=[_style.COLOURS[0], "#9cc7e3", "#b9bcc0"]
    )
    panels = []
    for (label, layer), rows in data.groupby(["class", "layer"], sort=False):
        y = alt.Y("label:N", sort=list(rows["label"]), title=None).axis(
            domain=False, ticks=False, labelPadding=6, labelLimit=240
        )
        x = alt.X("score:Q", title="TCAV score").scale(domain=[0, 1]).axis(tickCount=5)
        base = alt.Chart(rows).encode(y=y)
        shown = colour.legend(orient="top", labelFontSize=12, symbolOpacity=1)
        bars = base.mark_bar(height={"band": 0.62}).encode(x=x, color=shown)
        # A score of 0 is a finding too, and a bar without length says nothing of it.
        ends = base.transform_filter("datum.score < 0.005").mark_tick(
            thickness=5, height=13, opacity=1
        )
        ends = ends.encode(x=x, color=shown)
        whiskers = base.mark_rule(strokeWidth=2, color=_style.INK).encode(x="low:Q", x2="high:Q")
        half = alt.Chart(pd.DataFrame({"x": [0.5]})).mark_rule(color=_style.GREY, strokeDash=[4, 3])
        heading = alt.TitleParams(f"{label}, {layer}", anchor="start", fontSize=13)
        panels.append(
            alt.layer(bars, half.encode(x="x:Q"), ends, whiskers).properties(
                width=_style.WIDTH, height=alt.Step(22), title=heading
            )
        )
    subtitle = [
        "Share of a class' faces whose score rises towards the concept; 95 % intervals over random",
        "counterparts; significant: sensitivity beyond that of random sets, p < .05 after Holm",
    ]
    return _style.finish(alt.vconcat(*panels, spacing=24), title, subtitle, words(data))


def words(data: pd.DataFrame) -> str:
    """The chart in words, for those who do not see it."""
    return " ".join(
        f"{row['label']} ({row['class']}, {row['layer']}): {row['score']:.2f} "
        f"({row['low']:.2f} to {row['high']:.2f}), {row['kind']}."
        for _, row in data.iterrows()
    )


def _label(concept: str, name: str) -> str:
    return f"{concept} ({name})" if name and name not in concept else concept
