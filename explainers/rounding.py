"""What rounding alone may make of equal scores.

A network that ignores a change gives the same score again up to the last digits, which depend on
the pictures beside it in a batch. A map of nothing else would be drawn in full colour, because
colours are scaled to a map's own largest value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SHARE = 8 * float(np.finfo(np.float32).eps)
"""Some last digits of a number, as a share of it."""


def rounding(score: Any) -> Any:
    """How far apart equal scores may be, in the unit of the score.

    Formula: ``8 eps |score|`` with the relative rounding ``eps = 2^-23`` of float32.

    Arguments:
        score: a number, or an array or tensor of them; what comes back is of the same kind.

    Example:
        >>> rounding(0.5) < 1e-6 < rounding(5.0)
        True
    """
    return SHARE * abs(score)
