"""How well people do along the level of a stimulus: shares at each level, and the curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analysis.charts import Drawing, _style, rows
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose import wording
from analysis.statistics.psychometric_curve import psi

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

PLACE = 55
_POINTS = 101  # of a curve


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """Once, where questions have levels and answers are right or wrong."""
    shares = summary.result("selection_share", "x")
    curve = next(iter(summary.of("psychometric_curve")), None)
    if shares and any(e.value == e.value for e in shares.estimates):
        fitted = curve.estimates if curve else ()
        guess = float(curve.options.get("guess", 0.5)) if curve else 0.5
        labels = summary.frames.labels()
        yield Drawing(
            "psychometric",
            "questions",
            "How often answers were right at each level, with the fitted curve.",
            description(fitted, labels),
            chart(shares.estimates, fitted, labels, guess=guess, note=note),
            pd.concat([rows(shares.estimates), rows(fitted)]),
        )


def chart(
    shares: Sequence[Estimate],
    fitted: Sequence[Estimate],
    labels: Mapping[str, str],
    *,
    guess: float = 0.5,
    core: str = "normal",
    title: str = "From which level on do people see it?",
    note: str = "",
) -> Any:
    """A panel for each option: a dot with its interval for each level, and the curve through them.

    Arguments:
        shares: of ``selection_share`` within ``x``; a segment is a level.
        fitted: of ``psychometric_curve``; options without a threshold get no curve.
        labels: plain words for options.
        guess, core: as the curves were fitted.
        title: what stands above.
        note: what must never be lost.

    Returns:
        an altair chart; dotted: guessing.
    """
    dots = table(shares, labels)
    options = list(dict.fromkeys(dots["option"]))
    lines = curves(fitted, dots, labels, guess, core)
    both = pd.concat([dots.assign(part="dot"), lines.assign(part="curve")], ignore_index=True)
    level = alt.X("x:Q", title="level").scale(zero=False, nice=False, padding=12)
    right = alt.Y("value:Q", title="right").scale(domain=[0, 1]).axis(format="%", tickCount=5)
    colour = _style.COLOURS[0]
    base = alt.Chart(both).encode(x=level)
    curve = base.transform_filter("datum.part == 'curve'").mark_line(color=colour, strokeWidth=2)
    known = base.transform_filter("datum.part == 'dot' && isValid(datum.value)")
    whiskers = known.transform_filter("isValid(datum.low)").mark_rule(color=colour, strokeWidth=1.5)
    points = known.mark_point(filled=True, size=70, opacity=1, color=colour)
    chance = alt.Chart(both).mark_rule(color=_style.GREY, strokeDash=[2, 3])
    chance = chance.encode(y=alt.datum(guess))
    layers = alt.layer(
        chance,
        curve.encode(y=right),
        whiskers.encode(y="low:Q", y2="high:Q"),
        points.encode(y=right),
    ).properties(width=200, height=170)
    facet = alt.Facet("option:N", sort=options, title=None)
    whole = layers.facet(facet=facet.header(labelFontSize=12.5), columns=3, spacing=20)
    said = shares[0].level if shares else 0.95
    subtitle = [f"{100 * said:.0f} % intervals over people; dotted: guessing", note]
    return _style.finish(whole, title, subtitle, description(fitted, labels))


def table(shares: Sequence[Estimate], labels: Mapping[str, str]) -> pd.DataFrame:
    """The dots: the share of right answers of each option at each level."""
    found = [
        {
            "option": _style.words(e.item, labels),
            "x": float(e.segment),
            "value": _style.finite(e.value),
            "low": _style.finite(e.low),
            "high": _style.finite(e.high),
        }
        for e in shares
        if e.segment != ALL
    ]
    columns = ["option", "x", "value", "low", "high"]
    return pd.DataFrame(found, columns=columns).astype(dict.fromkeys(columns[1:], float))


def curves(
    fitted: Sequence[Estimate],
    dots: pd.DataFrame,
    labels: Mapping[str, str],
    guess: float,
    core: str = "normal",
) -> pd.DataFrame:
    """The fitted curves, from the least level to the greatest."""
    found = []
    for option in dict.fromkeys(e.item for e in fitted if e.segment == ALL):
        own = {e.quantity: e.value for e in fitted if (e.segment, e.item) == (ALL, option)}
        threshold = own.get("threshold", float("nan"))
        if threshold != threshold or dots.empty:
            continue
        x = np.linspace(dots["x"].min(), dots["x"].max(), _POINTS)
        y = psi(x, threshold, own["width"], guess, own.get("lapse", 0.0), core)
        # Without options of their own all panels show the one curve.
        for name in [_style.words(option, labels)] if option else dots["option"].unique():
            found.append(pd.DataFrame({"option": name, "x": x, "value": y}))
    columns = ["option", "x", "value"]
    return pd.concat(found) if found else pd.DataFrame(columns=columns)


def description(fitted: Sequence[Estimate], labels: Mapping[str, str]) -> str:
    """The chart in words, for those who do not see it."""
    told = []
    for e in fitted:
        if e.quantity == "threshold" and e.segment == ALL:
            name = _style.words(e.item, labels) if e.item else "All answers"
            ends = wording.range_of(e)
            value = f"the curve's threshold is at level {wording.value(e)}"
            known = f"{value} ({ends or 'no interval'})" if e.value == e.value else e.note
            told.append(f"{name}: {known}.")
    return " ".join(told) or "No curve was fitted."
