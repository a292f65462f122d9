"""The places of faces where a unit answers most, as patches that people can look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import label

from explainers.concept_finding.discovery import FoundConcept, Patch

Array = npt.NDArray[Any]

REACH = 1 / 12
"""Radius of the disc around a peak that a patch always shows, as a share of the picture's side."""


def strongest_patches(
    maps: Array, faces: Sequence[str], threshold: float, most: int
) -> tuple[Patch, ...]:
    """The faces with the highest peaks above ``threshold``, one patch each, best first.

    A patch is the connected region above the threshold around the face's peak, and a disc of a
    twelfth of the picture around it, since nobody can tell what some single pixels show.

    Arguments:
        maps: what one unit answers at each pixel, [N, S, S].
        faces: the N faces.
        threshold: above which the unit answers.
        most: patches that are kept.

    Example:
        >>> maps = np.zeros((2, 24, 24))
        >>> maps[1, 10:20, 5] = 1.0
        >>> [(patch.face, patch.box) for patch in strongest_patches(maps, ["a", "b"], 0.5, 8)]
        [('b', (3, 8, 5, 12))]
    """
    peaks = maps.reshape(len(maps), -1).max(1)
    order = np.argsort(-peaks, kind="stable")
    return tuple(
        Patch(faces[index], _region(maps[index], threshold), float(peaks[index]))
        for index in order[:most]
        if peaks[index] > threshold
    )


def typical_patches(
    maps: Array, scores: Array, faces: Sequence[str], most: int, share: float = 0.08
) -> tuple[Patch, ...]:
    """The faces with the highest scores above 0, and what speaks for it in each, best first.

    A patch is the connected region around the face's peak within its strongest ``share`` of pixels.

    Arguments:
        maps: what speaks for the word at each pixel, [N, S, S].
        scores: of each face as a whole, [N].
        most: patches that are kept.
    """
    order = np.argsort(-scores, kind="stable")
    return tuple(
        Patch(
            faces[index],
            _region(maps[index], float(np.quantile(maps[index], 1 - share))),
            float(scores[index]),
        )
        for index in order[:most]
        if scores[index] > 0
    )


def random_control(
    concept: FoundConcept, faces: Sequence[str], rng: np.random.Generator
) -> FoundConcept:
    """As many patches of the same shapes, at random places of random faces: no concept.

    Every face is drawn at most once where there are enough of them.
    """
    patches = concept.patches
    drawn = rng.choice(len(faces), len(patches), replace=len(faces) < len(patches))
    moved = []
    for index, patch in zip(drawn, patches, strict=True):
        x, y, width, height = patch.box
        size = patch.mask.shape[0]
        top, left = rng.integers(size - height + 1), rng.integers(size - width + 1)
        mask = np.zeros_like(patch.mask)
        shape = patch.mask[y : y + height, x : x + width]
        mask[top : top + height, left : left + width] = shape
        moved.append(Patch(faces[index], mask, 0.0))
    return FoundConcept(concept.layer, concept.target, tuple(moved), random=True)


def _region(map_: Array, threshold: float) -> npt.NDArray[np.bool_]:
    peak = np.unravel_index(int(map_.argmax()), map_.shape)
    inside = map_ > threshold
    inside[peak] = True  # on a plateau nothing may be above its own quantile
    regions, _ = label(inside)
    size = map_.shape[0]
    y, x = np.ogrid[:size, :size]
    disc = (y - peak[0]) ** 2 + (x - peak[1]) ** 2 <= (REACH * size) ** 2
    return np.asarray((regions == regions[peak]) | disc)
