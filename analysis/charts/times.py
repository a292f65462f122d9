"""How long answers take: by group, and from question to question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose import clauses, readings, wording

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 60
KINDS = {
    "response_time": "median of people's medians",
    "geometric_mean_time": "geometric mean, mixed model",
}


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """By each declared segment, and by the number of the question."""
    for name in summary.groupings:
        found = [
            e
            for statistic in ("response_time", "response_time_model")
            if (result := summary.result(statistic, name))
            for e in result.estimates
            if e.quantity in KINDS
        ]
        if any(e.value == e.value for e in found):
            labels = summary.frames.labels(name)
            yield Drawing(
                f"times{'_' + name if name else ''}",
                "times",
                "How long an answer took" + (f", overall and by {name}." if name else "."),
                description(found, labels),
                chart(found, labels, note=note),
                rows(found),
            )
    along = summary.result("response_time", "position")
    if along and len({e.segment for e in along.estimates if e.value == e.value}) > 2:
        yield Drawing(
            "times_position",
            "times",
            "How long an answer took, from the first question to the last.",
            " ".join(readings.along(along.estimates)),
            along_chart(along.estimates, note=note),
            rows(along.estimates),
        )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "How long does an answer take?",
    note: str = "",
) -> Any:
    """One row for each group, a dot with its interval for each kind of average.

    Arguments:
        estimates: of ``response_time`` and ``geometric_mean_time``, in milliseconds.
        labels: plain words for the groups.
        title: what stands above.
        note: what must never be lost.
    """
    data = table(estimates, labels)
    kinds = [kind for kind in KINDS.values() if kind in set(data["kind"])]
    groups = list(dict.fromkeys(data["group"]))
    colour = alt.Color("kind:N", title=None, sort=kinds)
    colour = colour.scale(domain=kinds, range=list(_style.COLOURS[: len(kinds)]))
    shape = alt.Shape("kind:N", title=None, sort=kinds)
    shape = shape.scale(domain=kinds, range=list(_style.SHAPES[: len(kinds)]))
    legend = alt.Legend(orient="top", labelFontSize=12, labelLimit=260)
    axis = alt.Axis(domain=False, ticks=False, labelPadding=6, labelLimit=260)
    base = alt.Chart(data).encode(
        y=alt.Y("group:N", sort=groups, title=None, axis=axis),
        yOffset=alt.YOffset("kind:N", sort=kinds),
    )
    seconds = alt.X("value:Q", title="seconds for an answer").scale(zero=True, nice=True)
    known = base.transform_filter("isValid(datum.value)")
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2)
    dots = known.mark_point(filled=True, size=85, opacity=1)
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    width = _style.WIDTH - 60
    layers = alt.layer(
        whiskers.encode(x="low:Q", x2="high:Q", color=colour.legend(legend)),
        dots.encode(x=seconds, color=colour.legend(legend), shape=shape.legend(legend)),
        text.encode(x=alt.value(width + 8), text="text:N"),
    )
    layers = layers.properties(width=width, height=alt.Step(20, **{"for": "offset"}))
    level = estimates[0].level if estimates else 0.95
    subtitle = [f"{100 * level:.0f} % intervals over people; time with the page hidden taken off"]
    return _style.finish(layers, title, [*subtitle, note], description(estimates, labels))


def along_chart(
    estimates: Sequence[Estimate],
    *,
    title: str = "Do answers get faster along the way?",
    note: str = "",
) -> Any:
    """The median time of each question in the order of asking, with its interval.

    Arguments:
        estimates: of ``response_time`` within ``position``, in milliseconds.
        title, note: as for `chart`.
    """
    here = [e for e in estimates if e.segment != ALL]
    data = pd.DataFrame(
        {
            "number": [float(e.segment) for e in here],
            "value": [e.value / 1000 for e in here],
            "low": [e.low / 1000 for e in here],
            "high": [e.high / 1000 for e in here],
        }
    ).astype(float)
    numbers = alt.Axis(tickMinStep=1, format="d", grid=False)
    x = alt.X("number:Q", title="number of the question", axis=numbers).scale(
        domain=[data["number"].min() - 0.4, data["number"].max() + 0.4], nice=False
    )
    known = alt.Chart(data).encode(x=x).transform_filter("isValid(datum.value)")
    y = alt.Y("value:Q", title="seconds for an answer").scale(zero=True)
    colour = _style.COLOURS[0]
    line = known.mark_line(color=colour, strokeWidth=1.5, opacity=0.6).encode(y=y)
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2, color=colour)
    dots = known.mark_point(filled=True, size=80, opacity=1, color=colour).encode(y=y)
    layers = alt.layer(line, whiskers.encode(y="low:Q", y2="high:Q"), dots)
    layers = layers.properties(width=_style.WIDTH, height=220)
    level = estimates[0].level if estimates else 0.95
    subtitle = [f"Median over people, {100 * level:.0f} % intervals over people", note]
    return _style.finish(layers, title, subtitle, " ".join(readings.along(estimates)))


def table(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> pd.DataFrame:
    """The rows that `chart` draws, in seconds."""
    sizes = {e.segment: e.participants for e in estimates if e.quantity == "response_time"}
    found = [
        {
            "segment": e.segment,
            "group": f"{_style.words(e.segment, labels)} (n = {sizes.get(e.segment, e.participants)})",  # noqa: E501
            "kind": KINDS[e.quantity],
            "value": _style.finite(e.value / 1000),
            "low": _style.finite(e.low / 1000),
            "high": _style.finite(e.high / 1000),
            "text": _text(e),
        }
        for e in estimates
    ]
    columns = ["segment", "group", "kind", "value", "low", "high", "text"]
    return pd.DataFrame(found, columns=columns).astype(
        {"value": float, "low": float, "high": float}
    )


def _text(e: Estimate) -> str:
    if e.value != e.value:
        return "no answers yet" if e.participants == 0 else ""
    return f"{wording.value(e)}  ({wording.range_of(e) or 'no interval'})"


def description(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> str:
    """The chart in words, for those who do not see it."""
    known = [e for e in estimates if e.value == e.value]
    return " ".join(clauses.sentences(known, labels)) or "No estimates."
