"""How well a combination of units knows each word, beside the best single unit."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import _style

NAMES = {"single": "best single unit", "combined": "combination"}
HEADINGS = {
    "iou": "Parts: overlap (IoU) with where the part is",
    "balanced accuracy": "Kinds of faces: balanced accuracy (.5 is chance)",
}


def draw(table: pd.DataFrame, title: str) -> Any:
    """Two dots for each word, joined by a line; a panel for each measure.

    Arguments:
        table: columns ``word``, ``measure``, ``single``, ``single_tuned``, ``combined``,
            ``combined_tuned``; the tuned ones are drawn where there are any.
        title: what stands above.
    """
    data = _data(table)
    domain = list(NAMES.values())
    colour = alt.Color("what:N", title=None).scale(
        domain=domain, range=[_style.COLOURS[1], _style.COLOURS[0]]
    )
    colour = colour.legend(orient="top", labelFontSize=12, symbolOpacity=1)
    shape = alt.Shape("what:N", title=None).scale(domain=domain, range=list(_style.SHAPES[:2]))
    panels = []
    for measure, rows in data.groupby("measure", sort=False):
        order = rows.groupby("word")["value"].max().sort_values(ascending=False).index
        y = alt.Y("word:N", sort=list(order), title=None).axis(
            domain=False, ticks=False, labelPadding=6
        )
        title_of = "IoU" if measure == "iou" else str(measure)
        x = alt.X("value:Q", title=title_of).scale(domain=[0, 1]).axis(tickCount=5)
        base = alt.Chart(rows).encode(y=y)
        line = base.mark_line(color=_style.GREY, strokeWidth=1.5).encode(x=x, detail="word:N")
        dots = base.mark_point(filled=True, size=75, opacity=1)
        panel = alt.layer(line, dots.encode(x=x, color=colour, shape=shape)).properties(
            width=_style.WIDTH,
            height=alt.Step(22),
            title=alt.TitleParams(
                HEADINGS.get(str(measure), str(measure)),
                anchor="start",
                fontSize=13,
                color=_style.INK,
            ),
        )
        panels.append(panel)
    chart = alt.vconcat(*panels, spacing=24)
    subtitle = ["Each with its best threshold, in faces that it was not learnt from"]
    return _style.finish(chart, title, subtitle, words(table))


def words(table: pd.DataFrame) -> str:
    """The chart in words, for those who do not see it."""
    sentences = []
    for (measure, word), rows in _data(table).groupby(["measure", "word"], sort=False):
        told = dict(zip(rows["what"], rows["value"], strict=True))
        values = ", ".join(f"{what} {value:.2f}" for what, value in told.items())
        sentences.append(f"{word} ({measure}): {values}.")
    return " ".join(sentences) or "No words."


def _data(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in table.to_dict("records"):
        for name, what in NAMES.items():
            tuned = row[f"{name}_tuned"]
            value = row[name] if pd.isna(tuned) else tuned
            known = {"word": row["word"], "measure": row["measure"]}
            rows.append(known | {"what": what, "value": float(value)})
    return pd.DataFrame(rows, columns=["word", "measure", "what", "value"])
