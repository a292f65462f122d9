"""One look for all charts: colours that colour-blind people tell apart, plain type, no clutter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

# Okabe & Ito 2008, Color Universal Design; black and yellow left out (contrast on white).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
INK = "#1b1b1b"
GREY = "#5f6368"
# Three fonts with the same widths, so that text fits wherever the picture is opened.
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
WIDTH = 430
STEP = 26
# The name of a row stands close above it, at its left end.
ROW_HEADER: dict[str, Any] = {
    "labelAngle": 0,
    "labelOrient": "top",
    "labelAnchor": "start",
    "labelPadding": -8,
}


def finish(chart: Any, title: str, subtitle: Sequence[str], description: str) -> Any:
    """The chart with title, description for those who do not see it, and the common look."""
    heading = alt.TitleParams(
        title,
        subtitle=[line for line in subtitle if line],
        anchor="start",
        fontSize=15,
        subtitleFontSize=12,
        subtitleColor=GREY,
        color=INK,
        offset=12,
        subtitlePadding=4,
    )
    return (
        chart.properties(title=heading, description=description, background="white", padding=8)
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            gridColor="#e4e6e8",
            domainColor="#9aa0a6",
            tickColor="#9aa0a6",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_header(labelColor=INK, labelFontSize=12.5, labelFontWeight="bold")
    )


def words(name: str, labels: Mapping[str, str]) -> str:
    """The plain words for a name; the name itself if there are none."""
    return labels.get(name, name)


def finite(number: float) -> float | None:
    """The number, or None (JSON's null) where there is none."""
    return number if number == number else None
