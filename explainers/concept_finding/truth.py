"""The true words of a set of faces, in a form that units can be compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from explainers.concept_finding.attributes import known_truths
from explainers.concept_finding.vocabulary import Word
from explainers.face import Face
from explainers.faces.parts import find_parts, part_numbers
from explainers.problems import Problems

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is where in N faces, as a model sees them.

    Arguments:
        parts: the P words for parts that some face shows.
        numbers: of each of them in ``map``, [P].
        map: part of each pixel, uint8, [N, S, S]; 255 where nobody asked for parts.
        attributes: the A words for whole faces that two known faces have and two have not.
        truths: 1 true, 0 false, NaN not known, [A, N].
    """

    parts: tuple[Word, ...]
    numbers: Array
    map: Array
    attributes: tuple[Word, ...]
    truths: Array

    def mask(self, part: int) -> npt.NDArray[np.bool_]:
        """Where the part of that place in ``parts`` is, [N, S, S]."""
        return np.asarray(self.map == self.numbers[part])

    def known(self) -> npt.NDArray[np.bool_]:
        """The faces whose parts were asked for, [N]."""
        return np.asarray((self.map != UNKNOWN).any((1, 2)))


UNKNOWN = 255


def part_maps(faces: Mapping[str, Face], size: int, padding: float) -> Array:
    """The part of each pixel of each face's chip, uint8, [N, size, size].

    Faces without a part map get one drawn from their landmarks.
    """
    known = (f if f.parts is not None else replace(f, parts=find_parts(f)) for f in faces.values())
    return np.stack([np.asarray(face.chip_parts(size, padding)) for face in known])


def truth_of(
    faces: Mapping[str, Face], size: int, padding: float, words: Sequence[Word], file: str = ""
) -> Truth:
    """The truth of ``words`` in chips of ``faces``.

    Faces without a part map get one drawn from their landmarks, which knows neither hair, ears,
    neck nor clothes.

    Arguments:
        size, padding: of the chip, the model's ``input_size`` and ``chip_padding``.
        words: parts and attributes; those without truth here are left out.
        file: a CSV file of attributes, see `explainers.concept_finding.attributes`.

    Errors: Problems when the truth of no word is known.
    """
    told = known_truths(faces, file)
    if any(word.kind == "part" for word in words):
        map_ = part_maps(faces, size, padding)
    else:
        map_ = np.full((len(faces), size, size), UNKNOWN, np.uint8)
    numbers, shown = part_numbers(), set(np.unique(map_).tolist())
    parts = tuple(w for w in words if w.kind == "part" and numbers[w.name] in shown)
    named = [word for word in words if word.kind == "attribute"]
    rows = [[told[face].get(word.name, np.nan) for face in faces] for word in named]
    truths = np.array(rows, float).reshape(len(named), len(faces))
    useful = np.minimum((truths == 1).sum(1), (truths == 0).sum(1)) >= 2
    attributes = tuple(word for word, use in zip(named, useful, strict=True) if use)
    if not parts and not attributes:
        raise Problems.one(
            "words",
            "the truth of none of them is known for these faces",
            "ask for parts, too, or write attributes: a CSV file of face, word, value",
        )
    return Truth(
        parts, np.array([numbers[w.name] for w in parts], int), map_, attributes, truths[useful]
    )
