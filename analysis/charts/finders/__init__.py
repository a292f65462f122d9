"""Figures of what finders of concepts measured in a network: one file is one finder's.

`network_dissection.py` draws the table of the finder ``network_dissection``, with

    draw(table: pd.DataFrame, title: str) -> chart

A finder without a file here has no figure beside its gallery and table.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd


def has_figure(finder: str) -> bool:
    """Whether there is a figure for the tables of ``finder``.

    Example:
        >>> has_figure("net2vec"), has_figure("nothing")
        (True, False)
    """
    return finder.isidentifier() and (Path(__file__).parent / f"{finder}.py").is_file()


def draw(finder: str, table: pd.DataFrame, title: str) -> Any:
    """The figure of a finder's table, an altair chart.

    Arguments:
        finder: such as ``network_dissection``; see `has_figure`.
        table: what it measured, one row each.
        title: what stands above.
    """
    return import_module(f"analysis.charts.finders.{finder}").draw(table, title)
