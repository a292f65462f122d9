"""Which explanations are ticked together: a row for each combination, as in an UpSet plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose import readings, wording
from analysis.statistics.tick_patterns import members

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 35
_MOST = 24  # combinations drawn; the CSV has all of them
_COLUMN = 34  # pixels between the columns of dots


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """Once, where anybody ticked more than one explanation."""
    found = summary.result("tick_patterns", None)
    options = summary.frames.options
    if found and any(len(members(e.item)) > 1 for e in found.estimates):
        labels = summary.frames.labels()
        yield Drawing(
            "patterns",
            "picked",
            "Which explanations were ticked together, and how often nothing else was.",
            description(found.estimates, labels),
            chart(found.estimates, labels, options, note=note),
            rows(found.estimates),
        )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    options: Sequence[str],
    *,
    title: str = "Which explanations are ticked together?",
    note: str = "",
) -> Any:
    """One row for each combination: its members as dots, its share as a bar with interval.

    Arguments:
        estimates: of ``tick_patterns``; those of everybody are drawn, most frequent first.
        labels: plain words for options.
        options: the options in declared order, a column each.
        title: what stands above.
        note: what must never be lost.

    Returns:
        an altair chart (Lex et al. 2014, UpSet, turned by a right angle so that it fits a page).
    """
    data = table(estimates, labels)
    order = list(data["pattern"])
    names = [_style.words(name, labels) for name in options]
    dots = pd.DataFrame(
        [
            {"pattern": p, "option": name, "ticked": key in inside}
            for p, inside in zip(order, data["members"], strict=True)
            for key, name in zip(options, names, strict=True)
        ],
        columns=["pattern", "option", "ticked"],
    )
    y = alt.Y("pattern:N", sort=order, title=None, axis=None)
    x = alt.X("option:N", sort=names, title=None).axis(
        orient="top", labelAngle=-40, domain=False, ticks=False, labelPadding=8, labelLimit=150
    )
    base = alt.Chart(dots).encode(y=y, x=x)
    empty = base.mark_circle(size=110, color="#dadce0", opacity=1)
    inside = base.transform_filter("datum.ticked")
    line = inside.mark_line(color=_style.INK, strokeWidth=2.5).encode(detail="pattern:N")
    full = inside.mark_circle(size=110, color=_style.INK, opacity=1)
    step = alt.Step(_style.STEP)
    matrix = alt.layer(empty, line, full).properties(width=_COLUMN * len(names), height=step)
    return _style.finish(
        alt.hconcat(matrix, _bars(data, y), spacing=6).resolve_scale(y="shared"),
        title,
        [_subtitle(estimates), _left_out(estimates), note],
        description(estimates, labels),
    )


def _bars(data: pd.DataFrame, y: Any) -> Any:
    top = float(data["high"].fillna(data["value"]).max()) if len(data) else 1.0
    reach = min(1.0, top * 1.02) if top == top and top > 0 else 1.0
    share = alt.X("value:Q", title="of the questions answered so").axis(format="%", tickCount=5)
    share = share.scale(domain=[0, reach], nice=False)
    base = alt.Chart(data.drop(columns="members")).encode(y=y)
    known = base.transform_filter("isValid(datum.value)")
    bars = known.mark_bar(height=15, color="#7fb2d6").encode(x=share)
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.5)
    whiskers = whiskers.encode(x="low:Q", x2="high:Q", color=alt.value(_style.INK))
    width = _style.WIDTH - 150
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    text = text.encode(x=alt.value(width + 8), text="text:N")
    return alt.layer(bars, whiskers, text).properties(width=width, height=alt.Step(_style.STEP))


def table(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> pd.DataFrame:
    """The rows that the chart draws; ``value``, ``low`` and ``high`` are the estimates' own."""
    drawn = [e for e in estimates if e.segment == ALL][:_MOST]
    columns = ["item", "pattern", "members", "value", "low", "high", "answers", "text"]
    found = [
        {
            "item": e.item,
            "pattern": name(e.item, labels),
            "members": members(e.item),
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "answers": e.answers,
            "text": _text(e),
        }
        for e in drawn
    ]
    return pd.DataFrame(found, columns=columns).astype(
        {"value": float, "low": float, "high": float}
    )


def name(item: str, labels: Mapping[str, str]) -> str:
    """A combination in plain words.

    Example:
        >>> name("map + text", {"map": "Saliency"}), name("(none)", {})
        ('Saliency and text', 'none of them')
    """
    return wording.listed([_style.words(o, labels) for o in members(item)]) or "none of them"


def _text(e: Estimate) -> str:
    ends = wording.ends(e) or ("one person" if e.participants == 1 else "no interval")
    return f"{wording.percent(e.value)}  ({ends}), {e.answers:,} times"


def _subtitle(estimates: Sequence[Estimate]) -> str:
    e = next((e for e in estimates if e.segment == ALL), None)
    who = f"n = {e.participants}; " if e else ""
    level = 100 * (e.level if e else 0.95)
    return f"{who}mean share of questions per participant, {level:.0f} % intervals over people"


def _left_out(estimates: Sequence[Estimate]) -> str:
    count = sum(e.segment == ALL for e in estimates)
    return f"The {_MOST} most frequent of {count} combinations" if count > _MOST else ""


def description(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> str:
    """The chart in words, for those who do not see it."""
    return " ".join(readings.patterns([e for e in estimates if e.segment == ALL], labels)) or (
        "No estimates."
    )
