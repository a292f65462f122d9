"""How often each explanation is picked, as bars beside each other for each group (Fig. 18)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from analysis.charts import Drawing, _style, preference, rows
from analysis.estimate import Estimate

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 30


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """For each declared segment; for everybody alone the dots say all."""
    for name in summary.frames.segments:
        found = summary.result("selection_share", name)
        if found and found.estimates:
            labels = summary.frames.labels(name)
            yield Drawing(
                f"bars_{name}",
                "picked",
                f"The same shares as bars, overall and by {name} (as Fig. 18 of the survey).",
                preference.description(found.estimates, labels, verb=summary.verb),
                chart(
                    found.estimates,
                    labels,
                    colour_order=summary.frames.options,
                    note=note,
                    verb=summary.verb,
                ),
                rows(found.estimates),
            )


def chart(
    estimates: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    title: str = "Which explanations help?",
    colour_order: Sequence[str] = (),
    note: str = "",
    verb: str = "picked",
) -> Any:
    """A cluster of bars for each segment, a bar with its interval for each option.

    Arguments:
        estimates: of ``selection_share`` or ``new_items``, in the order to be shown.
        labels: plain words for options and segments.
        title: what stands above.
        colour_order: the options in the order of the colours, as for `preference.chart`.
        note: what must never be lost.
        verb: what a value of 1 says: picked, right, preferred.
    """
    data = preference.table(estimates, labels)
    options = list(dict.fromkeys(data["option"]))
    names = [_style.words(name, labels) for name in colour_order] or options
    clusters = list(dict.fromkeys(data["group"]))
    wrapped = {name: _wrapped(name) for name in clusters}
    data = data.assign(cluster=data["group"].map(wrapped).astype(str))
    colour = alt.Color("option:N", title=None, sort=names).scale(
        domain=names, range=[_style.COLOURS[n % len(_style.COLOURS)] for n in range(len(names))]
    )
    colour = colour.legend(orient="top", symbolType="square", labelFontSize=12, offset=4)
    x = alt.X("cluster:N", sort=list(wrapped.values()), title=None).axis(
        labelAngle=0, labelExpr="split(datum.label, '\\n')", ticks=False, labelPadding=8
    )
    base = alt.Chart(data).encode(
        x=x.scale(paddingInner=0.25), xOffset=alt.XOffset("option:N", sort=options)
    )
    share = alt.Y("value:Q", title=f"{verb} in … of the questions").scale(domain=[0, 1])
    share = share.axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    known = base.transform_filter("isValid(datum.value)")
    bars = known.mark_bar(opacity=0.85).encode(y=share, color=colour)
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.5)
    whiskers = whiskers.encode(y="low:Q", y2="high:Q", color=alt.value(_style.INK))
    nobody = base.transform_filter("!isValid(datum.value)").mark_text(
        text="–", color=_style.GREY, dy=-8
    )
    layers = alt.layer(bars, whiskers, nobody.encode(y=alt.datum(0))).properties(
        width=max(200, min(640, 140 * len(clusters))), height=230
    )
    level = estimates[0].level if estimates else 0.95
    subtitle = f"Mean share of questions per participant, {100 * level:.0f} % intervals over people"
    return _style.finish(
        layers, title, [subtitle, note], preference.description(estimates, labels, verb=verb)
    )


def _wrapped(group: str) -> str:
    name, _, size = group.rpartition(" (")
    return "\n".join([*textwrap.wrap(name, 22), f"({size}"])
