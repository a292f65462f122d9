"""Do groups of people prefer differently: permuting group labels, and MANOVA on contrasts.

Two tests of "the differences between options are the same in every group". A group that simply
ticks more of everything does not count: rates are taken relative to the participant's own mean.

- Permutation: group labels are shuffled over participants; the statistic is the between-group sum
  of squares of the centred rates, Σ_g n_g |r_g - r|²; p = (1 + as large) / (1 + shuffles).
- MANOVA: Pillai's trace V of the k - 1 contrasts, with p = k - 1, g groups, s = min(p, g - 1),
  a = (|p - g + 1| - 1)/2, b = (n - g - p - 1)/2, F = (2b+s+1)/(2a+s+1) · V/(s - V) on s(2a+s+1)
  and s(2b+s+1) degrees of freedom.

Source: Anderson & Robinson 2001, Aust. N. Z. J. Stat. 43:75; Pillai 1955, Ann. Math. Stat. 26:117.

Degenerate data: groups without participants are left out; fewer than two groups, two options or
too few participants give nan with a note.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.resampling import shuffled_between
from analysis.statistics._rates import COUNT, complete, join_notes, rows
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.RATING)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked; a rating",
}
OPTIONAL = COUNT
SOURCE = "Anderson & Robinson 2001, Aust. N. Z. J. Stat. 43:75; Pillai 1955"


def manova(rates: ArrayLike, group: ArrayLike) -> tuple[float, float]:
    """Pillai's trace for equal contrasts in all groups, and its p value.

    Arguments:
        rates: [n, k] one row for each participant.
        group: [n] the group of each.

    Returns:
        V and p; nan if groups, options or participants are too few or do not vary.
    """
    table = np.asarray(rates, float)
    names, codes = np.unique(np.asarray(group), return_inverse=True)
    n, p, g = len(table), table.shape[1] - 1, len(names)
    if p < 1 or g < 2 or n - g - p < 1:
        return np.nan, np.nan
    contrasts = np.diff(table, axis=1)
    centred = contrasts - contrasts.mean(axis=0)
    total = centred.T @ centred
    if np.linalg.matrix_rank(total, hermitian=True) < p:
        return np.nan, np.nan
    sums = np.zeros((g, p))
    np.add.at(sums, codes, centred)
    between = (sums / np.bincount(codes)[:, None]).T @ sums
    trace = float(np.trace(np.linalg.solve(total, between)))
    s = min(p, g - 1)
    if trace >= s * (1 - 1e-12):
        return trace, np.nan
    a, b = (abs(p - g + 1) - 1) / 2, (n - g - p - 1) / 2
    f = (2 * b + s + 1) / (2 * a + s + 1) * trace / (s - trace)
    return trace, float(stats.f.sf(f, s * (2 * a + s + 1), s * (2 * b + s + 1)))


def permutation(
    rates: ArrayLike, group: ArrayLike, shuffles: int = 9_999, seed: int = 0
) -> tuple[float, float]:
    """Between-group sum of squares of centred rates, and its p value under shuffled groups.

    Arguments:
        rates: [n, k] one row for each participant.
        group: [n] the group of each.
        shuffles: how many; p is at least 1 / (shuffles + 1).
        seed: of the shuffles.

    Returns:
        the sum of squares and p; nan if groups or options are too few.
    """
    table = np.asarray(rates, float)
    names, codes = np.unique(np.asarray(group), return_inverse=True)
    if table.shape[1] < 2 or len(names) < 2:
        return np.nan, np.nan
    centred = table - table.mean(axis=1, keepdims=True)
    centred -= centred.mean(axis=0)
    sizes = np.bincount(codes)

    def between(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        return (sums**2 / sizes[:, None]).sum(axis=(-2, -1))

    sums = np.stack([centred[codes == g].sum(axis=0) for g in range(len(sizes))])
    observed = float(between(sums))
    shuffled = shuffled_between(centred, codes, shuffles, np.random.default_rng(seed))
    as_large = int((between(shuffled) >= observed * (1 - 1e-9)).sum())
    return observed, (1 + as_large) / (1 + shuffles)


def estimate(
    data: pd.DataFrame,
    *,
    within: str,
    by: str = "option",
    level: float = 0.95,
    shuffles: int = 9_999,
    seed: int = 0,
) -> list[Estimate]:
    """Both tests of the interaction of options with groups.

    Arguments:
        data: ``participant``, ``by``, ``within``, ``value``.
        within: column of the groups, the same for all rows of a participant.
        by: column of the options.
        level: recorded; tests have no interval.
        shuffles, seed: of the permutation test.

    Returns:
        quantity ``interaction_permutation`` (value: sum of squares) and ``interaction_manova``
        (value: Pillai's trace).
    """
    table, left_out = complete(data.dropna(subset=[within]), by)
    group = data.drop_duplicates("participant").set_index("participant")[within]
    group = group.reindex(table.index).astype(str)
    n, (k, g) = len(table), (table.shape[1], group.nunique())
    why = ""
    if g < 2:
        why = "fewer than two groups have participants"
    elif k < 2:
        why = "fewer than two options"
    trace, p_manova = manova(table, group)
    squares, p_permutation = permutation(table, group, shuffles, seed)
    why_manova = why or ("too few or too uniform answers for MANOVA" if np.isnan(p_manova) else "")
    return [
        Estimate(
            "interaction_permutation",
            "",
            ALL,
            squares,
            np.nan,
            np.nan,
            level,
            n,
            rows(data),
            f"{within} permuted over participants, {shuffles} shuffles",
            SOURCE,
            p=p_permutation,
            note=join_notes(why, left_out),
        ),
        Estimate(
            "interaction_manova",
            "",
            ALL,
            trace,
            np.nan,
            np.nan,
            level,
            n,
            rows(data),
            f"MANOVA on contrasts by {within}, Pillai's trace",
            SOURCE,
            p=p_manova,
            note=join_notes(why_manova, left_out),
        ),
    ]
