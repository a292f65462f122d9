"""Who took part: one bar for each choice of each background question (Fig. 17)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.prose import wording
from analysis.summaries.demographics import Demographic

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 10
_LABEL = 340  # pixels that a choice may take before it is cut


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """Once, if the study asks about its participants."""
    asked = summary.demographics
    if asked:
        caption = "Who took part (as Fig. 17 of the survey): counts, shares and Wilson intervals."
        data = rows([e for question in asked for e in question.estimates])
        drawn = chart(asked, note=note)
        yield Drawing("demographics", "people", caption, description(asked), drawn, data)


def chart(questions: Sequence[Demographic], *, title: str = "Who took part", note: str = "") -> Any:
    """One block of bars for each question, with counts and Wilson intervals.

    Arguments:
        questions: from `analysis.summaries.demographics.demographics`.
        title: what stands above.
        note: what must never be lost, such as that participants were simulated.

    Returns:
        an altair chart; questions and choices keep their declared order.
    """
    longest = max((len(word) for q in questions for word in q.labels.values()), default=0)
    room = min(_LABEL, 6.2 * longest)  # one left edge for all blocks
    blocks = [_block(question, room, question is questions[-1]) for question in questions]
    level = questions[0].estimates[0].level if questions else 0.95
    subtitle = [f"Share of participants, {100 * level:.0f} % Wilson intervals"]
    whole = alt.vconcat(*blocks, spacing=18)
    return _style.finish(whole, title, [*subtitle, note], description(questions))


def _block(question: Demographic, room: float, last: bool) -> Any:
    data = table(question)
    choices = list(data["choice"])
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], labels=last, ticks=last)
    base = alt.Chart(data).encode(
        y=alt.Y("choice:N", sort=choices, title=None).axis(
            domain=False, ticks=False, labelPadding=6, labelLimit=_LABEL, minExtent=room
        )
    )
    share = alt.X("value:Q", title="of the participants" if last else None, axis=axis)
    bars = base.mark_bar(height=16, color="#7fb2d6").encode(x=share.scale(domain=[0, 1]))
    whiskers = base.transform_filter("isValid(datum.low)").mark_rule(
        strokeWidth=1.5, color=_style.INK
    )
    whiskers = whiskers.encode(x="low:Q", x2="high:Q")
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    text = text.encode(x=alt.value(_style.WIDTH - 102), text="text:N")
    lines = textwrap.wrap(question.title, 90)
    heading = alt.TitleParams(lines, anchor="start", fontSize=12.5, frame="bounds")
    return alt.layer(bars, whiskers, text).properties(
        width=_style.WIDTH - 110, height=alt.Step(_style.STEP), title=heading
    )


def table(question: Demographic) -> pd.DataFrame:
    """The rows that one block draws; ``value``, ``low`` and ``high`` are the estimates' own."""
    rows = [
        {
            "item": e.item,
            "choice": question.labels[e.item],
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "count": e.answers,
            "text": f"{e.answers} of {e.participants}  ({wording.percent(e.value)})",
        }
        for e in question.estimates
    ]
    return pd.DataFrame(rows).astype({"value": float, "low": float, "high": float})


def description(questions: Sequence[Demographic]) -> str:
    """The chart in words, for those who do not see it."""
    sentences = []
    for question in questions:
        parts = (
            f"{question.labels[e.item]}: {e.answers} of {e.participants}"
            for e in question.estimates
        )
        sentences.append(f"{question.title} {'; '.join(parts)}.")
    return " ".join(sentences) or "No background questions were asked."
