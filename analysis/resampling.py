"""Cluster bootstrap: participants are drawn again, never clicks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def bootstrap_means(rates: ArrayLike, resamples: int = 10_000, seed: int = 0) -> Floats:
    """Means over participants in bootstrap resamples of the participants.

    Source: Davison & Hinkley 1997, Bootstrap Methods, section 3.8 (cluster bootstrap).

    Participants with the same profile of rates are interchangeable: drawing n participants with
    replacement is drawing one multinomial count for each distinct profile. The distribution is the
    same, exactly; the cost depends on the number of profiles and no longer on n.

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
