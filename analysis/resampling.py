"""Participants drawn again or shuffled, never clicks; the cost hardly grows with their number.

Participants with the same profile of values are interchangeable. Instead of drawing n participants,
one count is drawn for each distinct profile, from the very distribution that the counts then have.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def bootstrap_means(rates: ArrayLike, resamples: int = 10_000, seed: int = 0) -> Floats:
    """Means over participants in bootstrap resamples of the participants.

    Source: Davison & Hinkley 1997, Bootstrap Methods, section 3.8 (cluster bootstrap).

    Drawing n participants with replacement is drawing one multinomial count for each profile.

    Arguments:
        rates: [n, k] one row for each participant (no nan).
        resamples: how many resamples R.
        seed: of the random generator.

    Returns:
        [R, k] means; [R, k] of nan when n = 0.

    Example:
        >>> means = bootstrap_means([[0.0, 1.0], [1.0, 1.0]], resamples=1000, seed=1)
        >>> means.shape, float(means[:, 1].min()), 0.45 < float(means[:, 0].mean()) < 0.55
        ((1000, 2), 1.0, True)
    """
    rates = np.asarray(rates, float)
    if len(rates) == 0:
        return np.full((resamples, rates.shape[1]), np.nan)
    profiles, counts = np.unique(rates, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(rates), counts / len(rates), size=resamples)
    return (drawn @ profiles) / len(rates)


def percentile(means: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Percentile interval of bootstrap means.

    Too narrow for small or unanimous segments (measured in docs/explanation/statistics.md); the
    defaults of the report use `analysis.intervals.logit_t` instead.

    Arguments:
        means: [R, k] from `bootstrap_means`.
        level: coverage asked for.

    Returns:
        lower and upper ends, each [k].
    """
    tail = (1 - level) / 2
    low, high = np.quantile(np.asarray(means, float), [tail, 1 - tail], axis=0)
    return low, high


_FEW = 5  # values up to which all orders are listed
_CHUNK = 4_000_000  # numbers held at a time
_WORTH = 4  # participants for each profile, from which on counting them is faster


def shuffled_within(
    table: ArrayLike, shuffles: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Column sums after shuffling each row's values over the columns.

    A row's order does not matter, so rows with the same values are one profile: the numbers of its
    members that take each of the k! orders are multinomial with equal chances.

    Arguments:
        table: [n, k] one row for each participant.
        shuffles: how many R.

    Returns:
        [R, k].

    Example:
        >>> shuffled_within([[1, 0], [1, 0]], 4, np.random.default_rng(0)).sum(axis=1).tolist()
        [2.0, 2.0, 2.0, 2.0]
    """
    table = np.asarray(table, float)
    k = table.shape[1]
    sums = np.zeros((shuffles, k))
    if k > _FEW:
        step = max(1, _CHUNK // max(table.size, 1))
        for start in range(0, shuffles, step):
            size = min(step, shuffles - start)
            shape = (size, *table.shape)
            sums[start : start + size] = rng.permuted(np.broadcast_to(table, shape), axis=2).sum(1)
        return sums
    profiles, counts = np.unique(np.sort(table, axis=1), axis=0, return_counts=True)
    orders = np.array(list(permutations(range(k))))
    for profile, count in zip(profiles, counts, strict=True):
        if profile[0] == profile[-1]:
            sums += count * profile
            continue
        drawn = rng.multinomial(count, np.full(len(orders), 1 / len(orders)), size=shuffles)
        sums += drawn @ profile[orders]
    return sums


def shuffled_between(
    table: ArrayLike, codes: ArrayLike, shuffles: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Column sums of each group after shuffling group labels over the rows.

    With many participants the members of each profile that fall into a group are drawn instead:
    hypergeometric counts of what is left.

    Arguments:
        table: [n, k] one row for each participant.
        codes: [n] group numbers 0 .. g - 1.
        shuffles: how many R.

    Returns:
        [R, g, k].

    Example:
        >>> sums = shuffled_between([[1.0], [2.0], [3.0]], [0, 0, 1], 5, np.random.default_rng(0))
        >>> sums.shape, sums.sum(axis=1).ravel().tolist()
        ((5, 2, 1), [6.0, 6.0, 6.0, 6.0, 6.0])
    """
    table, codes = np.asarray(table, float), np.asarray(codes)
    sizes = np.bincount(codes)
    profiles, counts = np.unique(table, axis=0, return_counts=True)
    sums = np.zeros((shuffles, len(sizes), table.shape[1]))
    if len(table) < _WORTH * len(profiles):
        step = max(1, _CHUNK // max(len(table), 1))
        for start in range(0, shuffles, step):
            some = slice(start, min(start + step, shuffles))
            shape = (some.stop - start, len(codes))
            labels = rng.permuted(np.broadcast_to(codes, shape), axis=1)
            for g in range(len(sizes)):
                sums[some, g] = (labels == g) @ table
        return sums
    left = np.broadcast_to(counts, (shuffles, len(counts))).copy()
    for g, size in enumerate(sizes):
        wanted = np.full(shuffles, size)
        beyond = left.sum(axis=1)
        for number in range(len(counts)):
            here = left[:, number]
            beyond = beyond - here
            drawn = rng.hypergeometric(here, beyond, wanted)
            sums[:, g] += drawn[:, None] * profiles[number]
            left[:, number] = here - drawn
            wanted = wanted - drawn
    return sums
