"""Sensitivity d' from the share of right answers, with the interval of the share carried over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import binomtest

from analysis.estimate import Estimate
from analysis.intervals import logit_t, wilson
from analysis.segments import groups, order
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS,)
COLUMNS = {"value": "1 right, 0 wrong"}
OPTIONAL = {"participant": "who answered; then people are the unit of the interval"}
RANGE = (0, 1)
_MOST = 20.0  # d' beyond which the share is 1 in floating point


def inverse(share: float, correct: Callable[[float], float], chance: float) -> float:
    """The d' at which a share of right answers is expected: 0 at or below chance, inf at 1."""
    if np.isnan(share):
        return np.nan
    if share <= chance:
        return 0.0
    if share >= correct(_MOST):
        return float("inf")
    return float(brentq(lambda d: correct(d) - share, 0.0, _MOST, xtol=1e-12, rtol=1e-14))


def estimates(
    data: pd.DataFrame,
    by: str | None,
    within: str | None,
    level: float,
    quantity: str,
    method: str,
    source: str,
    correct: Callable[[float], float],
    chance: float,
) -> list[Estimate]:
    """d' and the test against guessing, for everybody and each group, of each option.

    The share is the mean of participants' shares with the cluster logit-t interval, or, where each
    row is a person, the plain share with Wilson's; both ends are turned into d'.
    """
    found = []
    for segment, whole in groups(data, within):
        for name in order(data, by) if by else [""]:
            part = (whole[whole[by].astype(str) == name] if by else whole).dropna(subset=["value"])
            n = len(part)
            if "participant" in part:
                rates = part.groupby("participant", observed=True)["value"].mean().to_numpy(float)
            else:
                rates = part["value"].to_numpy(float)
            who = len(rates)
            give = Results(segment, level, who, n, method, source).give
            if n == 0:
                found.append(give(quantity, np.nan, name, note="no answers"))
                found.append(give("guessing", np.nan, name, p=np.nan, note="no answers"))
                continue
            clustered = who < n
            share = float(rates.mean())
            ends = logit_t(rates, level)[1:] if clustered else wilson(rates.sum(), who, level)
            low, high = (inverse(float(end), correct, chance) for end in ends)
            note = ""
            if np.isnan(low):
                note = "one participant: no interval"
            value = inverse(share, correct, chance)
            if share >= 1:
                value, high = np.nan, np.nan
                low = np.nan
                least = inverse(float(ends[0]), correct, chance)
                note = "all right: d' has no upper bound"
                if not np.isnan(least):
                    note += f"; it is at least {least:.4g}"
            elif share <= chance:
                note = "no better than chance: d' is 0"
            found.append(give(quantity, value, name, low=low, high=high, note=note))
            right = round(float(part["value"].sum()))
            p = binomtest(right, n, chance, "greater").pvalue
            note = "several answers of one person: p is too sure" if clustered else ""
            found.append(give("guessing", share, name, p=p, note=note))
    return found
