"""Charts of counts for the progress page; results are drawn by `analysis.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import altair as alt
import pandas as pd

from study_app.dashboard import ways

_COLOURS = {"consented": "#5f6368", "completed": "#0072B2"}
_UNDER_WAY, _INK = "#9ecae1", "#1d2733"
# Okabe and Ito: told apart with any colour vision.
_ENDS = dict(
    zip(
        ways.ENDS,
        ("#0072B2", "#CC79A7", _UNDER_WAY, "#D55E00", "#bdbdbd", "#5f6368", "#009E73", "#E69F00",
         "#882255", "#117733"),
        strict=False,
    )
)  # fmt: skip


def over_time(moments: Sequence[tuple[str, datetime, int]]) -> Any:
    """How many people consented and completed up to each moment.

    Arguments:
        moments: from `Store.moments`.

    Returns:
        an altair chart with two step lines.
    """
    lines = pd.DataFrame(moments, columns=["kind", "at", "people"])
    kinds = list(_COLOURS)
    n, done = (max((people for name, _, people in moments if name == kind), default=0)
               for kind in kinds)  # fmt: skip
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
    numbers = base.mark_text(align="left", dx=4, color=_INK).encode(text="people:Q")
    return (bars + numbers).properties(height=24 * len(reached) + 60)


def ends(ended: pd.DataFrame, pages: Sequence[str]) -> Any:
    """One bar for each page of the study: how it ended there, or who is there now.

    Arguments:
        ended: from `study_app.dashboard.ways.Ways.ended`.
        pages: in the order of the study.
    """
    words = "; ".join(f"{row.page}, {row.end}: {row.people}" for row in ended.itertuples())
    there = [end for end in ways.ENDS if (ended["end"] == end).any()]
    order = ended["end"].map(ways.ENDS.index)
    shown = [page for page in pages if (ended["page"] == page).any()]
    return (
        alt.Chart(ended.assign(order=order), description=f"Where it ended, and how. {words}.")
        .mark_bar(stroke="white")
        .encode(
            y=alt.Y("page:N", sort=shown, title=None).axis(labelLimit=220, labelOverlap=False),
            x=alt.X("people:Q", title="people").axis(tickMinStep=1, format="d", tickCount=6),
            color=alt.Color("end:N", sort=there, title=None)
            .scale(domain=there, range=[_ENDS[end] for end in there])
            .legend(orient="top", columns=3, labelLimit=220),
            order="order:Q",
            tooltip=["page:N", "end:N", "people:Q"],
        )
        .properties(height=26 * len(shown) + 150)
    )
