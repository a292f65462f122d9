"""How faithful explanation methods are: means over faces with intervals, ranks, mean curves.

Works on a tidy table with one row for each map and measure: ``model``, ``method``, ``face``,
``measure``, ``better`` (``higher`` or ``lower``), ``value``, ``baseline`` (of an uninformative
map) and ``skipped`` (why there is no value).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.intervals import logit_t

COLUMNS = (
    *("model", "measure", "method", "rank", "n", "mean", "low", "high", "baseline", "above"),
    *("behind", "behind_low", "behind_high", "better", "interval"),
)


def mean_t(values: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """t interval for the mean of one number for each face.

    Formula: mean ± t[n-1] · sd/√n.

    Arguments:
        values: [n] finite numbers.
        level: coverage.

    Returns:
        mean, lower, upper end; the ends are nan for n < 2 and where all values are the same, which
        would claim certainty; all are nan for n = 0.

    Example:
        >>> [round(end, 3) for end in mean_t([1, 2, 3, 4])]
        [2.5, 0.446, 4.554]
    """
    values = np.asarray(values, float)
    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    mean = float(values.mean())
    if n == 1 or values.max() == values.min():
        return mean, np.nan, np.nan
    half = float(stats.t.ppf(0.5 + level / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def ranking(scores: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Methods from the most to the least faithful, for each model and measure.

    Faces are the unit: each contributes one value to a method's mean. A measure with values from 0
    to 1 only gets the interval of rates (`analysis.intervals.logit_t`), others the t interval.

    Arguments:
        scores: the tidy table.
        level: coverage of the intervals.

    Returns:
        one row for each model, measure and method: ``rank`` (1 is best, ties share the mean rank),
        ``n`` faces, ``mean`` with ``low`` and ``high``, mean ``baseline``, ``above``: the share of
        faces where the map was more faithful than an uninformative one; ``behind`` with ends: the
        mean difference, on the faces that both have, by which the best method is more faithful
        (paired t interval), nan for the best itself.

    Example:
        >>> rows = [("m", way, face, "game", "higher", value, 0.0, "")
        ...         for way, values in (("a", (3, 4, 5)), ("b", (1, 2, 4)))
        ...         for face, value in zip("xyz", values)]
        >>> names = ["model", "method", "face", "measure", "better", "value", "baseline", "skipped"]
        >>> table = ranking(pd.DataFrame(rows, columns=names))
        >>> table[["method", "rank", "n", "mean", "above"]].values.tolist()[0]
        ['a', 1.0, 3, 4.0, 1.0]
    """
    known = scores.dropna(subset=["value"])
    rows = []
    for (model, measure), group in known.groupby(["model", "measure"], sort=False):
        better = str(group["better"].iloc[0])
        sign = 1.0 if better == "higher" else -1.0
        share = _between_0_and_1(group[["value", "baseline"]])
        table = group.pivot_table(index="face", columns="method", values="value", sort=False)
        means = table.mean()
        ranks = (-sign * means).rank()
        best = str(ranks.idxmin())
        for method in means.sort_values(ascending=better == "lower", kind="stable").index:
            own = group[group["method"] == method]
            values = own["value"].to_numpy(float)
            mean, low, high = _mean(values, share, level)
            behind = (sign * (table[best] - table[method])).dropna()
            gap = (np.nan, np.nan, np.nan) if method == best else mean_t(behind, level)
            compared = own.dropna(subset=["baseline"])
            above = (sign * (compared["value"] - compared["baseline"]) > 0).mean()
            kind = "logit t" if share else "t"
            row = (model, measure, method, ranks[method], len(values), mean, low, high)
            rows.append((*row, own["baseline"].mean(), above, *gap, better, kind))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _between_0_and_1(values: ArrayLike) -> bool:
    """Whether all numbers that are known lie from 0 to 1."""
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    return bool(((known >= 0) & (known <= 1)).all())


def _mean(values: ArrayLike, share: bool, level: float) -> tuple[float, float, float]:
    """Mean and interval, on the logit scale for values that lie from 0 to 1."""
    if not share:
        return mean_t(values, level)
    mean, low, high = (float(end) for end in logit_t(values, level))
    return mean, low, high


def overall(table: pd.DataFrame) -> pd.DataFrame:
    """Methods by their mean rank over measures, for each model.

    Arguments:
        table: from `ranking`.

    Returns:
        ``model``, ``method``, ``rank`` (mean over measures, each counting the same) and
        ``measures``, how many rated the method; best first.
    """
    grouped = table.groupby(["model", "method"], sort=False)["rank"]
    found = grouped.agg(rank="mean", measures="count").reset_index()
    return found.sort_values(["model", "rank"], kind="stable").reset_index(drop=True)


def mean_curves(curves: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Curves averaged over faces, with an interval at each point, chosen as for `ranking`.

    Arguments:
        curves: one row for each point: ``model``, ``measure``, ``method``, ``face``, ``curve``,
            ``x``, ``y``.
        level: coverage, of each point by itself.

    Returns:
        ``model``, ``measure``, ``method``, ``curve``, ``x``, ``mean``, ``low``, ``high``, ``n``.
    """
    names = ["model", "measure", "method", "curve", "x"]
    known = curves.dropna(subset=["y"])
    rows = []
    for _, measure in known.groupby(["model", "measure"], sort=False):
        share = _between_0_and_1(measure["y"])
        rows += [
            (*place, *_mean(group["y"], share, level), len(group))
            for place, group in measure.groupby(names, sort=False)
        ]
    return pd.DataFrame(rows, columns=[*names, "mean", "low", "high", "n"])
