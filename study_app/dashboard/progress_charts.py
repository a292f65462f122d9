"""Charts of counts for the progress page; results are drawn by `analysis.charts`."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

_COLOURS = {"consented": "#5f6368", "completed": "#0072B2"}


def over_time(people: pd.DataFrame) -> Any:
    """How many people consented and completed up to each moment.

    Arguments:
        people: ``consented_at`` and ``completed_at`` of each participant.

    Returns:
        an altair chart with two step lines.
    """
    parts = []
    for kind in _COLOURS:
        moments = people[f"{kind}_at"].dropna().sort_values()
        parts.append(pd.DataFrame({"at": moments, "people": range(1, len(moments) + 1)}))
        parts[-1]["kind"] = kind
    lines = pd.concat(parts)
    kinds = list(_COLOURS)
    n, done = (len(part) for part in parts)
    return (
        alt.Chart(lines, description=f"{n} people consented, {done} completed so far.")
        .mark_line(interpolate="step-after", point={"size": 12}, strokeWidth=2)
        .encode(
            x=alt.X("at:T", title=None),
            y=alt.Y("people:Q", title="people so far", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("kind:N", sort=kinds, title=None).scale(
                domain=kinds, range=list(_COLOURS.values())
            ).legend(orient="top"),
            tooltip=["kind:N", alt.Tooltip("at:T", format="%d %b %H:%M"), "people:Q"],
        )
        .properties(height=300)
    )  # fmt: skip


def steps(reached: pd.DataFrame) -> Any:
    """One bar for each step of the study: how many people came so far.

    Arguments:
        reached: ``step`` and ``people``, in the order of the study.
    """
    words = "; ".join(f"{row.step}: {row.people}" for row in reached.itertuples())
    base = alt.Chart(reached, description=f"People who came to each step. {words}.").encode(
        y=alt.Y("step:N", sort=list(reached["step"]), title=None, axis=alt.Axis(labelLimit=220)),
        x=alt.X("people:Q", title="people", axis=alt.Axis(tickMinStep=1, format="d")),
        tooltip=["step:N", "people:Q"],
    )
    bars = base.mark_bar(color=_COLOURS["completed"])
    numbers = base.mark_text(align="left", dx=4, color="#1d2733").encode(text="people:Q")
    return (bars + numbers).properties(height=24 * len(reached) + 60)
