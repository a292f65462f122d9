"""Do raters agree, with missing ratings and any number of raters: Krippendorff's alpha.

α = 1 - D_o / D_e, observed over expected disagreement, from coincidences: an item with m >= 2
ratings adds 1/(m - 1) for each ordered pair of its ratings to o_ck; n_c = Σ_k o_ck, n = Σ n_c:

    D_o = Σ o_ck δ²_ck / n,  D_e = Σ n_c n_k δ²_ck / (n (n - 1))

δ² is 0/1 (nominal), the squared sum of ranks between (ordinal), (c - k)² (interval) or
((c - k)/(c + k))² (ratio). Interval: items drawn again (percentile bootstrap).

Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; Hayes & Krippendorff 2007,
Communication Methods and Measures 1:77.

Degenerate data: no item rated twice, or all ratings the same (D_e = 0), give nan with a note.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _agreement
from analysis.statistics._results import Results

ACCEPTS = _agreement.ACCEPTS
COLUMNS = _agreement.COLUMNS
CATEGORIES = ("value",)
SOURCE = "Krippendorff 2011; Hayes & Krippendorff 2007, Commun. Methods Meas. 1:77"
METRICS = ("nominal", "ordinal", "interval", "ratio")


def alpha(counts: NDArray[np.float64], distance: NDArray[np.float64]) -> float:
    """Alpha from how often each item got each category; nan if undefined.

    Arguments:
        counts: [items, categories].
        distance: [categories, categories] squared distances.

    Example:
        >>> round(alpha(np.array([[2.0, 0], [0, 2], [1, 1]]), 1 - np.eye(2)), 3)
        0.444
    """
    rated = counts[counts.sum(axis=1) >= 2]
    weight = 1 / (rated.sum(axis=1) - 1)
    totals = rated.sum(axis=0)
    n = totals.sum()
    # Squared distances are 0 on the diagonal: pairs of a rating with itself add nothing.
    observed = float(weight @ ((rated @ distance) * rated).sum(axis=1))
    expected = float(totals @ distance @ totals) / (n - 1) if n > 1 else 0.0
    return float(1 - observed / expected) if expected > 0 else np.nan


def _distance(metric: str, names: list[object], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    if metric == "nominal":
        return 1 - np.eye(len(names))
    if metric == "ordinal":
        return _agreement.ordered_ranks(totals)
    value = np.array([float(str(name)) for name in names])
    square: NDArray[np.float64] = (value[:, None] - value[None, :]) ** 2
    if metric == "ratio":
        total = (value[:, None] + value[None, :]) ** 2
        square = np.divide(square, total, out=np.zeros_like(square), where=total > 0)
    return square


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    metric: str = "nominal",
    resamples: int = 2_000,
    seed: int = 0,
) -> list[Estimate]:
    """Alpha for everybody and for each group.

    Arguments:
        data: ``participant`` (rater), ``item``, ``value``.
        by: column of what is rated separately (such as ``option``), or None.
        within: column of the groups of raters, or None.
        level: coverage.
        metric: ``nominal``, ``ordinal``, ``interval`` or ``ratio``. Ordinal categories are ordered
            as numbers, or alphabetically.
        resamples, seed: of the bootstrap over items.

    Errors:
        AnalysisError: unknown metric, names where the metric needs numbers, negative ratios.
    """
    where = "statistic 'krippendorff_alpha'"
    if metric not in METRICS:
        fix = f"use one of: {', '.join(METRICS)}"
        raise AnalysisError(where, f"unknown metric '{metric}'", fix)
    if metric in ("interval", "ratio"):
        numbers = pd.to_numeric(data["value"], errors="coerce")
        strange = data["value"][numbers.isna() & data["value"].notna()]
        if len(strange):
            what = f"metric '{metric}' needs numbers; '{strange.iloc[0]}' in row {strange.index[0]}"
            raise AnalysisError(where, what, "use nominal, or write numbers")
        if metric == "ratio" and (numbers < 0).any():
            raise AnalysisError(where, "metric 'ratio' needs values from 0 up", "use interval")
    found = []
    for segment, name, table in _agreement.tables(data, by, within, "krippendorff_alpha"):
        names = _agreement.categories(table)
        counts = _agreement.counts(table)
        rated = counts[counts.sum(axis=1) >= 2]
        method = f"Krippendorff's alpha, {metric}, {resamples} bootstrap samples of items"
        shared = Results(segment, level, table.shape[1], int(counts.sum()), method, SOURCE)
        distance = _distance(metric, names, rated.sum(axis=0)) if names else np.zeros((0, 0))
        value = alpha(rated, distance) if len(rated) else np.nan
        if np.isnan(value):
            why = "no item was rated by two raters"
            if len(rated):
                why = "all ratings are the same: agreement beyond chance cannot be told"
            found.append(shared.give("krippendorff_alpha", value, name, note=why))
            continue
        rng = np.random.default_rng(seed)
        drawn = (
            alpha(rated[rng.integers(len(rated), size=len(rated))], distance)
            for _ in range(resamples)
        )
        values = np.array([a for a in drawn if not np.isnan(a)])
        low = high = np.nan
        note = "too few items for an interval"
        if len(rated) > 2 and len(values):
            low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
            note = ""
        if np.unique(rated, axis=0).shape[0] > 1 and low == high == 1:
            low = high = np.nan
            note = "raters agree on every item: the bootstrap gives no interval"
        found.append(shared.give("krippendorff_alpha", value, name, low=low, high=high, note=note))
    return found
