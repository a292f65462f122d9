"""How often each explanation is picked, for everybody and for each group (Fig. 18)."""

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

PLACE = 20


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """For each declared segment (or for everybody), and for the networks if there are several."""
    options, verb = summary.frames.options, summary.verb
    for name in summary.groupings:
        found = summary.result("selection_share", name)
        if found and found.estimates:
            labels = summary.frames.labels(name)
            among = f", overall and by {name}" if name else ""
            yield Drawing(
                f"preference{'_' + name if name else ''}",
                "picked",
                f"How often each explanation was {verb}{among} (as Fig. 18 of the survey).",
                description(found.estimates, labels, verb=verb),
                chart(found.estimates, labels, colour_order=options, note=note, verb=verb),
                rows(found.estimates),
            )
    found = summary.result("selection_share", "model")
    if found and len({e.segment for e in found.estimates}) > 2:
        labels = summary.frames.labels("model")
        yield Drawing(
            "models",
            "picked",
            f"How often each explanation was {verb}, by the network that was explained.",
            description(found.estimates, labels, False, verb),
            chart(
                found.estimates,
                labels,
                title="Does it depend on the network explained?",
                groups=False,
                colour_order=options,
                note=note,
                verb=verb,
            ),
            rows(found.estimates),
        )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "Which explanations help?",
    style: str = "dots",
    colour_order: Sequence[str] = (),
    note: str = "",
    groups: bool = True,
    verb: str = "picked",
) -> Any:
    """One row for each segment, one mark with its interval for each option.

    Arguments:
        estimates: of ``selection_share`` or ``new_items``, in the order to be shown.
        labels: plain words for options and segments, see `analysis.data.segments.labels`.
        title: what stands above.
        style: ``dots`` (dot and whisker) or ``bars`` (grouped bars).
        colour_order: the options in the order of the colours, so that an option keeps its colour
            when others are filtered away; as in the estimates if empty.
        note: what must never be lost, such as that participants were simulated.
        groups: whether segments are groups of people; otherwise they are kinds of questions.
        verb: what a value of 1 says: picked, right, preferred.

    Returns:
        an altair chart; options and segments keep the order of the estimates.
    """
    data = table(estimates, labels)
    options = list(dict.fromkeys(data["option"]))
    names = [_style.words(name, labels) for name in colour_order] or options
    colour = alt.Color("option:N", legend=None).scale(
        domain=names, range=[_style.COLOURS[n % len(_style.COLOURS)] for n in range(len(names))]
    )
    share = alt.X("value:Q", title=f"{verb} in … of the questions").scale(domain=[0, 1])
    share = share.axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    base = alt.Chart(data).encode(
        y=alt.Y("option:N", sort=options, title=None).axis(
            domain=False, ticks=False, labelPadding=6
        )
    )
    known = base.transform_filter("isValid(datum.value)")
    whisker = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2)
    whisker = whisker.encode(x=alt.X("low:Q"), x2="high:Q")
    if style == "bars":
        marks = known.mark_bar(height=16, opacity=0.8).encode(x=share, color=colour)
        layers = [marks, whisker.encode(color=alt.value(_style.INK))]
    else:
        shape = alt.Shape("option:N", legend=None).scale(
            domain=names, range=[_style.SHAPES[n % len(_style.SHAPES)] for n in range(len(names))]
        )
        marks = known.mark_point(filled=True, size=95, opacity=1)
        layers = [
            whisker.encode(color=colour),
            marks.encode(x=share, color=colour, shape=shape, tooltip=_TOOLTIP),
        ]
    text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    layers.append(text.encode(x=alt.value(_style.WIDTH + 8), text="text:N"))
    rows = list(dict.fromkeys(data["group"]))
    faceted = alt.layer(*layers).properties(width=_style.WIDTH, height=alt.Step(_style.STEP))
    faceted = faceted.facet(
        row=alt.Row("group:N", sort=rows, title=None).header(**_style.ROW_HEADER),
        spacing=18,
    )
    level = estimates[0].level if estimates else 0.95
    subtitle = [
        f"Mean share of questions per participant, {100 * level:.0f} % intervals over people"
    ]
    words = description(estimates, labels, groups, verb)
    return _style.finish(faceted, title, [*subtitle, note], words)


_TOOLTIP = [
    alt.Tooltip("option:N", title="explanation"),
    alt.Tooltip("group:N", title="who"),
    alt.Tooltip("text:N", title="picked"),
    alt.Tooltip("answers:Q", title="answers"),
    alt.Tooltip("note:N", title="note"),
]


_COLUMNS = [
    "segment",
    "group",
    "item",
    "option",
    "value",
    "low",
    "high",
    "answers",
    "note",
    "text",
]


def table(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> pd.DataFrame:
    """The rows that the chart draws; ``value``, ``low`` and ``high`` are the estimates' own."""
    sizes = {
        segment: max(e.participants for e in estimates if e.segment == segment)
        for segment in dict.fromkeys(e.segment for e in estimates)
    }
    rows = [
        {
            "segment": e.segment,
            "group": f"{_style.words(e.segment, labels)} (n = {sizes[e.segment]})",
            "item": e.item,
            "option": _style.words(e.item, labels),
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "answers": e.answers,
            "note": e.note,
            "text": _text(e),
        }
        for e in estimates
    ]
    return pd.DataFrame(rows, columns=_COLUMNS).astype(
        {"value": float, "low": float, "high": float}
    )


def _text(e: Estimate) -> str:
    if e.participants == 0:
        return "no answers yet"
    ends = wording.ends(e) or ("one person" if e.participants == 1 else "no interval")
    return f"{wording.percent(e.value)}  ({ends})"


def description(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    groups: bool = True,
    verb: str = "picked",
) -> str:
    """The chart in words, for those who do not see it."""
    told = wording.shares(estimates, labels, f"was {verb} in", groups=groups)
    return " ".join(told) or "No estimates."
