"""Sensitivity d' from the share of right answers, with the interval of the share carried over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binomtest, ttest_1samp

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import logit_t, wilson
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS,)
COLUMNS = {"value": "1 right, 0 wrong"}
OPTIONAL = {"participant": "who answered; then people are the unit of the interval"}
RANGE = (0, 1)
FloatArray = NDArray[np.float64]
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
            p, note = guessing_p(part["value"].to_numpy(float), rates, chance)
            found.append(give("guessing", share, name, p=p, note=note))
    return found


def guessing_p(answers: FloatArray, rates: FloatArray, chance: float) -> tuple[float, str]:
    """Are answers right more often than by guessing? p, and a note where there is one.

    Where each answer is of another person, the exact binomial test. Where people gave several, the
    people are the unit: a one-sided t test of their rates; if these are all equal, the exact test
    with one answer for each person.

    Arguments:
        answers: 1 right, 0 wrong.
        rates: the share of each person's answers that are right.
        chance: the share that is right by guessing.

    Example:
        >>> one_each = np.array([1.0, 1.0, 0.0])
        >>> guessing_p(one_each, one_each, 0.5)
        (0.5, '')
    """
    people, n = len(rates), len(answers)
    if 1 < people < n and float(np.ptp(rates)) > 0:
        return float(ttest_1samp(rates, chance, alternative="greater").pvalue), ""
    if people in (1, n):
        note = "one participant: p says nothing about others" if people < n else ""
        return float(binomtest(round(float(answers.sum())), n, chance, "greater").pvalue), note
    note = "all participants have the same share: p as of one answer each"
    right = round(float(rates.sum()))
    return float(binomtest(right, people, chance, "greater").pvalue), note
