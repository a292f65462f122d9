"""The intruder test: one picture of six is of another concept; right or wrong, a row an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.importers import _right_wrong
from analysis.importers._people import Tell

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

COLUMNS = _right_wrong.COLUMNS
OPTIONAL = {
    name: text for name, text in _right_wrong.OPTIONAL.items() if name not in ("text", "language")
}
OPTIONS = 6


def read(table: pd.DataFrame, wrong: Tell) -> Iterator[dict[str, Any]]:
    """One row for each answer; six pictures unless the column options says otherwise."""
    return _right_wrong.answers(table, wrong, "intruder", OPTIONS)
