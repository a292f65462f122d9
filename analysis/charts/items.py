"""Question by question: how often each explanation was picked in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose import readings

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 50
_MOST = 60  # questions drawn; the CSV has all of them


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """Once, if the study has several questions."""
    found = summary.result("selection_share", "item")
    if found and len({e.segment for e in found.estimates}) > 2:
        labels = summary.frames.labels("item")
        options = summary.frames.options
        yield Drawing(
            "questions",
            "questions",
            f"How often each explanation was {summary.verb} in each single question.",
            description(found.estimates, labels),
            chart(found.estimates, labels, colour_order=options, note=note, verb=summary.verb),
            rows(found.estimates),
        )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "Which explanations help in which question?",
    colour_order: Sequence[str] = (),
    note: str = "",
    verb: str = "picked",
) -> Any:
    """A panel for each option, a row for each question, a line for the share over all questions.

    Arguments:
        estimates: of ``selection_share`` within ``item``.
        labels: plain words for options and questions.
        title: what stands above.
        colour_order: the options in the order of the colours, as for `preference.chart`.
        note: what must never be lost.
        verb: what a value of 1 says: picked, right, preferred.

    Returns:
        an altair chart; the questions are sorted by the share of the option that leads over all,
        in all panels alike, so that a row is one question.
    """
    data, order = table(estimates, labels)
    options = list(dict.fromkeys(data["option"]))
    names = [_style.words(name, labels) for name in colour_order] or options
    overall = {
        _style.words(e.item, labels): e.value
        for e in estimates
        if e.segment == ALL and e.value == e.value
    }
    panels = []
    for n, option in enumerate(options):
        here = data[data["option"] == option]
        colour = _style.COLOURS[names.index(option) % len(_style.COLOURS)]
        axis = None if n else alt.Axis(domain=False, ticks=False, labelPadding=6, labelLimit=260)
        base = alt.Chart(here).encode(y=alt.Y("question:N", sort=order, title=None, axis=axis))
        share = alt.X("value:Q", title=verb).scale(domain=[0, 1])
        share = share.axis(format="%", values=[0, 0.5, 1])
        known = base.transform_filter("isValid(datum.value)")
        whiskers = known.transform_filter("isValid(datum.low)").mark_rule(
            strokeWidth=1.5, color=colour
        )
        dots = known.mark_point(
            filled=True,
            size=52,
            opacity=1,
            color=colour,
            shape=_style.SHAPES[names.index(option) % len(_style.SHAPES)],
        )
        layers = [whiskers.encode(x="low:Q", x2="high:Q"), dots.encode(x=share)]
        if option in overall:
            line = alt.Chart(pd.DataFrame({"all": [overall[option]]}))
            rule = line.mark_rule(color=_style.GREY, strokeDash=[4, 3])
            layers.insert(0, rule.encode(x=alt.X("all:Q", title=verb)))
        heading = alt.TitleParams(
            option, anchor="start", frame="group", fontSize=12.5, color=_style.INK
        )
        height = alt.Step(18 if len(order) <= 30 else 14)
        panels.append(alt.layer(*layers).properties(width=128, height=height, title=heading))
    whole = alt.hconcat(*panels, spacing=16) if panels else alt.hconcat()
    level = estimates[0].level if estimates else 0.95
    least = min((e.participants for e in estimates if e.segment != ALL), default=0)
    most = max((e.participants for e in estimates if e.segment != ALL), default=0)
    count = len({e.segment for e in estimates} - {ALL})
    subtitle = [
        f"{100 * level:.0f} % intervals over people; dashed: over all questions",
        f"Each question was answered by {least if least == most else f'{least} to {most}'} people",
        f"The {_MOST} of {count} questions, the highest and the lowest" if count > _MOST else "",
        note,
    ]
    return _style.finish(whole, title, subtitle, description(estimates, labels))


def table(
    estimates: Sequence[Estimate], labels: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """The rows that the chart draws, and the questions in their order."""
    overall = [e for e in estimates if e.segment == ALL and e.value == e.value]
    lead = max(overall, key=lambda e: e.value).item if overall else None
    single = [e for e in estimates if e.segment != ALL]
    ranked = sorted(
        (e for e in single if e.item == lead), key=lambda e: -e.value if e.value == e.value else 1
    )
    if len(ranked) > _MOST:
        ranked = [*ranked[: _MOST // 2], *ranked[-(_MOST - _MOST // 2) :]]
    kept = [e.segment for e in ranked] or list(dict.fromkeys(e.segment for e in single))
    found = [
        {
            "segment": e.segment,
            "question": _style.words(e.segment, labels),
            "item": e.item,
            "option": _style.words(e.item, labels),
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "participants": e.participants,
        }
        for e in single
        if e.segment in kept
    ]
    columns = ["segment", "question", "item", "option", "value", "low", "high", "participants"]
    data = pd.DataFrame(found, columns=columns)
    floats = data.astype({"value": float, "low": float, "high": float})
    return floats, [_style.words(name, labels) for name in kept]


def description(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> str:
    """The chart in words, for those who do not see it."""
    return " ".join(readings.items(estimates, labels)) or "No estimates."
