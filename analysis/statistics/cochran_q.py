"""A single question, ticks or right answers: do the options differ (Cochran's Q).

With x_ij in {0, 1} for participant i and option j of k, C_j the column and R_i the row sums:

    Q = (k - 1) (k Σ C_j² - (Σ C_j)²) / (k Σ R_i - Σ R_i²), chi-square on k - 1 degrees of freedom

Source: Cochran 1950, Biometrika 37:256.

Degenerate data: where every participant gives all options the same value there is nothing to test;
p is nan and the note says so. Several questions of one person are an error: Q with a row for each
question finds differences in three of ten studies that have none (docs/explanation/statistics.md);
`any_difference` is made for them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import groups
from analysis.estimate import Estimate
from analysis.statistics._results import Results
from analysis.statistics._single import single
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered (one question each)",
    "option": "what was offered",
    "value": "1 picked or right, 0 not",
}
RANGE = (0, 1)
SOURCE = "Cochran 1950, Biometrika 37:256"


def cochran(table: ArrayLike) -> tuple[float, float]:
    """Q and its p value; nan if no participant distinguishes between the options.

    Arguments:
        table: [n, k] of 0 and 1.

    Example:
        >>> q, p = cochran([[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1]])
        >>> round(q, 3), round(p, 3)
        (3.5, 0.174)
    """
    x = np.asarray(table, float)
    k = x.shape[1] if x.ndim == 2 else 0
    if k < 2 or len(x) == 0:
        return np.nan, np.nan
    rows, columns = x.sum(axis=1), x.sum(axis=0)
    below = k * rows.sum() - (rows**2).sum()
    if below == 0:
        return np.nan, np.nan
    q = float((k - 1) * (k * (columns**2).sum() - columns.sum() ** 2) / below)
    return q, float(stats.chi2.sf(q, k - 1))


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Q for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value`` (0 or 1).
        by: column of the options.
        within: column of the groups, or None.
        level: recorded; tests have no interval.

    Errors:
        AnalysisError: a participant with several values for an option.
    """
    found = []
    for segment, part in groups(data, within):
        table, left_out = single(part, by, "cochran_q", "any_difference")
        n, k = table.shape
        q, p = cochran(table)
        method = f"Cochran's Q, chi-square {max(k - 1, 0)} df"
        shared = Results(segment, level, n, int(table.size), method, SOURCE, left_out)
        why = ""
        if np.isnan(q):
            why = "no participants" if n == 0 else "no participant distinguishes between options"
            why = "fewer than two options" if n and k < 2 else why
        found.append(shared.give("cochran_q", q, p=p, note=why))
    return found
