"""How explanations are rated: bars that diverge from the middle of the scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.estimate import Estimate
from analysis.prose import readings, wording
from analysis.statistics.rating_distribution import parts

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 25
# Brown to blue-green (ColorBrewer BrBG), told apart by colour-blind people and in grey.
_BELOW = ("#8c510a", "#d8b365", "#f0dcb0")
_ABOVE = ("#01665e", "#5ab4ac", "#bfe3df")
_MIDDLE = "#dadce0"


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """For each declared segment (or for everybody), where there are ratings."""
    for name in summary.groupings:
        found = summary.result("rating_distribution", name)
        if found and any(e.value == e.value for e in found.estimates):
            labels = summary.frames.labels(name)
            among = f", overall and by {name}" if name else ""
            yield Drawing(
                f"ratings{'_' + name if name else ''}",
                "picked",
                f"How each explanation was rated{among}: the share of each answer.",
                description(found.estimates, labels),
                chart(found.estimates, labels, note=note),
                rows(found.estimates),
            )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "How is each explanation rated?",
    note: str = "",
) -> Any:
    """One row for each segment and option: ratings below the middle left, those above it right.

    Arguments:
        estimates: of ``rating_distribution``.
        labels: plain words for options and segments.
        title: what stands above.
        note: what must never be lost.

    Returns:
        an altair chart; the whiskers are the intervals of the shares above and below the middle,
        a middle category stands half on either side of the zero line.
    """
    data, ends = tables(estimates, labels)
    names = list(dict.fromkeys(parts(e.item)[1] for e in estimates if e.quantity == "rating_share"))
    colour = alt.Color("name:N", title="rating", sort=names)
    colour = colour.scale(domain=names, range=colours(len(names)))
    colour = colour.legend(
        alt.Legend(orient="top", labelFontSize=12, symbolType="square", columns=10)
    )
    options = list(dict.fromkeys(data["option"]))
    axis = alt.Axis(domain=False, ticks=False, labelPadding=6)
    y = alt.Y("option:N", sort=options, title=None, axis=axis)
    share = alt.X("left:Q", title="of a person's ratings").scale(domain=[-1, 1])
    share = share.axis(format="%", values=[-1, -0.5, 0, 0.5, 1], labelExpr=_UNSIGNED)
    both = pd.concat([data, ends], ignore_index=True)
    base = alt.Chart(both).encode(y=y)
    bars = base.transform_filter("datum.part == 'bar'").mark_bar(height=17)
    bars = bars.encode(x=share, x2="right:Q", color=colour)
    whiskers = base.transform_filter("datum.part == 'interval' && isValid(datum.left)")
    whiskers = whiskers.mark_rule(strokeWidth=1.6, color=_style.INK)
    zero = alt.Chart(both).mark_rule(color=_style.INK, strokeWidth=1).encode(x=alt.datum(0))
    text = base.transform_filter("datum.part == 'interval' && datum.side == 'above'")
    text = text.mark_text(align="left", color=_style.GREY, fontSize=11.5)
    width = _style.WIDTH - 40
    layers = alt.layer(
        bars,
        whiskers.encode(x="left:Q", x2="right:Q"),
        zero,
        text.encode(x=alt.value(width + 8), text="text:N"),
    ).properties(width=width, height=alt.Step(_style.STEP))
    groups = list(dict.fromkeys(both["group"]))
    row = alt.Row("group:N", sort=groups, title=None).header(**_style.ROW_HEADER)
    level = estimates[0].level if estimates else 0.95
    subtitle = [
        "Mean share of each rating per participant; right: the share above the middle",
        f"Whiskers: {100 * level:.0f} % intervals of the shares below and above the middle",
        note,
    ]
    words = description(estimates, labels)
    return _style.finish(layers.facet(row=row, spacing=18), title, subtitle, words)


_UNSIGNED = "format(abs(datum.value), '.0%')"


def colours(count: int) -> list[str]:
    """A colour for each rating: brown below the middle, grey at it, blue-green above.

    Example:
        >>> colours(3), colours(2)
        (['#8c510a', '#dadce0', '#01665e'], ['#8c510a', '#01665e'])
    """
    half = count // 2
    places = [round(n * (len(_BELOW) - 1) / max(1, half - 1)) for n in range(half)]
    middle = [_MIDDLE] * (count % 2)
    return [*(_BELOW[n] for n in places), *middle, *(_ABOVE[n] for n in reversed(places))]


def tables(
    estimates: Sequence[Estimate], labels: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where the bars and the whiskers stand, from the estimates' own values."""
    sizes = {
        segment: max(e.participants for e in estimates if e.segment == segment)
        for segment in dict.fromkeys(e.segment for e in estimates)
    }
    bars, whiskers = [], []
    for segment, size in sizes.items():
        group = f"{_style.words(segment, labels)} (n = {size})"
        here = [e for e in estimates if e.segment == segment]
        for option in dict.fromkeys(e.item for e in here if e.quantity == "above_middle"):
            head = {"segment": segment, "group": group, "item": option}
            head["option"] = _style.words(option, labels)
            own = [
                (parts(e.item)[1], e.value)
                for e in here
                if e.quantity == "rating_share" and parts(e.item)[0] == option
            ]
            known = [(name, share) for name, share in own if share == share]
            below = [share for _, share in known[: len(known) // 2]]
            middle = known[len(known) // 2][1] if len(known) % 2 else 0.0
            start = -sum(below) - middle / 2
            for name, share in known:
                stop = start + share
                ends = {"left": start, "right": stop, "value": share}
                bars.append({**head, "part": "bar", "name": name, **ends})
                start = stop
            offset = middle / 2
            for e in here:
                if e.item == option and e.quantity in ("above_middle", "below_middle"):
                    sign = 1 if e.quantity == "above_middle" else -1
                    whiskers.append(
                        {
                            **head,
                            "part": "interval",
                            "side": e.quantity.removesuffix("_middle"),
                            "left": _style.finite(sign * (e.low + offset)),
                            "right": _style.finite(sign * (e.high + offset)),
                            "text": _text(e),
                        }
                    )
    columns = ["segment", "group", "item", "option", "part"]
    floats = {"left": float, "right": float}
    return (
        pd.DataFrame(bars, columns=[*columns, "name", "left", "right", "value"]).astype(floats),
        pd.DataFrame(whiskers, columns=[*columns, "side", "left", "right", "text"]).astype(floats),
    )


def _text(e: Estimate) -> str:
    if e.participants == 0:
        return "no answers yet"
    return f"{wording.percent(e.value)}  ({wording.ends(e) or 'no interval'})"


def description(estimates: Sequence[Estimate], labels: Mapping[str, str]) -> str:
    """The chart in words, for those who do not see it."""
    return " ".join(readings.ratings(estimates, labels)) or "No estimates."
