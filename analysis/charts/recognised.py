"""Which concepts people recognise, and which people: shares of right answers against guessing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.estimate import Estimate
from analysis.prose import wording

if TYPE_CHECKING:
    from analysis.summaries.gallery import Gallery
    from analysis.summaries.summary import Summary

PLACE = 25
ABOUT = ("People, for concepts like these", "Concepts, for people like these")
Panel = tuple[str, Sequence[Estimate], Sequence[str]]
"""Heading, estimates, and what each is called."""


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """One for each kind of test about concepts: people, then concepts, best recognised first."""
    for gallery in summary.galleries:
        labels = summary.frames.labels(gallery.within)
        people = _people(summary, gallery)
        concepts = [one.accuracy for one in gallery.exhibits]
        panels: list[Panel] = [
            (ABOUT[0], people, [_style.words(e.segment, labels) for e in people]),
            (ABOUT[1], concepts, [one.concept for one in gallery.exhibits]),
        ]
        panels = [panel for panel in panels if panel[1]]
        title = wording.KINDS.get(gallery.kind, gallery.kind)
        yield Drawing(
            f"recognised_{gallery.kind}",
            "concepts",
            f"{title}: share of right answers, by group and by concept; dashed: guessing.",
            words(panels, gallery.chance),
            chart(panels, gallery.chance, title=title, note=note),
            rows([e for _, estimates, _ in panels for e in estimates]),
        )


def _people(summary: Summary, gallery: Gallery) -> list[Estimate]:
    """What everybody and each group achieves in this kind of test."""
    found = summary.result("choice_accuracy", gallery.within)
    if found is None:
        return []
    return [e for e in found.estimates if e.item in ("", gallery.kind) and e.value == e.value]


def chart(panels: Sequence[Panel], chance: float, *, title: str, note: str = "") -> Any:
    """A panel each for people and concepts: dots with intervals, guessing as a dashed line.

    Arguments:
        panels: see `Panel`.
        chance: the share that is right by guessing.
        title: what stands above.
        note: what must never be lost, such as that participants were simulated.
    """
    drawn = []
    for colour, (heading, estimates, names) in zip(_style.COLOURS, panels, strict=False):
        data = table(estimates, names)
        y = alt.Y("name:N", sort=list(data["name"]), title=None).axis(
            domain=False, ticks=False, labelPadding=6, labelLimit=240
        )
        x = alt.X("value:Q", title="right answers").scale(domain=[0, 1])
        x = x.axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
        base = alt.Chart(data).encode(y=y)
        whiskers = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2)
        whiskers = whiskers.encode(x="low:Q", x2="high:Q", color=alt.value(colour))
        dots = base.mark_point(filled=True, size=80, opacity=1).encode(x=x, color=alt.value(colour))
        text = base.mark_text(align="left", color=_style.GREY, fontSize=11.5)
        guess = alt.Chart(pd.DataFrame({"x": [chance]})).mark_rule(
            color=_style.INK, strokeDash=[5, 4]
        )
        top = alt.TitleParams(heading, anchor="start", frame="group", fontSize=13, color=_style.INK)
        drawn.append(
            alt.layer(
                guess.encode(x="x:Q"),
                whiskers,
                dots,
                text.encode(x=alt.value(_style.WIDTH + 8), text="text:N"),
            ).properties(width=_style.WIDTH, height=alt.Step(22), title=top)
        )
    level = next((e.level for _, estimates, _ in panels for e in estimates), 0.95)
    subtitle = [
        f"Share of right answers, of how many, and {100 * level:.0f} % intervals; "
        f"dashed: guessing ({wording.percent(chance)})"
    ]
    whole = alt.vconcat(*drawn, spacing=22)
    return _style.finish(whole, title, [*subtitle, note], words(panels, chance))


def table(estimates: Sequence[Estimate], names: Sequence[str]) -> pd.DataFrame:
    """The rows that a panel draws."""
    told: list[Mapping[str, Any]] = [
        {
            "name": name,
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
            "text": f"{wording.value(e)} of {e.answers}",
        }
        for e, name in zip(estimates, names, strict=True)
    ]
    return pd.DataFrame(told)


def words(panels: Sequence[Panel], chance: float) -> str:
    """The chart in words, for those who do not see it."""
    told = []
    for heading, estimates, names in panels:
        clauses = [
            f"{name} {wording.value(e)}" + (f" ({ends})" if (ends := wording.range_of(e)) else "")
            for e, name in zip(estimates, names, strict=True)
        ]
        told.append(f"{heading}: {'; '.join(clauses)}.")
    told.append(f"Guessing is right in {wording.percent(chance)}.")
    return f"Share of right answers. {' '.join(told)}"
