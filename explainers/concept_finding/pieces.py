"""Pieces of many faces, and what a layer makes of each: what concepts are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from explainers.concept_finding.discovery import Patch
from explainers.concept_finding.drawing import cut_out, in_place
from explainers.concept_finding.layer_features import as_batch, pooled
from explainers.concept_finding.segments import Mask, covered, segments
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.parts import part_numbers

Array = npt.NDArray[Any]
Show = Literal["enlarged", "in_place"]
Region = Literal["picture", "head"]

NO_HEAD = ("background", "clothes")
SAME_PLACE = 0.5
"""Share of the smaller piece above which two pieces of one face show the same place."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces and their features.

    Arguments:
        places: face and mask of each piece, N of them.
        features: the mean activation of each channel, [N, C].
    """

    places: tuple[tuple[str, Mask], ...]
    features: Array

    @property
    def faces(self) -> tuple[str, ...]:
        """Which face each piece is of."""
        return tuple(face for face, _ in self.places)

    def patches(self, rows: Iterable[int], scores: Iterable[float], most: int) -> tuple[Patch, ...]:
        """At most ``most`` of the pieces, best first, each place of a face once.

        Arguments:
            rows: which pieces.
            scores: how good each of them is.
        """
        kept: list[Patch] = []
        for row, score in sorted(zip(rows, scores, strict=True), key=lambda pair: -pair[1]):
            face, mask = self.places[row]
            beside = (old.mask for old in kept if old.face == face)
            if len(kept) < most and all(covered(mask, old) <= SAME_PLACE for old in beside):
                kept.append(Patch(face, mask, float(score)))
        return tuple(kept)

    def rows(self, patches: Sequence[Patch]) -> list[int]:
        """Which pieces these patches are."""
        index = {(face, id(mask)): row for row, (face, mask) in enumerate(self.places)}
        return [index[patch.face, id(patch.mask)] for patch in patches]


def places_of(
    faces: Mapping[str, Face],
    chips: Mapping[str, Array],
    counts: Sequence[int],
    padding: float,
    region: Region,
) -> list[tuple[str, Mask]]:
    """Face and mask of every piece.

    Arguments:
        chips: each face as the model sees it.
        counts: about how many pieces at each resolution.
        padding: of the chips.
        region: the whole ``picture``, or without pieces that are mostly no part of the ``head``
            (background and clothes); where parts are not known it is the picture.
    """
    beside = [part_numbers()[name] for name in NO_HEAD]
    places = []
    for name, chip in chips.items():
        parts = faces[name].chip_parts(chip.shape[-1], padding) if region == "head" else None
        for mask in segments(chip, counts):
            if parts is None or np.isin(parts[mask], beside).mean() <= 0.5:
                places.append((name, mask))
    return places


def chips_of(model: FaceModel, faces: Mapping[str, Face]) -> dict[str, Array]:
    """Each face as the model sees it, [3, S, S]."""
    return {name: face.chip(model.input_size, model.chip_padding) for name, face in faces.items()}


def see(
    model: FaceModel,
    chips: Mapping[str, Array],
    places: Sequence[tuple[str, Mask]],
    layer: str,
    show: Show = "in_place",
    batch: int = 32,
    progress: Progress | None = None,
) -> Pieces:
    """What a layer makes of pieces of faces.

    Arguments:
        chips: each face as the model sees it.
        places: face and mask of each piece.
        show: left ``in_place``, or ``enlarged`` to fill the picture; gray around it in both.
    """
    size = model.input_size
    pictures = [
        cut_out(chips[face], mask, size) if show == "enlarged" else in_place(chips[face], mask)
        for face, mask in places
    ]
    return Pieces(tuple(places), pooled(model, as_batch(pictures), layer, batch, progress))


def part_name(patches: Sequence[Patch], faces: Mapping[str, Face], padding: float) -> str:
    """The facial part that most of the patches show; empty where there is no such part.

    Formula: the part with the largest mean over patches of ``|patch & part| / max(|patch|,
    |part|)`` if it is over 0.3: the part is much of the patch, and the patch much of the part.

    Arguments:
        padding: of the chips that the patches lie in.
    """
    numbers = part_numbers()
    found = dict.fromkeys(numbers, 0.0)
    for patch in patches:
        parts = faces[patch.face].chip_parts(patch.mask.shape[0], padding)
        if parts is None:
            continue
        for name, number in numbers.items():
            found[name] += covered_both(patch.mask, parts == number) / len(patches)
    best = max(found, key=lambda name: found[name])
    return best if found[best] > 0.3 else ""


def covered_both(one: Mask, other: Mask) -> float:
    """The share of the larger piece that lies in the other, from 0 to 1.

    Example:
        >>> covered_both(np.array([True, True, True]), np.array([False, False, True]))
        0.3333333333333333
    """
    return float((one & other).sum() / max(one.sum(), other.sum()))
