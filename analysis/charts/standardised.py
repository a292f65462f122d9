"""Do groups still differ when they are alike in something else: pooled beside standardised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.data import segments
from analysis.estimate import Estimate
from analysis.prose import readings, wording

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 45
KINDS = {"pooled_share": "as they are", "standardised_share": "made alike"}


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """For each segment and each other background question, where there is something to compare."""
    titles = {key: text for key, (text, _) in segments.columns(summary.frames.study).items()}
    for result in summary.of("standardised_share"):
        over, name = str(result.options.get("over")), result.within
        if name is None or not _moved(result.estimates):
            continue
        labels = summary.frames.labels(name)
        words = description(result.estimates, labels, titles.get(over, over))
        yield Drawing(
            f"standardised_{name}_{over}",
            "picked",
            f"Shares by {name}, as the groups are and with the same make-up in: "
            f"{titles.get(over, over)}",
            words,
            chart(result.estimates, labels, titles.get(over, over), note=note, verb=summary.verb),
            rows(result.estimates, over=over),
        )


def _moved(estimates: Sequence[Estimate]) -> bool:
    """Whether making the groups alike changes anything; with one stratum it cannot."""
    pooled = {(e.segment, e.item): e.value for e in estimates if e.quantity == "pooled_share"}
    return any(
        abs(e.value - pooled[e.segment, e.item]) > 1e-9
        for e in estimates
        if e.quantity == "standardised_share"
    )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    over: str,
    *,
    title: str = "Do the groups differ when they are alike otherwise?",
    note: str = "",
    verb: str = "picked",
) -> Any:
    """A block for each option, a line from each group's pooled to its standardised share.

    Arguments:
        estimates: of ``standardised_share``.
        labels: plain words for options and groups.
        over: the question in which groups are made alike, in words.
        title: what stands above.
        note: what must never be lost.
        verb: what a value of 1 says: picked, right, preferred.

    Returns:
        an altair chart; a reversal (the standardised difference of two groups has the other sign
        than the pooled one) is named above.
    """
    data = table(estimates, labels)
    groups = list(dict.fromkeys(data["group"]))
    kinds = list(KINDS.values())
    colours = alt.Scale(domain=kinds, range=["#80868b", _style.COLOURS[0]])
    shapes = alt.Scale(domain=kinds, range=["circle", "diamond"])
    legend = alt.Legend(orient="top", labelFontSize=12)
    colour = alt.Color("kind:N", title=None, sort=kinds, scale=colours, legend=legend)
    shape = alt.Shape("kind:N", title=None, sort=kinds, scale=shapes, legend=legend)
    axis = alt.Axis(domain=False, ticks=False, labelPadding=6, labelLimit=260)
    base = alt.Chart(data).encode(y=alt.Y("group:N", sort=groups, title=None, axis=axis))
    known = base.transform_filter("isValid(datum.value)")
    share = alt.X("value:Q", title=f"{verb} in … of the questions").scale(domain=[0, 1])
    share = share.axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    adjusted = known.transform_filter(f"datum.kind == '{kinds[1]}' && isValid(datum.low)")
    whiskers = adjusted.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    line = known.mark_line(color=_style.INK, strokeWidth=1.2, strokeDash=[2, 2])
    line = line.encode(x=share, detail="group:N")
    dots = known.mark_point(filled=True, size=85, opacity=1).encode(
        x=share, color=colour, shape=shape
    )
    text = base.transform_filter(f"datum.kind == '{kinds[1]}'").mark_text(
        align="left", color=_style.GREY, fontSize=11.5
    )
    width = _style.WIDTH - 60
    layers = alt.layer(
        whiskers, line, dots, text.encode(x=alt.value(width + 8), text="text:N")
    ).properties(width=width, height=alt.Step(_style.STEP))
    options = list(dict.fromkeys(data["option"]))
    row = alt.Row("option:N", sort=options, title=None).header(**_style.ROW_HEADER)
    level = estimates[0].level if estimates else 0.95
    asked = over if len(over) <= 84 else f"{over[:83]}…"
    subtitle = [
        f"Made alike in: {asked}",
        f"{100 * level:.0f} % intervals of the standardised shares",
        *(f"REVERSED: {told}" for told in readings.reversals(estimates, labels)[:4]),
        note,
    ]
    words = description(estimates, labels, over)
    return _style.finish(layers.facet(row=row, spacing=18), title, subtitle, words)


def table(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> pd.DataFrame:
    """The rows that the chart draws; ``value``, ``low`` and ``high`` are the estimates' own."""
    pooled = {(e.segment, e.item): e for e in estimates if e.quantity == "pooled_share"}
    found = [
        {
            "item": e.item,
            "option": _style.words(e.item, labels),
            "segment": e.segment,
            "group": f"{_style.words(e.segment, labels)} (n = {e.participants})",
            "kind": KINDS[e.quantity],
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "text": _text(pooled[e.segment, e.item], e),
        }
        for e in estimates
        if e.quantity in KINDS
    ]
    columns = ["item", "option", "segment", "group", "kind", "value", "low", "high", "text"]
    return pd.DataFrame(found, columns=columns).astype(
        {"value": float, "low": float, "high": float}
    )


def _text(pooled: Estimate, e: Estimate) -> str:
    if e.participants == 0:
        return "no answers yet"
    return f"{wording.percent(pooled.value)} → {wording.percent(e.value)}"


def description(estimates: Sequence[Estimate], labels: Mapping[str, str], over: str) -> str:
    """The chart in words, for those who do not see it."""
    return " ".join(readings.standardised(estimates, labels, over)) or "No estimates."
