"""How much more a probe is like its mate than like a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.target import embeddings


@dataclass(frozen=True, eq=False)
class Triplet:
    """How much more a probe is like its mate than like a stranger.

    Source: Williford, May & Byrne, Explainable Face Recognition (2020); survey, Section 2.2.
    Formula: ``cos(f(x), f(mate)) - cos(f(x), f(non-mate))``; the explained face ``x`` is the probe.

    Arguments:
        mate: another picture of the probe's person.
        non_mate: somebody else.

    Returns: in [-2, 2]; positive where the network is right.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> model, (a, b) = recognition.load(), load_faces("rendered", None, ["f01", "f02"])
        >>> float(Triplet(mate=a, non_mate=b)(model, model.prepare([a]))) > 0
        True
    """

    words: ClassVar[str] = "likeness to {mate} rather than {non_mate}"

    mate: Face
    non_mate: Face

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The difference of cosines for each picture, [N, 3, S, S] → [N]."""
        with torch.no_grad():
            mate, stranger = embeddings(model, model.prepare([self.mate, self.non_mate]))
        return embeddings(model, x) @ (mate - stranger)
