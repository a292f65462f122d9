"""How much more often one explanation is picked than another, with zero as the line to clear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.estimate import Estimate
from analysis.prose import wording

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 40


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """For each declared segment, or for everybody."""
    for name in summary.groupings:
        found = summary.result("paired_difference", name)
        # Differences of ratings are on the ratings' own scale, not shares.
        if found and found.told == found.estimates and found.estimates:
            labels = summary.frames.labels(name)
            yield Drawing(
                f"differences{'_' + name if name else ''}",
                "picked",
                f"How much more often the first of two explanations was {summary.verb}.",
                description(found.estimates, labels),
                chart(found.estimates, labels, note=note, verb=summary.verb),
                rows(found.estimates),
            )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "",
    note: str = "",
    verb: str = "picked",
) -> Any:
    """One row for each segment, one dot with its interval for each pair of options.

    Arguments:
        estimates: of ``paired_difference``, in the order to be shown.
        labels: plain words for options and segments.
        title: what stands above; a question if empty.
        note: what must never be lost, such as that participants were simulated.
        verb: what a value of 1 says: picked, right, preferred.

    Returns:
        an altair chart in percentage points; an interval that clears zero is drawn dark.
    """
    data = table(estimates, labels)
    ends = data[["value", "low", "high"]].abs().to_numpy()
    reach = max(0.2, min(1.0, float(pd.Series(ends.ravel()).max()) * 1.05)) if len(data) else 1.0
    base = alt.Chart(data).encode(
        y=alt.Y("pair:N", sort=list(dict.fromkeys(data["pair"])), title=None).axis(
            domain=False, ticks=False, labelPadding=6, labelLimit=260
        )
    )
    x = alt.X("value:Q", title=f"difference in the share {verb}, first minus second")
    x = x.scale(domain=[-reach, reach], nice=False).axis(
        format="+.0%", tickCount=7, labelExpr=_SIGNED
    )
    colour = alt.condition("datum.clear", alt.value(_style.COLOURS[0]), alt.value("#80868b"))
    zero = alt.Chart(data).mark_rule(color=_style.INK, strokeDash=[3, 3]).encode(x=alt.datum(0))
    known = base.transform_filter("isValid(datum.value)")
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2)
    whiskers = whiskers.encode(x="low:Q", x2="high:Q", color=colour)
    dots = known.mark_point(filled=True, size=80, opacity=1).encode(x=x, color=colour)
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    text = text.encode(x=alt.value(_style.WIDTH - 90), text="text:N")
    layered = alt.layer(zero, whiskers, dots, text).properties(
        width=_style.WIDTH - 98, height=alt.Step(_style.STEP)
    )
    rows = list(dict.fromkeys(data["group"]))
    faceted = layered.facet(
        row=alt.Row("group:N", sort=rows, title=None).header(**_style.ROW_HEADER),
        spacing=18,
    )
    level = estimates[0].level if estimates else 0.95
    question = f"Which explanation is {verb} more by the same people?"
    subtitle = [
        f"Mean difference within participants, {100 * level:.0f} % intervals; blue is clear of zero"
    ]
    return _style.finish(
        faceted, title or question, [*subtitle, note], description(estimates, labels)
    )


_SIGNED = "datum.value == 0 ? '0' : datum.label"
_COLUMNS = ["segment", "group", "item", "pair", "value", "low", "high", "clear", "text"]


def table(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> pd.DataFrame:
    """The rows that the chart draws; ``value``, ``low`` and ``high`` are the estimates' own."""
    sizes = {
        segment: max(e.participants for e in estimates if e.segment == segment)
        for segment in dict.fromkeys(e.segment for e in estimates)
    }
    rows = []
    for e in estimates:
        first, second = (_style.words(name, labels) for name in wording.pair(e))
        rows.append(
            {
                "segment": e.segment,
                "group": f"{_style.words(e.segment, labels)} (n = {sizes[e.segment]})",
                "item": e.item,
                "pair": f"{first} vs. {second}",
                "value": _style.finite(e.value),
                "low": _style.finite(e.low),
                "high": _style.finite(e.high),
                "clear": e.low > 0 or e.high < 0,
                "text": _text(e),
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS).astype(
        {"value": float, "low": float, "high": float}
    )


def _text(e: Estimate) -> str:
    if e.participants == 0:
        return "no answers yet"
    if e.low != e.low:
        return "no interval"
    value, low, high = (wording.signed(number) for number in (e.value, e.low, e.high))
    return f"{value}  ({low} to {high})"


def description(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> str:
    """The chart in words, for those who do not see it."""
    sentences = []
    for e in estimates:
        first, second = (_style.words(name, labels) for name in wording.pair(e))
        who = _style.words(e.segment, labels)
        sentences.append(f"{who}: {first} minus {second} {wording.points(e)}.")
    return " ".join(sentences) or "No estimates."
