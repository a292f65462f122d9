"""Pieces of a face at several resolutions: what ACE looks for concepts in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from skimage.segmentation import slic

Mask = npt.NDArray[np.bool_]

COMPACTNESS = 20.0
SIGMA = 1.0
SMALLEST = 0.002
"""Share of the picture below which a piece shows nothing."""
OVERLAP = 0.5
"""Jaccard overlap above which a piece is one that was there already."""


def segments(chip: npt.NDArray[Any], counts: Sequence[int] = (8, 20, 45)) -> list[Mask]:
    """Superpixels of a picture at each resolution, coarse ones first, without duplicates.

    Source: Ghorbani et al., Towards Automatic Concept-based Explanations (2019), Section 3 (SLIC at
    15, 50 and 80 pieces of whole scenes; a face has fewer). Achanta et al., SLIC (2012).
    Formula: a piece is left out if it overlaps one that was kept by more than half, with
    ``|a & b| / |a | b|`` as the overlap.

    Arguments:
        chip: RGB in [0, 1], [3, S, S].
        counts: about how many pieces at each resolution.

    Returns: bool [S, S] for each piece.

    Example:
        >>> halves = np.zeros((3, 32, 32))
        >>> halves[:, :, 16:] = 1
        >>> len(segments(halves, counts=(4, 4)))
        4
    """
    kept: list[Mask] = []
    for count in counts:
        labels = slic(
            chip.transpose(1, 2, 0),
            n_segments=count,
            compactness=COMPACTNESS,
            sigma=SIGMA,
            start_label=0,
        )
        for label in np.unique(labels):
            mask = labels == label
            if mask.mean() >= SMALLEST and all(jaccard(mask, old) <= OVERLAP for old in kept):
                kept.append(mask)
    return kept


def jaccard(one: Mask, other: Mask) -> float:
    """How much two pieces overlap, from 0 to 1.

    Example:
        >>> jaccard(np.array([True, True, False]), np.array([False, True, True]))
        0.3333333333333333
    """
    return float((one & other).sum() / (one | other).sum())


def covered(one: Mask, other: Mask) -> float:
    """The share of the smaller piece that lies in the other, from 0 to 1.

    Example:
        >>> covered(np.array([True, True, True]), np.array([False, False, True]))
        1.0
    """
    return float((one & other).sum() / min(one.sum(), other.sum()))
