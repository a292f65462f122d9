"""How far the strongest answers of units stand out, beside those of random directions."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import _style

KINDS = ("unit", "random direction")


def draw(table: pd.DataFrame, title: str) -> Any:
    """A dot for each direction, those that stand out most on top.

    Arguments:
        table: columns ``direction``, ``layer``, ``name``, ``spread``.
        title: what stands above.
    """
    data = _data(table)
    y = alt.Y("label:N", sort=list(data["label"]), title=None).axis(
        domain=False, ticks=False, labelPadding=6, labelLimit=240, grid=True
    )
    x = alt.X("spread:Q", title="standard deviations above the mean").scale(zero=True)
    colour = alt.Color("kind:N", title=None).scale(
        domain=list(KINDS), range=[_style.COLOURS[0], _style.GREY]
    )
    shape = alt.Shape("kind:N", title=None).scale(domain=list(KINDS), range=list(_style.SHAPES[:2]))
    legend = colour.legend(orient="top", labelFontSize=12, symbolOpacity=1)
    dots = alt.Chart(data).mark_point(filled=True, size=80, opacity=1)
    chart = dots.encode(y=y, x=x, color=legend, shape=shape).properties(
        width=_style.WIDTH, height=alt.Step(22)
    )
    layers = ", ".join(dict.fromkeys(data["layer"].astype(str)))
    subtitle = [
        f"Layer {layers}: how far a direction's answers to its strongest pieces lie above its",
        "answers to all faces; whether people see what these have in common is another question",
    ]
    return _style.finish(chart, title, subtitle, words(table))


def words(table: pd.DataFrame) -> str:
    """The chart in words, for those who do not see it."""
    return " ".join(f"{row['label']}: {row['spread']:.1f}." for _, row in _data(table).iterrows())


def _data(table: pd.DataFrame) -> pd.DataFrame:
    data = table[["direction", "layer", "name", "spread"]].copy()
    data["kind"] = [KINDS[not name.startswith("unit")] for name in data["direction"]]
    data["label"] = [
        f"{direction} ({part})" if part else direction
        for direction, part in zip(data["direction"], data["name"], strict=True)
    ]
    return data.sort_values("spread", ascending=False, kind="stable")
