"""Do many raters agree on categories, each item rated equally often: Fleiss' kappa.

With n_ic of the m ratings of item i in category c, p_c the share of category c:

    P_i = Σ_c n_ic (n_ic - 1) / (m (m - 1)),  κ = (mean P_i - Σ p_c²) / (1 - Σ p_c²)

Items use their own number of ratings m_i; those rated once or never do not count.

Source: Fleiss 1971, Psychological Bulletin 76:378.

Degenerate data: all ratings in one category give nan with a note.
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
SOURCE = "Fleiss 1971, Psychological Bulletin 76:378"


def kappa(counts: NDArray[np.float64]) -> float:
    """Kappa from [items, categories] counts; nan if all ratings are in one category.

    Example:
        >>> round(kappa(np.array([[2.0, 0], [0, 2], [1, 1]])), 3)
        0.333
    """
    rated = counts[counts.sum(axis=1) >= 2]
    m = rated.sum(axis=1)
    if not len(rated):
        return np.nan
    agreed = float(((rated * (rated - 1)).sum(axis=1) / (m * (m - 1))).mean())
    chance = float(((rated.sum(axis=0) / rated.sum()) ** 2).sum())
    return (agreed - chance) / (1 - chance) if chance < 1 else np.nan


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
) -> list[Estimate]:
    """Kappa for everybody and for each group.

    Arguments:
        data: ``participant`` (rater), ``item``, ``value`` (category).
        by: column of what is rated separately (such as ``option``), or None.
        within: column of the groups of raters, or None.
        level: coverage of the jackknife interval over items.
    """
    return [
        _agreement.coefficient(
            "fleiss_kappa", kappa, table, segment, name, level, "Fleiss' kappa", SOURCE
        )
        for segment, name, table in _agreement.tables(data, by, within, "fleiss_kappa")
    ]
