"""How answers on a rating scale are spread: the share of each answer, over people.

Quantities, for each option: the expected share of a person's ratings that are c, for each category
c of the scale; the share above and the share below the middle of the scale. Each participant counts
once; cluster logit-t intervals as in `selection_share`.

Source: Likert 1932, Archives of Psychology 140; intervals: see `analysis.intervals.logit_t`.

Degenerate data: nobody in a segment gives nan; one person gives their shares without interval;
participants who are all alike get Wilson's interval on participants. Each says so in its note.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import logit_t
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.RATING,)
COLUMNS = {
    "participant": "who rated",
    "option": "what was rated",
    "value": "the rating, a number of an ordered scale",
}
SOURCE = "Likert 1932; Korn & Graubard 1998, Survey Methodology 24:193"
RATED = " = "


_MOST = 11  # ratings that are told apart; finer scales (sliders) are cut into classes
_CLASSES = 10


def parts(item: str) -> tuple[str, str]:
    """Option and rating (or class of ratings) of an item.

    Example:
        >>> parts("saliency = 4")
        ('saliency', '4')
    """
    option, _, rating = item.rpartition(RATED)
    return option, rating


def estimate(
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    low: float | None = None,
    high: float | None = None,
) -> list[Estimate]:
    """Share of each rating of each option, for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the options.
        within: column of the groups, or None.
        level: coverage.
        low, high: ends of the scale; the least and the greatest rating given if None.

    Returns:
        for each group and option ``rating_share`` of each category (``option = c``; fine scales
        in ten classes),
        ``below_middle`` and ``above_middle``.

    Example:
        >>> frame = pd.DataFrame({"participant": [1, 2, 3, 4], "option": "map", "value": [1, 3, 3, 2]})
        >>> [(e.quantity, e.item, e.value) for e in estimate(frame)][2:]
        [('rating_share', 'map = 3', 0.5), ('below_middle', 'map', 0.25), ('above_middle', 'map', 0.5)]
    """  # noqa: E501
    answered = data.dropna(subset=["participant", by, "value"])
    values = answered["value"].astype(float)
    scale = categories(values, low, high)
    middle = (scale[0] + scale[-1]) / 2 if scale else 0.0
    classes = named(scale)
    found = []
    for segment, whole in groups(answered.assign(value=values), within):
        for option in order(data, by):
            rows = whole[whole[by].astype(str) == option]
            shares = pd.crosstab(rows["participant"], rows["value"], normalize="index")
            shares = shares.reindex(columns=scale, fill_value=0.0)
            wanted = [
                (f"{option}{RATED}{name}", "rating_share", inside)
                for name, inside in classes.items()
            ]
            wanted += [
                (option, "below_middle", [c for c in scale if c < middle]),
                (option, "above_middle", [c for c in scale if c > middle]),
            ]
            for item, quantity, columns in wanted:
                rates = shares[columns].sum(axis=1).to_numpy(float)
                # Sums of floats may leave 0..1 by a rounding error.
                rates = np.clip(np.round(rates, 12), 0, 1)
                value, lower, upper = (float(end) for end in logit_t(rates, level))
                n, count = len(rates), int(rows["value"].isin(columns).sum())
                method = "mean of participant shares, cluster logit-t"
                why = "no participants" if n == 0 else "one participant: no interval"
                why = why if n < 2 else ""
                if n > 1 and rates.min() == rates.max():
                    why = "all participants have the same share"
                give = Results(segment, level, n, count, method, SOURCE, why).give
                found.append(give(quantity, value, item, low=lower, high=upper))
    return found


def categories(
    values: pd.Series[Any], low: float | None = None, high: float | None = None
) -> list[float]:
    """The categories of a scale: all whole numbers between its ends, or the ratings themselves.

    Example:
        >>> categories(pd.Series([1.0, 4.0, 4.0])), categories(pd.Series([.5, 2.0]))
        ([1.0, 2.0, 3.0, 4.0], [0.5, 2.0])
    """
    ends = {float(end) for end in (low, high) if end is not None}
    seen = sorted({float(value) for value in values} | ends)
    if seen and all(value == round(value) for value in seen) and seen[-1] - seen[0] <= 1000:
        return [float(value) for value in range(int(seen[0]), int(seen[-1]) + 1)]
    return seen


def named(scale: list[float]) -> dict[str, list[float]]:
    """Each category by its name; of more than eleven, ten classes of equal width.

    Example:
        >>> named([1.0, 2.0])
        {'1': [1.0], '2': [2.0]}
        >>> list(named([float(n) for n in range(101)]))[:2]
        ['0–9', '10–19']
    """
    if len(scale) <= _MOST:
        return {f"{c:g}": [c] for c in scale}
    edges = np.linspace(scale[0], scale[-1], _CLASSES + 1)
    place = np.clip(np.searchsorted(edges, scale, side="right") - 1, 0, _CLASSES - 1)
    found: dict[str, list[float]] = {}
    for n in range(_CLASSES):
        inside = [c for c, p in zip(scale, place.tolist(), strict=True) if p == n]
        if inside:
            found[f"{inside[0]:g}–{inside[-1]:g}"] = inside
    return found
