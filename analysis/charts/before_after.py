"""What the exclusions change: each explanation's share before and after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose import readings, wording

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 80
KINDS = ("before", "after")


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """Once, if the rules concern anybody."""
    found = summary.result("selection_share", summary.groupings[0])
    before = [e for e in summary.unfiltered.estimates if e.segment == ALL]
    after = list(found.of(ALL)) if found else []
    concerned = any(rule.participants or rule.trials for rule in summary.exclusions)
    if before and after and concerned:
        labels = summary.frames.labels()
        data = pd.concat([rows(before, exclusions="before"), rows(after, exclusions="after")])
        yield Drawing(
            "before_after",
            "quality",
            "Shares of everybody before and after the declared exclusions.",
            description(before, after, labels),
            chart(before, after, labels, note=note, verb=summary.verb),
            data,
        )


def chart(
    before: Sequence[Estimate],
    after: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "Do the exclusions change the result?",
    note: str = "",
    verb: str = "picked",
) -> Any:
    """Two dots with their intervals for each option, one above the other.

    Arguments:
        before, after: ``selection_share`` of everybody.
        labels: plain words for options.
        title: what stands above.
        note: what must never be lost.
        verb: what a value of 1 says: picked, right, preferred.
    """
    data = table(before, after, labels)
    order = list(dict.fromkeys(data["option"]))
    colours = alt.Scale(domain=list(KINDS), range=[_style.GREY, _style.COLOURS[0]])
    shapes = alt.Scale(domain=list(KINDS), range=["circle", "diamond"])
    legend = alt.Legend(orient="top", labelFontSize=12)
    colour = alt.Color("when:N", title=None, sort=list(KINDS), scale=colours, legend=legend)
    shape = alt.Shape("when:N", title=None, sort=list(KINDS), scale=shapes, legend=legend)
    axis = alt.Axis(domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(data).encode(
        y=alt.Y("option:N", sort=order, title=None, axis=axis),
        yOffset=alt.YOffset("when:N", sort=list(KINDS)),
    )
    share = alt.X("value:Q", title=f"{verb} in … of the questions").scale(domain=[0, 1])
    share = share.axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    known = base.transform_filter("isValid(datum.value)")
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2)
    dots = known.mark_point(filled=True, size=85, opacity=1)
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    layers = alt.layer(
        whiskers.encode(x="low:Q", x2="high:Q", color=colour),
        dots.encode(x=share, color=colour, shape=shape),
        text.encode(x=alt.value(_style.WIDTH - 52), text="text:N"),
    )
    layers = layers.properties(width=_style.WIDTH - 60, height=alt.Step(18, **{"for": "offset"}))
    people = [max((e.participants for e in part), default=0) for part in (before, after)]
    subtitle = f"{people[0]} participants before, {people[1]} after; {_level(before)} intervals"
    words = description(before, after, labels)
    return _style.finish(layers, title, [subtitle, note], words)


def _level(estimates: Sequence[Estimate]) -> str:
    return f"{100 * (estimates[0].level if estimates else 0.95):.0f} %"


def table(
    before: Sequence[Estimate], after: Sequence[Estimate], labels: Mapping[str, str]
) -> pd.DataFrame:
    """The rows that the chart draws; ``value``, ``low`` and ``high`` are the estimates' own."""
    found = [
        {
            "item": e.item,
            "option": _style.words(e.item, labels),
            "when": when,
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "text": f"{wording.percent(e.value)}  ({wording.ends(e) or 'no interval'})",
        }
        for when, estimates in zip(KINDS, (before, after), strict=True)
        for e in estimates
    ]
    columns = ["item", "option", "when", "value", "low", "high", "text"]
    return pd.DataFrame(found, columns=columns).astype(
        {"value": float, "low": float, "high": float}
    )


def description(
    before: Sequence[Estimate], after: Sequence[Estimate], labels: Mapping[str, str]
) -> str:
    """The chart in words, for those who do not see it."""
    kept = {e.item: e for e in after}
    told = [
        f"{_style.words(e.item, labels)} {wording.percent(e.value)} before and "
        f"{wording.percent(kept[e.item].value)} after"
        for e in before
        if e.item in kept
    ]
    changed = readings.order_changed(before, after)
    turn = (
        "The order of the explanations changes."
        if changed
        else ("The order of the explanations stays the same.")
    )
    return f"{'; '.join(told)}. {turn}" if told else "No estimates."
