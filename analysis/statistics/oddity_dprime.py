"""Which one is different (intruder, triangle test): d' of the oddity task.

Of m pictures one comes from N(d', 1), the others from N(0, 1); the picture furthest from the mean
of the others is named. For three (triangle test):

    P(d') = 2 ∫_0^∞ [Φ(-z√3 + d'√(2/3)) + Φ(-z√3 - d'√(2/3))] φ(z) dz

For more: the odd one's distance from the mean of all, r, is N(d' (m-1)/m, (m-1)/m), independent of
how the m - 1 others lie about their own mean, e. It is named if all |e_j - r/(m-1)| < |r|:

    P(d') = ∫_0^∞ [n(t) + n(-t)] G(t) dt,  G(t) = P(-t (m-2)/(m-1) < e_j < t m/(m-1) for all j),

n the density of r. G follows from the characteristic function of a sum of m - 1 normal values cut
to that range, divided by the density of a sum of uncut ones, both at zero.

Source: Ennis 1993, J. Sensory Studies 8:353 (triangle); Craven 1992, Perception & Psychophysics
51:379 and Versfeld, Dai & Green 1996, Perception & Psychophysics 58:10 (oddity, m pictures);
Wilson 1927 and Korn & Graubard 1998 (interval of the share).

Degenerate data: a share at or below chance gives d' = 0; all right gives nan, since d' has no upper
bound (the note gives its lower one); no answers give nan.
"""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _dprime

ACCEPTS = _dprime.ACCEPTS
COLUMNS = _dprime.COLUMNS
OPTIONAL = _dprime.OPTIONAL
RANGE = _dprime.RANGE
SOURCE = "Ennis 1993, J. Sensory Studies 8:353; Craven 1992; Versfeld et al. 1996"
MOST = 12
"""Pictures up to which d' is computed."""
_Z, _W = np.polynomial.legendre.leggauss(200)
_FAR = 12.0  # distance beyond which no other picture lies further out
_WAVES = 80.0  # of the characteristic function, in units of half the range


def correct(d: float, m: int = 3) -> float:
    """Share of right answers when one of m pictures is odd.

    Example:
        >>> round(correct(0), 4), round(correct(1.0), 4), round(correct(2.0), 4)
        (0.3333, 0.418, 0.6048)
        >>> round(correct(0, 6), 4), round(correct(2.0, 6), 3)
        (0.1667, 0.572)
    """
    if m > 3:
        t, weight, inside = _others(m)
        middle, spread = d * (m - 1) / m, np.sqrt((m - 1) / m)
        density = norm.pdf(t, middle, spread) + norm.pdf(-t, middle, spread)
        return float((weight * density * inside).sum() + norm.sf(_FAR, middle, spread))
    z = (_Z + 1) * 4.5  # 0 .. 9: beyond, nothing is left
    shift = d * np.sqrt(2 / 3)
    inner = norm.cdf(-z * np.sqrt(3) + shift) + norm.cdf(-z * np.sqrt(3) - shift)
    return float(2 * 4.5 * (_W * inner * norm.pdf(z)).sum())


@lru_cache
def _others(m: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Nodes t, their weights, and G(t): it does not depend on d'."""
    n, t, weight = m - 1, (_Z + 1) * _FAR / 2, _W * _FAR / 2
    waves, share = (_Z + 1) * _WAVES / 2, _W * _WAVES / 2
    # The range is -(m-2)/(m-1) t .. m/(m-1) t: half as wide as t, its middle at t/(m-1).
    x = t[:, None] * (_Z + 1 / n)
    value = (_W * norm.pdf(x) * t[:, None]) @ np.exp(1j * np.outer(_Z, waves))
    turn = np.exp(1j * np.outer(np.full_like(t, 1 / n), waves))
    summed = ((value * turn) ** n).real @ share / np.pi / t
    return t, weight, np.clip(summed / norm.pdf(0, 0, np.sqrt(n)), 0.0, 1.0)


def sensitivity(share: float, m: int = 3) -> float:
    """The d' that gives this share of right answers; 0 at or below chance, inf at 1.

    Example:
        >>> round(sensitivity(correct(2.0, 6), 6), 6)
        2.0
    """
    return _dprime.inverse(share, partial(correct, m=m), 1 / m)


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    m: int = 3,
) -> list[Estimate]:
    """d' for everybody and for each group.

    Arguments:
        data: ``value`` 1 right, 0 wrong, and perhaps ``participant``.
        by: column of what is tested separately, or None.
        within: column of the groups, or None.
        level: coverage.
        m: how many pictures, 3 .. 12.

    Returns:
        ``oddity_dprime`` and ``guessing`` (value: share of right answers; p: `_dprime.guessing_p`).

    Errors:
        AnalysisError: m is not in 3 .. 12.
    """
    if not 3 <= m <= MOST:
        fix = "use --m=6 for one of six, or mafc_dprime where what is sought is known beforehand"
        raise AnalysisError(
            "statistic 'oddity_dprime'", f"is for 3 to {MOST} pictures, not {m}", fix
        )
    method = "oddity (triangle) d'" if m == 3 else f"oddity d', one of {m}"
    return _dprime.estimates(
        data, by, within, level, "oddity_dprime", method, SOURCE, partial(correct, m=m), 1 / m
    )
