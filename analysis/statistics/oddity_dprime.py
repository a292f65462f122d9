"""Which one is different (intruder, triangle test): d' of the oddity task.

Of three pictures one comes from N(d', 1), the others from N(0, 1); the picture furthest from the
mean of the others is named (triangle test):

    P(d') = 2 ∫_0^∞ [Φ(-z√3 + d'√(2/3)) + Φ(-z√3 - d'√(2/3))] φ(z) dz

Source: Ennis 1993, J. Sensory Studies 8:353; Versfeld, Dai & Green 1996, Perception &
Psychophysics 58:10 (oddity); Wilson 1927 and Korn & Graubard 1998 (interval of the share).

Degenerate data: a share at or below chance gives d' = 0; all right gives nan, since d' has no upper
bound (the note gives its lower one); no answers give nan.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _dprime

ACCEPTS = _dprime.ACCEPTS
COLUMNS = _dprime.COLUMNS
OPTIONAL = _dprime.OPTIONAL
RANGE = _dprime.RANGE
SOURCE = "Ennis 1993, J. Sensory Studies 8:353; Versfeld et al. 1996"
_Z, _W = np.polynomial.legendre.leggauss(200)


def correct(d: float) -> float:
    """Share of right answers of the triangle test (m = 3).

    Example:
        >>> round(correct(0), 4), round(correct(1.0), 4), round(correct(2.0), 4)
        (0.3333, 0.418, 0.6048)
    """
    z = (_Z + 1) * 4.5  # 0 .. 9: beyond, nothing is left
    shift = d * np.sqrt(2 / 3)
    inner = norm.cdf(-z * np.sqrt(3) + shift) + norm.cdf(-z * np.sqrt(3) - shift)
    return float(2 * 4.5 * (_W * inner * norm.pdf(z)).sum())


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
        m: how many pictures; 3.

    Returns:
        ``oddity_dprime`` and ``guessing`` (value: share of right answers; p: exact, greater).

    Errors:
        AnalysisError: m is not 3.
    """
    if m != 3:
        fix = "use --m=3, or mafc_dprime where the picture sought is known beforehand"
        raise AnalysisError("statistic 'oddity_dprime'", f"knows three pictures, not {m}", fix)
    return _dprime.estimates(
        data, by, within, level, "oddity_dprime", "oddity (triangle) d'", SOURCE, correct, 1 / 3
    )
