"""How much more often one option is picked than another by the same people: paired t interval.

Quantity: share of the first option minus share of the second, within participants; the item is
written ``first - second``. This is what "people prefer A over B" is judged by.

Source: see `analysis.intervals.difference_t`.

Degenerate data: nobody gives nan; one person gives no interval; where all participants have the
same difference, the interval allows for the people unlike them that n people can miss, and there is
no p value.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import difference_t
from analysis.multiplicity import holm
from analysis.statistics._rates import COUNT, SEPARATOR, pairs, rates, rows
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.RATING)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked; a rating",
}
OPTIONAL = COUNT
SOURCE = "Student 1908, Biometrika 6:1"
METHOD = "mean paired difference of participant rates, t; p adjusted by Holm"


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Difference of each pair of options for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the options.
        within: column of the groups, or None.
        level: coverage of each interval.

    Returns:
        one estimate for each group and pair, in declared order; p is that of the paired t test,
        adjusted by Holm over the pairs of the group.
    """
    found = []
    # Shares differ by at most 1, ratings by at most the range that was used.
    values = data["value"].astype(float)
    scale = max(1.0, float(values.max() - values.min())) if values.notna().any() else 1.0
    compared = pairs(order(data, by))
    for segment, part in groups(data, within):
        table = rates(part, by)
        differences = [
            (both[first] - both[second]).to_numpy()
            for first, second in compared
            for both in [table[[first, second]].dropna()]
        ]
        single = [paired_t(difference) for difference in differences]
        for (first, second), difference, raw, p in zip(
            compared, differences, single, holm(single), strict=True
        ):
            ends = difference_t(difference / scale, level)
            value, low, high = (float(number) * scale for number in ends)
            note = ""
            if len(difference) == 0:
                note = "no participants"
            elif len(difference) == 1:
                note = "one participant: no interval"
            elif difference.min() == difference.max():
                note = "all participants have the same difference"
            count = rows(part[part[by].isin([first, second])])
            give = Results(segment, level, len(difference), count, METHOD, SOURCE, note).give
            pair = f"{first}{SEPARATOR}{second}"
            found.append(
                give("paired_difference", value, pair, low=low, high=high, p=p, p_single=raw)
            )
    return found


def paired_t(differences: ArrayLike) -> float:
    """Two-sided p of the paired t test; nan for fewer than two or all the same differences.

    Formula: t = mean / (sd/√n) on n - 1 degrees of freedom.

    Example:
        >>> round(paired_t([0.5, 0.25, 0.0, 0.25]), 4)
        0.0917
    """
    d = np.asarray(differences, float)
    if len(d) < 2 or d.min() == d.max():
        return float("nan")
    t = d.mean() / (d.std(ddof=1) / np.sqrt(len(d)))
    return float(2 * stats.t.sf(abs(t), len(d) - 1))
