"""Charts as files: PNG, SVG and PDF, made offline, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

FORMATS = ("png", "svg", "pdf")


def render(chart: Any, form: str) -> bytes:
    """A chart as the bytes of a file.

    Arguments:
        chart: an altair chart.
        form: ``png`` (twice the size on screen, for print), ``svg`` or ``pdf``.

    Errors:
        ValueError: another format.
    """
    if form not in FORMATS:
        raise ValueError(f"unknown format '{form}'; use one of: {', '.join(FORMATS)}")
    if form == "svg":
        text = StringIO()
        chart.save(text, format="svg")
        return text.getvalue().encode()
    data = BytesIO()
    chart.save(data, format=form, **({"scale_factor": 2} if form == "png" else {}))
    return data.getvalue()


def save(chart: Any, folder: Path, name: str, formats: Iterable[str] = FORMATS) -> list[Path]:
    """Write a chart as ``folder/name.png`` and so on.

    Returns:
        the paths written, one for each format.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for form in formats:
        path = folder / f"{name}.{form}"
        partial = path.with_suffix(f".{form}.partial")
        partial.write_bytes(render(chart, form))
        partial.replace(path)
        paths.append(path)
    return paths
