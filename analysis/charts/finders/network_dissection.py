"""How many units detect each word, against random rotations of the same units."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import _style

UNITS = "units"


def draw(table: pd.DataFrame, title: str) -> Any:
    """A bar for each word: its detectors among the units; a tick: on average in rotated bases.

    Arguments:
        table: columns ``basis``, ``unit``, ``word``, ``detector``.
        title: what stands above.
    """
    found = table[table["detector"].astype(bool)]
    rotations = [basis for basis in dict.fromkeys(table["basis"]) if basis != UNITS]
    counts = found.groupby(["word", "basis"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=[UNITS, *rotations], fill_value=0)
    data = pd.DataFrame({"word": counts.index, "units": counts[UNITS].to_numpy()})
    data["rotated"] = counts[rotations].mean(axis=1).to_numpy() if rotations else float("nan")
    data = data.sort_values(["units", "rotated"], ascending=False, kind="stable")
    y = alt.Y("word:N", sort=list(data["word"]), title=None).axis(
        domain=False, ticks=False, labelPadding=6
    )
    x = alt.X("units:Q", title="units that detect it").axis(tickMinStep=1, format="d")
    base = alt.Chart(data).encode(y=y)
    bars = base.mark_bar(color=_style.COLOURS[0], height={"band": 0.62}).encode(x=x)
    ticks = base.transform_filter("isValid(datum.rotated)").mark_tick(
        color=_style.INK, thickness=2.5, size=20
    )
    layers = alt.layer(bars, ticks.encode(x="rotated:Q"))
    chart = layers.properties(width=_style.WIDTH, height=alt.Step(_style.STEP))
    return _style.finish(chart, title, _told(table, rotations), words(table))


def words(table: pd.DataFrame) -> str:
    """The chart in words, for those who do not see it."""
    found = table[table["detector"].astype(bool) & (table["basis"] == UNITS)]
    told = [f"{word} {count}" for word, count in found["word"].value_counts().items()]
    rotations = [basis for basis in dict.fromkeys(table["basis"]) if basis != UNITS]
    units = f"Units that detect a word: {', '.join(told) or 'none'}."
    return " ".join([units, *_told(table, rotations)])


def _told(table: pd.DataFrame, rotations: list[str]) -> list[str]:
    unique = {
        basis: rows.loc[rows["detector"].astype(bool), "word"].nunique()
        for basis, rows in table.groupby("basis", sort=False)
    }
    own = table[table["basis"] == UNITS]
    lines = [
        f"{int(own['detector'].sum())} of {len(own)} units detect {unique.get(UNITS, 0)} "
        "different words"
    ]
    if rotations:
        mean = sum(unique[basis] for basis in rotations) / len(rotations)
        many = f"{len(rotations)} random rotations" if len(rotations) > 1 else "one random rotation"
        lines.append(f"Ticks: mean of {many} of the same units, {mean:.1f} different words")
    return lines
