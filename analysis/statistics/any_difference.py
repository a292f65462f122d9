"""Do the options differ at all: Hotelling's T² on contrasts, and permuting labels within people.

Two tests of "on average over people, every option is picked equally often", from one rate for each
participant and option:

- Hotelling: with contrasts d_i (k - 1 differences of neighbouring options), mean d and covariance
  S, T² = n d' S⁻¹ d; (n-k+1) / ((n-1)(k-1)) · T² against F(k-1, n-k+1).
- Permutation: each participant's rates are shuffled over the options; the statistic is the
  variance of the option means; p = (1 + number of shuffles at least as large) / (1 + shuffles).

Source: Anderson 2003, An Introduction to Multivariate Statistical Analysis, section 5.3; Phipson &
Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39 (permutation p values are never zero).

Degenerate data: too few participants for Hotelling (n < k), or contrasts without variance, give nan
with a note; the permutation test still stands, unless nobody prefers anything (p = 1).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import groups
from analysis.estimate import Estimate
from analysis.resampling import shuffled_within
from analysis.statistics._rates import COUNT, complete, join_notes, rows
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.RATING)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked; a rating",
}
OPTIONAL = COUNT
SOURCE = "Anderson 2003, section 5.3; Phipson & Smyth 2010"


def hotelling(rates: ArrayLike) -> tuple[float, float]:
    """Hotelling's T² for equal means of k paired rates, and its p value.

    Arguments:
        rates: [n, k] one row for each participant.

    Returns:
        T² and p; both nan if n < k or the contrasts' covariance is singular.

    Example:
        >>> t2, p = hotelling([[.5, .25], [.75, .25], [.5, .5], [1, .25]])
        >>> round(t2, 3), round(p, 3)  # for two options this is the paired t test, T² = t²
        (5.4, 0.103)
    """
    table = np.asarray(rates, float)
    n, k = table.shape
    if k < 2 or n < k:
        return np.nan, np.nan
    contrasts = np.diff(table, axis=1)
    covariance = np.atleast_2d(np.cov(contrasts, rowvar=False))
    if np.linalg.matrix_rank(covariance, hermitian=True) < k - 1:
        return np.nan, np.nan
    mean = contrasts.mean(axis=0)
    t2 = float(n * mean @ np.linalg.solve(covariance, mean))
    return t2, float(stats.f.sf(t2 * (n - k + 1) / ((n - 1) * (k - 1)), k - 1, n - k + 1))


def permutation(rates: ArrayLike, shuffles: int = 9_999, seed: int = 0) -> tuple[float, float]:
    """Variance of the option means, and its p value under shuffling within participants.

    Arguments:
        rates: [n, k] one row for each participant.
        shuffles: how many; p is at least 1 / (shuffles + 1).
        seed: of the shuffles.

    Returns:
        the variance and p; nan if there is nobody or a single option.

    Example:
        >>> _, p = permutation([[1, 0, 0]] * 8)
        >>> p < .01
        True
    """
    table = np.asarray(rates, float)
    n, k = table.shape
    if n == 0 or k < 2:
        return np.nan, np.nan
    observed = float(table.mean(axis=0).var())
    means = shuffled_within(table, shuffles, np.random.default_rng(seed)) / n
    # Sums of the same numbers in another order differ by rounding; a tie is a tie.
    as_large = int((means.var(axis=1) >= observed * (1 - 1e-9)).sum())
    return observed, (1 + as_large) / (1 + shuffles)


def estimate(
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    shuffles: int = 9_999,
    seed: int = 0,
) -> list[Estimate]:
    """Both tests for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the options.
        within: column of the groups, or None.
        level: recorded; tests have no interval.
        shuffles, seed: of the permutation test.

    Returns:
        for each group, quantity ``hotelling`` (value T²) and ``label_permutation`` (value: the
        variance of the option means).
    """
    found = []
    for segment, part in groups(data, within):
        table, left_out = complete(part, by)
        n, k = table.shape
        t2, p = hotelling(table)
        if k < 2:
            why = "fewer than two options" if len(part) else "no participants"
        elif n < k:
            why = f"{n} participants are too few for {k} options"
        else:
            why = "participants' differences do not vary enough" if np.isnan(p) else ""
        variance, p_shuffled = permutation(table, shuffles, seed)
        flat = variance == 0
        for quantity, value, probability, method, note in (
            ("hotelling", t2, p, "Hotelling's T² on contrasts of participant rates", why),
            (
                "label_permutation",
                variance,
                p_shuffled,
                f"options permuted within participants, {shuffles} shuffles",
                "all options have the same share" if flat else why if np.isnan(p_shuffled) else "",
            ),
        ):
            found.append(
                Estimate(
                    quantity,
                    "",
                    segment,
                    value,
                    np.nan,
                    np.nan,
                    level,
                    n,
                    rows(part),
                    method,
                    SOURCE,
                    p=probability,
                    note=join_notes(note, left_out),
                )
            )
    return found
