"""Which of m is the one sought (m-alternative forced choice, match to sample): d'.

The picture sought comes from N(d', 1), the m - 1 others from N(0, 1); the largest is chosen:

    P(d') = ∫ φ(x - d') Φ(x)^(m-1) dx;  for m = 2: Φ(d'/√2)

Source: Green & Swets 1966; Hacker & Ratcliff 1979, Perception & Psychophysics 26:168.

Degenerate data: a share at or below chance gives d' = 0; all right gives nan, since d' has no upper
bound (the note gives its lower one); no answers give nan.
"""

from __future__ import annotations

from functools import partial

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
SOURCE = "Green & Swets 1966; Hacker & Ratcliff 1979, Perception & Psychophysics 26:168"
_X, _W = np.polynomial.legendre.leggauss(200)


def correct(d: float, m: int) -> float:
    """Share of right answers.

    Example:
        >>> round(correct(1.0, 2), 4), round(correct(0.0, 4), 4), round(correct(1.0, 3), 4)
        (0.7602, 0.25, 0.6337)
    """
    x = d + _X * 9
    return float(9 * (_W * norm.pdf(x - d) * norm.cdf(x) ** (m - 1)).sum())


def sensitivity(share: float, m: int = 2) -> float:
    """The d' that gives this share of right answers; 0 at or below chance, inf at 1.

    Example:
        >>> round(sensitivity(correct(1.5, 4), 4), 6)
        1.5
    """
    return _dprime.inverse(share, partial(correct, m=m), 1 / m)


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    m: int = 2,
) -> list[Estimate]:
    """d' for everybody and for each group.

    Arguments:
        data: ``value`` 1 right, 0 wrong, and perhaps ``participant``.
        by: column of what is tested separately, or None.
        within: column of the groups, or None.
        level: coverage.
        m: how many alternatives, 2 or more.

    Returns:
        ``mafc_dprime`` and ``guessing`` (value: share of right answers; p: `_dprime.guessing_p`).

    Errors:
        AnalysisError: m is no whole number from 2 up.
    """
    if not isinstance(m, int) or m < 2:
        fix = "give how many alternatives there were, such as --m=4"
        raise AnalysisError("statistic 'mafc_dprime'", f"m is {m}", fix)
    return _dprime.estimates(
        data,
        by,
        within,
        level,
        "mafc_dprime",
        f"{m}-alternative forced choice d'",
        SOURCE,
        partial(correct, m=m),
        1 / m,
    )
