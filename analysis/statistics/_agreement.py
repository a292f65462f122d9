"""What the coefficients of agreement share: a table of who put which item into which category."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.RATING, Scale.RANKING, Scale.WORD)
COLUMNS = {
    "participant": "the rater",
    "item": "what was rated",
    "value": "the category or number given; empty or no row: not rated",
}
Counts = NDArray[np.float64]


def tables(
    data: pd.DataFrame, by: str | None, within: str | None, statistic: str
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Segment, name of what is rated separately, and values [items, raters].

    Errors:
        AnalysisError: a rater rated an item twice.
    """
    for segment, whole in groups(data, within):
        for name in order(data, by) if by else [""]:
            part = (whole[whole[by].astype(str) == name] if by else whole).dropna(
                subset=["participant", "item", "value"]
            )
            if part.duplicated(["item", "participant"]).any():
                fix = "name what tells the answers apart: by: option"
                what = "raters rated an item several times"
                raise AnalysisError(f"statistic '{statistic}'", what, fix)
            numbers = pd.to_numeric(part["value"], errors="coerce")
            if numbers.notna().all():
                part = part.assign(value=numbers)  # "1" and "1.0" are one category
            yield segment, name, part.pivot(index="item", columns="participant", values="value")


def categories(table: pd.DataFrame) -> list[Any]:
    """The different values, sorted: as numbers if all are numbers, otherwise as texts."""
    there = pd.Series(pd.unique(table.to_numpy().ravel())).dropna()
    numbers = pd.to_numeric(there, errors="coerce")
    if numbers.notna().all():
        there = there.iloc[np.argsort(numbers.to_numpy(float), kind="stable")]
        return list(there)
    return sorted(there, key=str)


def counts(table: pd.DataFrame) -> Counts:
    """How many raters put each item into each category: [items, categories]."""
    names = categories(table)
    values = table.to_numpy()
    return (
        np.stack([(values == name).sum(axis=1) for name in names], axis=1).astype(float)
        if (names)
        else np.zeros((len(table), 0))
    )


def jackknife(
    value: Callable[[Counts], float], table: Counts, level: float
) -> tuple[float, float, float]:
    """Standard error and interval of a coefficient, leaving out one item at a time.

    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 11.

    Returns:
        error, low, high; nan with fewer than three items or where the coefficient is undefined
        without one of them.
    """
    from scipy import stats

    n = len(table)
    if n < 3:
        return np.nan, np.nan, np.nan
    kinds, place, size = np.unique(table, axis=0, return_index=True, return_counts=True)
    left = np.repeat([value(np.delete(table, row, axis=0)) for row in place], size)
    if np.isnan(left).any() or len(kinds) < 2:
        return np.nan, np.nan, np.nan
    error = float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))
    middle, half = value(table), float(stats.t.ppf(0.5 + level / 2, n - 1)) * error
    return error, middle - half, min(middle + half, 1.0)


def coefficient(
    quantity: str,
    value: Callable[[Counts], float],
    table: pd.DataFrame,
    segment: str,
    name: str,
    level: float,
    method: str,
    source: str,
) -> Estimate:
    """The estimate of a coefficient that depends on counts only."""
    rated = counts(table)
    rated = rated[rated.sum(axis=1) > 0]
    shared = Results(
        segment, level, table.shape[1], int(rated.sum()), f"{method}, jackknife over items", source
    )
    why = ""
    if len(rated) == 0:
        why = "nothing was rated"
    elif (rated.sum(axis=1) < 2).all():
        why = "no item was rated by two raters"
    elif rated.shape[1] < 2:
        why = "all ratings are the same: agreement beyond chance cannot be told"
    if why:
        return shared.give(quantity, np.nan, name, note=why)
    error, low, high = jackknife(value, rated, level)
    note = "too few or too uniform items for an interval" if np.isnan(error) else ""
    return shared.give(quantity, value(rated), name, low=low, high=high, error=error, note=note)


def ordered_ranks(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared ordinal distances of ordered categories from how often each was used.

    δ²_ck = (Σ_{g = c .. k} n_g - (n_c + n_k)/2)²

    Example:
        >>> ordered_ranks(np.array([2.0, 4.0, 2.0])).tolist()
        [[0.0, 9.0, 36.0], [9.0, 0.0, 9.0], [36.0, 9.0, 0.0]]
    """
    steps = [(a + b) / 2 for a, b in pairwise(totals)]
    position = np.concatenate([[0.0], np.cumsum(steps)])
    square: NDArray[np.float64] = (position[:, None] - position[None, :]) ** 2
    return square
