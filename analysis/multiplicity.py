"""p values of a family of tests, adjusted so that one false alarm stays as rare as promised."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjustment; controls the family-wise error under any dependence.

    Source: S. Holm 1979, Scandinavian Journal of Statistics 6:65.

    Formula: with p sorted, adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j)).

    Arguments:
        p: [m] p values; nan (a test that could not be made) stays nan and does not count in m.

    Returns:
        adjusted p values in the order given.

    Example:
        >>> holm([.01, .04, .03]).tolist()
        [0.03, 0.06, 0.06]
    """
    p = np.asarray(p, float)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Benjamini & Hochberg's step-up adjustment; controls the expected share of false findings.

    Source: Benjamini & Hochberg 1995, JRSS B 57:289. For independent or positively dependent tests.

    Formula: with p sorted, adjusted p_(i) = min over j >= i of min(1, m p_(j) / j).

    Arguments:
        p: [m] p values; nan (a test that could not be made) stays nan and does not count in m.

    Returns:
        adjusted p values in the order given.

    Example:
        >>> benjamini_hochberg([.01, .04, .03]).tolist()
        [0.03, 0.04, 0.04]
    """
    p = np.asarray(p, float)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")[::-1]]
    factors = len(order) / np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.minimum.accumulate(factors * p[order]), 1.0)
    return adjusted


ADJUSTMENTS: dict[str, Callable[[ArrayLike], NDArray[np.float64]]] = {
    "holm": holm,
    "benjamini_hochberg": benjamini_hochberg,
}
"""By the name that a study file gives under ``multiplicity``."""
TITLES = {"holm": "Holm", "benjamini_hochberg": "Benjamini–Hochberg"}
