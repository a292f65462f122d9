"""Seamless blending: a region of one picture set into another without an edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

Array = npt.NDArray[Any]


def blend(source: Array, destination: Array, mask: Array) -> Array:
    """``destination`` with the region ``mask`` taken from ``source``, without a visible seam.

    Source: Pérez, Gangnet & Blake, Poisson Image Editing (2003), eqs. 7-8 (seamless cloning).
    Formula: inside the mask the gradients are those of the source, at its border the colours are
    those of the destination: for each pixel p of the mask with its neighbours q inside the picture
    ``sum_q (f_p - f_q) = sum_q (s_p - s_q)``, with ``f_q = d_q`` for q outside the mask. One sparse
    factorization serves the three colours. At the picture's own border there is no neighbour and
    so no condition.

    Arguments:
        source, destination: [C, H, W].
        mask: bool, [H, W]; what is taken from the source.

    Returns: [C, H, W], float32; outside the mask exactly the destination, inside it perhaps beyond
    the range of both pictures.
    Errors: ValueError for shapes that differ, or a mask without a pixel outside it.

    Example:
        >>> ramp = np.linspace(0, 1, 5) * np.ones((1, 5, 1))
        >>> mask = np.zeros((5, 5), bool)
        >>> mask[1:4, 1:4] = True
        >>> bool(np.allclose(blend(ramp * 0 + 0.7, ramp, mask), ramp))
        True
    """
    if source.shape != destination.shape or mask.shape != destination.shape[1:]:
        raise ValueError(
            f"pictures and mask differ in shape: {list(source.shape)}, {list(destination.shape)}, "
            f"{list(mask.shape)}"
        )
    mask = mask.astype(bool)
    if mask.all():
        raise ValueError("the mask covers the whole picture, so there is no border to blend into")
    blended = destination.astype(np.float32).copy()
    if mask.any():
        matrix, right = _equations(source, destination, mask)
        # The matrix is symmetric, which this ordering of the pixels makes use of.
        solution = splu(matrix, permc_spec="MMD_AT_PLUS_A").solve(right)
        blended[:, mask] = solution.T
    return blended


def _equations(source: Array, destination: Array, mask: Array) -> tuple[sparse.csc_matrix, Array]:
    """The linear system of the mask's pixels: matrix [P, P] and right side [P, C]."""
    height, width = mask.shape
    number = np.full(mask.shape, -1)
    number[mask] = np.arange(mask.sum())
    rows, columns = np.nonzero(mask)
    count = len(rows)
    diagonal = np.zeros(count)
    right = np.zeros((count, len(source)))
    pairs = []
    for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        below, beside = rows + down, columns + across
        there = (below >= 0) & (below < height) & (beside >= 0) & (beside < width)
        p, below, beside = np.flatnonzero(there), below[there], beside[there]
        diagonal[p] += 1
        right[p] += (source[:, rows[p], columns[p]] - source[:, below, beside]).T
        fixed = ~mask[below, beside]
        right[p[fixed]] += destination[:, below[fixed], beside[fixed]].T
        pairs.append((p[~fixed], number[below[~fixed], beside[~fixed]]))
    here, neighbour = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    off = sparse.csc_matrix((-np.ones(len(here)), (here, neighbour)), shape=(count, count))
    return sparse.csc_matrix(sparse.diags(diagonal) + off), right
