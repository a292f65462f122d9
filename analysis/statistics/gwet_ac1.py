"""Do raters agree where one category is rare or common: Gwet's AC1.

With q categories, π_c the mean share of an item's ratings in category c, P_i the share of agreeing
pairs of ratings of item i (items rated at least twice):

    AC1 = (mean P_i - γ) / (1 - γ),  γ = Σ_c π_c (1 - π_c) / (q - 1)

It does not fall to zero where nearly all ratings agree, as kappa does.

Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29.

Degenerate data: all ratings in one category leave the number of categories unknown: nan with a
note.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.estimate import Estimate
from analysis.statistics import _agreement

ACCEPTS = _agreement.ACCEPTS
COLUMNS = _agreement.COLUMNS
CATEGORIES = ("value",)
SOURCE = "Gwet 2008, British J. Math. Statist. Psychol. 61:29"


def ac1(counts: NDArray[np.float64], categories: int = 0) -> float:
    """AC1 from [items, categories] counts.

    Arguments:
        counts: how often each item got each category.
        categories: how many categories there were to choose from, if more than were used.

    Example:
        >>> round(ac1(np.array([[2.0, 0], [2, 0], [2, 0], [1, 1]])), 3)
        0.68
    """
    m = counts.sum(axis=1)
    pairs = counts[m >= 2]
    q = max(categories, counts.shape[1])
    if not len(pairs) or q < 2:
        return np.nan
    size = pairs.sum(axis=1)
    agreed = float(((pairs * (pairs - 1)).sum(axis=1) / (size * (size - 1))).mean())
    share = (counts[m > 0] / m[m > 0, None]).mean(axis=0)
    chance = float((share * (1 - share)).sum()) / (q - 1)
    return (agreed - chance) / (1 - chance)


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
) -> list[Estimate]:
    """AC1 for everybody and for each group.

    Arguments:
        data: ``participant`` (rater), ``item``, ``value`` (category).
        by: column of what is rated separately (such as ``option``), or None.
        within: column of the groups of raters, or None.
        level: coverage of the jackknife interval over items.
    """
    return [
        _agreement.coefficient("gwet_ac1", ac1, table, segment, name, level, "Gwet's AC1", SOURCE)
        for segment, name, table in _agreement.tables(data, by, within, "gwet_ac1")
    ]
