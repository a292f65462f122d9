"""How alike two maps are, whatever their units."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.stats import rankdata

from explainers.face import Array


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's rank correlation of two maps' pixels, ties at their mean rank.

    A constant map has no order: its correlation with any other is 0.

    Arguments:
        a, b: of the same shape.

    Returns: in [-1, 1].

    Example:
        >>> round(rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([0.0, 0.1, 5.0])), 6)
        1.0
    """
    x, y = (rankdata(values) for values in (a, b))
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / size if size > 0 else 0.0


def structural_similarity(a: Array, b: Array, window: int = 7) -> float:
    """SSIM of two maps, each divided by its own largest absolute value.

    Source: Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity
    (2004), eq. 13, with flat windows; on maps scaled to [-1, 1], so the range L is 2, as Adebayo
    et al. (2018) do.
    Formula: the mean over windows of ``(2 m_a m_b + c1) (2 s_ab + c2) / ((m_a^2 + m_b^2 + c1)
    (s_a^2 + s_b^2 + c2))`` with ``c1 = (0.01 L)^2`` and ``c2 = (0.03 L)^2``; means, variances and
    covariance are those of a window, which lies in the map as a whole.

    Arguments:
        a, b: [H, W].
        window: side of a window in pixels; at most that of the map.

    Returns: in [-1, 1], 1 for the same map.

    Example:
        >>> map = np.random.default_rng(0).normal(size=(20, 20))
        >>> round(structural_similarity(map, 3 * map), 9)
        1.0
    """
    x, y = (values / (np.abs(values).max() or 1.0) for values in (a.astype(float), b.astype(float)))
    window = min(window, *x.shape)
    before = (window - 1) // 2
    whole = tuple(slice(before, before + side - window + 1) for side in x.shape)

    def mean(values: Array) -> Array:
        # scipy's windows of even side reach one pixel farther to the front.
        origin = 0 if window % 2 else -1
        return np.asarray(uniform_filter(values, window, origin=origin)[whole])

    mx, my = mean(x), mean(y)
    variances = mean(x * x) - mx**2 + mean(y * y) - my**2
    covariance = mean(x * y) - mx * my
    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    above = (2 * mx * my + c1) * (2 * covariance + c2)
    return float((above / ((mx**2 + my**2 + c1) * (variances + c2))).mean())


def unrelated(values: Array, draws: int, rng: np.random.Generator) -> list[Array]:
    """The same map elsewhere: moved around at random, over the border to the other side.

    What two maps of this smoothness have in common by chance is seen by comparing it with these.
    """
    moved = []
    for _ in range(draws):
        quarter = [side // 4 for side in values.shape]
        shift = [int(rng.integers(q, values.shape[k] - q + 1)) for k, q in enumerate(quarter)]
        moved.append(np.roll(values, shift, (0, 1)))
    return moved
