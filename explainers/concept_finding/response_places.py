"""Where filters answer most, over many faces: how scattered each one is, and how spread all are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SCATTER = (np.sqrt(2) + np.log(1 + np.sqrt(2))) / 6
"""Mean distance of a random point of a square of side 1 from its middle, .3826."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where K filters answer most in N faces.

    Arguments:
        peaks: place (x, y) of the largest answer in pixels, NaN where a filter does not answer,
            [K, N, 2].
        strengths: the size of that answer, 0 where there is none, [K, N].
        means: mean place of each filter, weighted by strength, [K, 2]; NaN if it never answers.
        deviations: mean distance of a filter's peaks from its mean place, weighted alike, in
            pixels, [K].
        focus: 1 if a filter always answers at one place, 0 if as scattered as random places
            are, [K].
        extents: mean distance of a filter's answer from its peak within a face, in pixels, [K].
    """

    peaks: Array
    strengths: Array
    means: Array
    deviations: Array
    focus: Array
    extents: Array


def places(maps: Array) -> Places:
    """The places where filters answer with positive values; give ``-maps`` for negative ones.

    Source: Yin et al., Towards Interpretable Face Recognition (2019), section 4 (average locations
    of peak responses, their standard deviations and spreadness).
    Formula: peak ``p_kn = argmax_p A_k(x_n)_p`` where that is positive, with strength ``s_kn``
    itself; ``m_k = sum_n s_kn p_kn / sum_n s_kn``; deviation ``e_k = sum_n s_kn |p_kn - m_k| /
    sum_n s_kn``; focus ``1 - e_k / (.3826 S)``; extent: the mean over faces of ``sum_p a_p |p -
    p_kn| / sum_p a_p`` with the positive answers ``a``.
    The paper carries peaks to one frontal face by its landmarks; here they are in aligned chips.

    Arguments:
        maps: [K, N, S, S].

    Example:
        >>> maps = np.zeros((1, 2, 10, 10))
        >>> maps[0, 0, 4, 2] = maps[0, 1, 4, 6] = 1.0
        >>> found = places(maps)
        >>> found.means.tolist(), found.deviations.tolist(), found.extents.tolist()
        ([[4.0, 4.0]], [2.0], [0.0])
    """
    filters, faces, size, _ = maps.shape
    peaks = np.full((filters, faces, 2), np.nan)
    strengths, extents = np.zeros((filters, faces)), np.full((filters, faces), np.nan)
    steps = np.arange(1 - size, size)
    away = np.hypot(steps[:, None], steps)  # of each pixel from a peak in the middle
    for k, n in np.ndindex(filters, faces):
        map_ = maps[k, n]
        row, column = np.unravel_index(int(map_.argmax()), map_.shape)
        if not map_[row, column] > 0:
            continue
        peaks[k, n], strengths[k, n] = (column, row), map_[row, column]
        answers = np.maximum(map_, 0)
        top, left = size - 1 - row, size - 1 - column
        far = away[top : top + size, left : left + size]
        extents[k, n] = np.vdot(answers, far) / answers.sum()
    answered = strengths.sum(1)
    weights = strengths / np.where(answered > 0, answered, np.nan)[:, None]
    means = np.where(np.isnan(peaks), 0, peaks * weights[..., None]).sum(1)
    means[~(answered > 0)] = np.nan
    off = np.linalg.norm(peaks - means[:, None], axis=2)
    deviations = np.where(np.isnan(off), 0, off * weights).sum(1)
    deviations[~(answered > 0)] = np.nan
    extent = np.full(filters, np.nan)
    extent[answered > 0] = np.nanmean(extents[answered > 0], axis=1)
    focus = 1 - deviations / (SCATTER * size)
    return Places(peaks, strengths, means, deviations, focus, extent)


def spread(means: Array) -> float:
    """Mean distance of filters' mean places from the middle of all of these, in pixels.

    Source: Yin et al. (2019), section 4 ("spreadness of average locations").
    Formula: ``mean_k |m_k - mean_j m_j|`` over the filters that answer; 0 if none does.

    Arguments:
        means: [K, 2].

    Example:
        >>> spread(np.array([[0.0, 0.0], [6.0, 8.0], [np.nan, np.nan]]))
        5.0
    """
    alive = means[~np.isnan(means).any(1)]
    return float(np.linalg.norm(alive - alive.mean(0), axis=1).mean()) if len(alive) else 0.0
