"""Do two raters agree on categories: Cohen's kappa, plain or weighted.

With p_ck the share of items that the first rater puts into c and the second into k, row sums r_c
and column sums s_k, disagreement weights v_ck (0/1; |c - k| linear; (c - k)² quadratic, over
ordered categories):

    κ = 1 - Σ v_ck p_ck / Σ v_ck r_c s_k

Large-sample standard error of Fleiss, Cohen & Everitt. Every pair of raters is compared.

Source: Cohen 1960, Educ. Psychol. Meas. 20:37; Cohen 1968, Psychol. Bull. 70:213; Fleiss, Cohen &
Everitt 1969, Psychol. Bull. 72:323.

Degenerate data: no item rated by both, or both using one and the same category only, give nan with
a note; agreement on every item has no standard error and no interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _agreement
from analysis.statistics._rates import SEPARATOR, pairs
from analysis.statistics._results import Results

ACCEPTS = _agreement.ACCEPTS
COLUMNS = _agreement.COLUMNS
CATEGORIES = ("value",)
SOURCE = "Cohen 1960; Cohen 1968; Fleiss, Cohen & Everitt 1969, Psychol. Bull. 72:323"
WEIGHTS = ("none", "linear", "quadratic")


def kappa(table: ArrayLike, weights: str = "none") -> tuple[float, float]:
    """Kappa and its standard error from a square table of counts; nan if undefined.

    Arguments:
        table: [q, q] counts, rows the first rater, columns the second.
        weights: ``none``, ``linear`` or ``quadratic``.

    Example:
        >>> value, error = kappa([[20, 5], [10, 15]])
        >>> round(value, 3), round(error, 4)
        (0.4, 0.127)
    """
    p = np.asarray(table, float)
    n = p.sum()
    if n == 0:
        return np.nan, np.nan
    p = p / n
    q = len(p)
    steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))).astype(float)
    power = {"none": 0.0, "linear": 1.0, "quadratic": 2.0}[weights]
    apart = np.where(steps > 0, steps**power, 0.0)
    w = 1 - apart / apart.max() if apart.max() > 0 else np.ones_like(apart)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, chance = float((w * p).sum()), float(rows @ w @ columns)
    if 1 - chance < 1e-12:
        return np.nan, np.nan
    value = (observed - chance) / (1 - chance)
    lean = (w @ columns)[:, None] + (rows @ w)[None, :]
    spread = (p * (w - lean * (1 - value)) ** 2).sum() - (value - chance * (1 - value)) ** 2
    return value, float(np.sqrt(max(spread, 0.0) / n) / (1 - chance))


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    weights: str = "none",
) -> list[Estimate]:
    """Kappa of each pair of raters, for everybody and for each group.

    Arguments:
        data: ``participant`` (rater), ``item``, ``value`` (category).
        by: column of what is rated separately (such as ``option``), or None.
        within: column of the groups of raters, or None.
        level: coverage of the Wald interval.
        weights: ``none``, ``linear`` or ``quadratic``; weighted categories are ordered as numbers,
            or alphabetically.

    Returns:
        one estimate for each pair, item ``first - second``.

    Errors:
        AnalysisError: unknown weights.
    """
    if weights not in WEIGHTS:
        fix = f"use one of: {', '.join(WEIGHTS)}"
        raise AnalysisError("statistic 'cohen_kappa'", f"unknown weights '{weights}'", fix)
    z = stats.norm.ppf(0.5 + level / 2)
    method = "Cohen's kappa" if weights == "none" else f"Cohen's kappa, {weights} weights"
    found = []
    for segment, name, table in _agreement.tables(data, by, within, "cohen_kappa"):
        names = _agreement.categories(table)
        raters = list(table.columns)
        if len(raters) < 2:
            shared = Results(segment, level, len(raters), int(table.size), method, SOURCE)
            why = "fewer than two raters"
            found.append(shared.give("cohen_kappa", np.nan, name, note=why))
        for a, b in pairs(raters):
            both = table[[a, b]].dropna().to_numpy()
            cross = np.array([[np.sum((both == (c, k)).all(axis=1)) for k in names] for c in names])
            value, error = kappa(cross, weights)
            shared = Results(segment, level, 2, int(both.size), method, SOURCE)
            low, high = value - z * error, min(value + z * error, 1.0)
            note = ""
            if np.isnan(value):
                why = "both raters use one category only" if len(both) else "no item rated by both"
                note = f"{why}: agreement beyond chance cannot be told"
            elif error < 1e-12:
                low = high = error = np.nan
                note = "no interval: the raters agree on every item, or on none"
            pair = f"{a}{SEPARATOR}{b}"
            label = f"{name}: {pair}" if name else pair
            found.append(
                shared.give("cohen_kappa", value, label, low=low, high=high, error=error, note=note)
            )
    return found
