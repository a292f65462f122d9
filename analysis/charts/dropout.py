"""How far people came: a bar for each step of the study, and where most of them stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.estimate import Estimate
from analysis.prose import wording

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 70


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """Once, if anybody has come."""
    if summary.reached and summary.reached[0].participants:
        yield Drawing(
            "dropout",
            "quality",
            "How many of those who consented reached each step, before exclusions.",
            description(summary.reached),
            chart(summary.reached, note=note),
            rows(summary.reached, exclusions="before"),
        )


def chart(
    estimates: Sequence[Estimate], *, title: str = "How far did people come?", note: str = ""
) -> Any:
    """One bar for each step, in the order of the study; the step with most losses is dark.

    Arguments:
        estimates: from `analysis.summaries.dropout.reached`.
        title: what stands above.
        note: what must never be lost.
    """
    worst = most_lost(estimates)
    data = pd.DataFrame(
        [
            {
                "step": e.item,
                "value": e.value,
                "text": f"{e.answers:,} ({wording.percent(e.value)})",
                "worst": worst is not None and e.item == estimates[worst].item,
            }
            for e in estimates
        ],
        columns=["step", "value", "text", "worst"],
    )
    axis = alt.Axis(domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(data).encode(
        y=alt.Y("step:N", sort=[e.item for e in estimates], title=None, axis=axis)
    )
    share = alt.X("value:Q", title="of those who consented").scale(domain=[0, 1])
    share = share.axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    colour = alt.condition("datum.worst", alt.value(_style.COLOURS[1]), alt.value("#7fb2d6"))
    bars = base.mark_bar(height=15).encode(x=share, color=colour)
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    text = text.encode(x=alt.value(_style.WIDTH - 52), text="text:N")
    layers = alt.layer(bars, text)
    layers = layers.properties(width=_style.WIDTH - 60, height=alt.Step(21))
    return _style.finish(layers, title, [lost(estimates), note], description(estimates))


def most_lost(estimates: Sequence[Estimate]) -> int | None:
    """The place of the step that most people did not reach any more; None if nobody left."""
    losses = [before.answers - after.answers for before, after in pairwise(estimates)]
    most = max(losses, default=0)
    return losses.index(most) + 1 if most > 0 else None


def lost(estimates: Sequence[Estimate]) -> str:
    """How many left, and before which step most of them, in a sentence."""
    worst = most_lost(estimates)
    if worst is None:
        return "Nobody left before the end."
    gone = estimates[0].answers - estimates[-1].answers
    here = estimates[worst - 1].answers - estimates[worst].answers
    what = estimates[worst].item.lower()
    return f"{gone} of {estimates[0].answers} did not come to the end; most left before: {what} ({here})."  # noqa: E501


def description(estimates: Sequence[Estimate]) -> str:
    """The chart in words, for those who do not see it."""
    counts = "; ".join(f"{e.item}: {e.answers}" for e in estimates)
    return f"{lost(estimates)} People who reached each step. {counts}."
