"""The coherency test: a concept's row of pictures or a random one; right or wrong, and a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.importers import _right_wrong
from analysis.importers._people import Tell

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

COLUMNS = _right_wrong.COLUMNS
OPTIONAL = _right_wrong.OPTIONAL
OPTIONS = 2


def read(table: pd.DataFrame, wrong: Tell) -> Iterator[dict[str, Any]]:
    """One row for each answer; two rows of pictures unless the column options says otherwise."""
    return _right_wrong.answers(table, wrong, "coherency", OPTIONS)
