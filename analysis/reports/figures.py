"""Charts as files: PNG, SVG and PDF, made offline, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

FORMATS = ("png", "svg", "pdf")
SCALE = 2.0
"""Pixels of the PNG for each point: sharp on screens and in print."""


def render(chart: Any, form: str) -> bytes:
    """A chart as the bytes of a file.

    Arguments:
        chart: an altair chart.
        form: ``png``, ``svg`` or ``pdf``.

    Errors:
        ValueError: another format.
    """
    return convert(drawing(chart), form)


def drawing(chart: Any) -> str:
    """A chart as SVG text; the slow step, from which `convert` makes the other formats."""
    text = StringIO()
    chart.save(text, format="svg")
    return text.getvalue()


def convert(svg: str, form: str) -> bytes:
    """SVG text as the bytes of a file; arguments and errors as for `render`."""
    if form not in FORMATS:
        raise ValueError(f"unknown format '{form}'; use one of: {', '.join(FORMATS)}")
    if form == "svg":
        return svg.encode()
    import vl_convert  # a second of start-up that listing and tables need not pay

    return vl_convert.svg_to_pdf(svg) if form == "pdf" else vl_convert.svg_to_png(svg, scale=SCALE)


def save(chart: Any, folder: Path, name: str, formats: Iterable[str] = FORMATS) -> list[Path]:
    """Write a chart as ``folder/name.png`` and so on.

    Returns:
        the paths written, one for each format.
    """
    folder.mkdir(parents=True, exist_ok=True)
    svg, paths = drawing(chart), []
    for form in formats:
        path = folder / f"{name}.{form}"
        partial = path.with_suffix(f".{form}.partial")
        partial.write_bytes(convert(svg, form))
        partial.replace(path)
        paths.append(path)
    return paths
