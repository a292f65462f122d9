"""One answer for each participant and option: what tests of a single question need."""

from __future__ import annotations

import pandas as pd

from analysis.data.segments import order
from analysis.errors import AnalysisError


def single(data: pd.DataFrame, by: str, statistic: str, instead: str) -> tuple[pd.DataFrame, str]:
    """Values [participants, options] of a single question, complete rows, and a note.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the options.
        statistic: whose data it is, for the message.
        instead: what to use when people answered several questions.

    Errors:
        AnalysisError: a participant has several values for an option.
    """
    rows = data.dropna(subset=["participant", by, "value"])
    if rows.duplicated(["participant", by]).any():
        what = "participants answered several questions; this test is for a single one"
        raise AnalysisError(
            f"statistic '{statistic}'", what, f"keep one question, or use {instead}"
        )
    table = rows.pivot(index="participant", columns=by, values="value").astype(float)
    table.columns = [str(name) for name in table.columns]
    table = table[[name for name in order(data, by) if name in table]]
    whole = table.dropna()
    lost = len(table) - len(whole)
    return whole, f"{lost} participants left out who did not judge every option" if lost else ""
