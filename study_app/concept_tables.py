"""What a finder of concepts measured, as a table and a figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from explainers.building.cache import write_whole

FOLDER = "concepts"
"""Inside a study's stimuli: table and figure of each family."""
FORMATS = ("png", "svg")


def save(
    rows: Sequence[Mapping[str, Any]],
    finder: str,
    title: str,
    place: Path,
    table: str = "table",
    figure: str = "figure",
) -> list[Path]:
    """Write ``place/table.csv`` and, where the finder has one, its figure as PNG and SVG.

    The figure is drawn again only if the table has changed or it is not there.

    Arguments:
        rows: the finder's table.
        finder: a file of `explainers/concepts`, or the user's own.
        title: of the figure.
        place: a folder.
        table, figure: names of the files.

    Returns: what there is to look at: table, figure; nothing without rows.
    """
    if not rows:
        return []
    text = _csv(rows).encode()
    path, drawn = place / f"{table}.csv", [place / f"{figure}.{form}" for form in FORMATS]
    same = path.is_file() and path.read_bytes() == text
    if same and all(one.is_file() for one in drawn):
        return [path, drawn[0]]
    from analysis.charts import finders

    if finders.has_figure(finder):
        import pandas as pd

        from analysis.reports.figures import save as save_figure

        chart = finders.draw(finder, pd.DataFrame([dict(row) for row in rows]), title)
        drawn = save_figure(chart, place, figure, FORMATS)[:1]
    else:
        drawn = []
    write_whole(path, text)
    return [path, *drawn]


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
