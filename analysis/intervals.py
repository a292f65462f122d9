"""Confidence intervals for people, not clicks: from one number for each participant.

All functions work along the last axis and broadcast over the others, so that coverage is measured
over thousands of simulated studies at once (`python -m analysis.calibration`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]


def wilson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval for a share of n independent people.

    Source: E. B. Wilson 1927, JASA 22:209; Brown, Cai & DasGupta 2001, Statistical Science 16:101.

    Formula: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), p = successes / n.

    Arguments:
        successes: number of people, 0 .. n (may be fractional: a mean rate times n).
        n: number of people asked.
        level: coverage, 0 < level < 1.

    Returns:
        lower and upper end, in [0, 1]; nan where n = 0.

    Example:
        >>> low, high = wilson(49, 101)
        >>> round(float(low), 3), round(float(high), 3)
        (0.39, 0.581)
    """
    n = np.asarray(n, float)
    z2 = stats.norm.ppf(0.5 + level / 2) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.asarray(successes, float) / n
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def logit_t(rates: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Cluster logit-t interval for the mean of participants' rates.

    Source: the t interval for a mean of clusters, on the logit scale (delta method), as in
    Korn & Graubard 1998, Survey Methodology 24:193; measured in docs/explanation/statistics.md.

    Formula: m = mean(rates), s = sd(rates)/√n; expit(logit m ± t[n-1] · s / (m (1 - m))).
    Where all participants have the same rate (also all 0 or all 1) s is 0 and would claim
    certainty; Wilson's interval on n people is given instead.

    Arguments:
        rates: [..., n] one rate in [0, 1] for each participant.
        level: coverage.

    Returns:
        mean, lower, upper end, each [...]; the ends are nan for n < 2, all are nan for n = 0.

    Example:
        >>> mean, low, high = logit_t([0, .25, .5, .5, .75, 1])
        >>> round(float(mean), 3), round(float(low), 3), round(float(high), 3)
        (0.5, 0.185, 0.815)
    """
    rates = np.asarray(rates, float)
    n = rates.shape[-1]
    empty = np.full(rates.shape[:-1], np.nan)
    if n == 0:
        return empty, empty, empty
    mean = rates.mean(axis=-1)
    if n == 1:
        return mean, empty, empty
    same = rates.max(axis=-1) == rates.min(axis=-1)
    error = rates.std(axis=-1, ddof=1) / np.sqrt(n)
    low, high = logit_ends(mean, error, n - 1, level)
    wilson_low, wilson_high = wilson(mean * n, n, level)
    return mean, np.where(same, wilson_low, low), np.where(same, wilson_high, high)


def logit_ends(
    mean: ArrayLike, error: ArrayLike, df: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Ends of a t interval for a share, computed on the logit scale so that they stay in [0, 1].

    Arguments:
        mean: the share, strictly between 0 and 1.
        error: its standard error on the share's own scale.
        df: degrees of freedom of the error.
        level: coverage.

    Returns:
        lower and upper end; nan where mean is 0 or 1.
    """
    mean, error, df = (np.asarray(values, float) for values in (mean, error, df))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        half = stats.t.ppf(0.5 + level / 2, df) * error / (mean * (1 - mean))
        odds = np.log(mean / (1 - mean))
        low, high = 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))
    inside = (mean > 0) & (mean < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def difference_t(differences: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """t interval for the mean of participants' differences of two rates.

    Source: the paired t interval; the fallback is Wilson's upper end for 0 of n.

    Formula: mean ± t[n-1] · sd/√n, cut to [-1, 1]. Where all n differences are the same d, the
    t interval has no width; but up to q = z²/(n + z²) of the population may be unlike the n seen,
    each with a difference of anything in [-1, 1]: the interval is d - (1 + d) q .. d + (1 - d) q.

    Arguments:
        differences: [..., n] rate of one option minus rate of another, in [-1, 1].
        level: coverage.

    Returns:
        mean, lower, upper end; the ends are nan for n < 2, all are nan for n = 0.

    Example:
        >>> mean, low, high = difference_t([.5, .25, 0, .25])
        >>> round(float(mean), 3), round(float(low), 3), round(float(high), 3)
        (0.25, -0.075, 0.575)
    """
    d = np.asarray(differences, float)
    n = d.shape[-1]
    empty = np.full(d.shape[:-1], np.nan)
    if n == 0:
        return empty, empty, empty
    mean = d.mean(axis=-1)
    if n == 1:
        return mean, empty, empty
    half = stats.t.ppf(0.5 + level / 2, n - 1) * d.std(axis=-1, ddof=1) / np.sqrt(n)
    unlike = wilson(0, n, level)[1]
    same = d.max(axis=-1) == d.min(axis=-1)
    low = np.where(same, mean - (1 + mean) * unlike, np.maximum(mean - half, -1))
    high = np.where(same, mean + (1 - mean) * unlike, np.minimum(mean + half, 1))
    return mean, low, high


def median_order(values: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Median with the distribution-free interval between two order statistics.

    Source: W. J. Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2.

    Formula: with k the largest number such that P(Binomial(n, 1/2) < k) <= (1 - level)/2, the
    interval is (k-th smallest, k-th largest value).

    Arguments:
        values: [n] numbers.
        level: coverage, reached or exceeded.

    Returns:
        median, lower, upper end; the ends are nan while n is too small (n < 6 at 95 %).

    Example:
        >>> median_order([3, 1, 2, 5, 4, 6, 7])
        (4.0, 1.0, 7.0)
    """
    ordered = np.sort(np.asarray(values, float))
    n = len(ordered)
    if n == 0:
        return np.nan, np.nan, np.nan
    k = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    while k > 0 and stats.binom.cdf(k - 1, n, 0.5) > (1 - level) / 2:
        k -= 1
    median = float(np.median(ordered))
    if k == 0:
        return median, np.nan, np.nan
    return median, float(ordered[k - 1]), float(ordered[n - k])
