"""What a finder of concepts gives back, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of one face, in the pixels of the picture that the model sees.

    Arguments:
        face: the face's id.
        mask: bool [S, S]; which pixels belong to it.
        score: how well it belongs to the concept; higher is better.
    """

    face: str
    mask: NDArray[np.bool_]
    score: float

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x, y, width, height of the smallest box around the mask."""
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        y, x = int(rows[0]), int(columns[0])
        return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1


@dataclass(frozen=True, eq=False)
class FoundConcept:
    """Patches that belong together, best first.

    Arguments:
        layer: where in the network they are alike.
        target: the class whose faces it was found in; empty where there is none.
        patches: best first.
        name: a word of the vocabulary that fits, else empty.
        random: the control: patches drawn at random from the same class.
        scores: what was measured, such as ``importance``, ``p``, ``iou``.
    """

    layer: str
    target: str
    patches: tuple[Patch, ...]
    name: str = ""
    random: bool = False
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Discovery:
    """Everything that a finder found.

    Arguments:
        concepts: the concepts, and the random controls where the finder has them.
        table: what was measured, one row each (a unit and a part, a filter, a concept), for a
            CSV file and a figure; all rows have the same keys.
        checks: self-checks, such as how many patches were left out and why. A ``note`` is a
            sentence that whoever reads the table must know; people are told it.
    """

    concepts: tuple[FoundConcept, ...]
    table: tuple[Mapping[str, Any], ...] = ()
    checks: Mapping[str, Any] = field(default_factory=dict)
