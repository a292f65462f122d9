"""The charts: each file draws estimates, never raw answers; `analysis.reports.figures` saves them.

A file is a chart of report and dashboard, found by its name, if it holds

- ``PLACE``: its place among the charts, a number,
- ``drawings(summary, note) -> Iterator[Drawing]``: the chart where it applies to that study (once
  for each segment, say) and nothing where it does not; ``note`` is what no picture may lose, such
  as that participants were simulated.

Other files (the fidelity of methods, say) are drawn by the parts that need them. Files that begin
with ``_`` are helpers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.estimate import Estimate

if TYPE_CHECKING:
    from analysis.summaries.summary import Summary

_FOLDER = Path(__file__).parent
SECTIONS = ("people", "picked", "concepts", "questions", "times", "quality")
"""Where a chart stands in report and dashboard."""


@dataclass(frozen=True)
class Drawing:
    """A chart with what goes along with it.

    Arguments:
        name: its file name, without ending.
        section: one of `SECTIONS`.
        caption: what is drawn, below the picture.
        words: what is to be seen, for those who do not see it.
        chart: the altair chart.
        data: the estimates that are drawn, one row each, at full precision (see `rows`).
    """

    name: str
    section: str
    caption: str
    words: str
    chart: Any
    data: pd.DataFrame


def rows(estimates: Sequence[Estimate], **more: Any) -> pd.DataFrame:
    """Estimates as the rows of a chart's CSV, with further columns in front.

    Example:
        >>> e = Estimate("selection_share", "map", "all", 1 / 3, .2, .5, .95, 9, 72, "", "")
        >>> rows([e], exclusions="before")[["exclusions", "item"]].to_numpy().tolist()
        [['before', 'map']]
    """
    return pd.DataFrame([{**more, **e.as_dict()} for e in estimates])


def names() -> list[str]:
    """The names of the charts of report and dashboard, in their order.

    Example:
        >>> names()[0]
        'demographics'
    """
    places = {path.stem: _place(path) for path in _FOLDER.glob("[a-z]*.py")}
    found = [(place, name) for name, place in places.items() if place is not None]
    return [name for _, name in sorted(found)]


def _place(path: Path) -> float | None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PLACE":
            return float(ast.literal_eval(node.value))
    return None


def drawings(summary: Summary, note: str = "") -> Iterator[Drawing]:
    """All charts that apply to a study, in their order; each is made when it is asked for.

    Arguments:
        summary: from `analysis.summaries.summary.summarise`.
        note: what no picture may lose.
    """
    for name in names():
        yield from import_module(f"{__name__}.{name}").drawings(summary, note)
