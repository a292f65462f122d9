"""How alike two faces are to a recognition network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.target import embeddings


@dataclass(frozen=True, eq=False)
class Similarity:
    """How alike two faces are to a recognition network: the cosine of their embeddings.

    Formula: ``f(x) . f(y) / (|f(x)| |f(y)|)`` with the other face ``y``.

    Arguments:
        other: the face that the explained one is compared with.

    Returns: in [-1, 1], 1 for the same direction.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> model, (face,) = recognition.load(), load_faces("rendered", None, ["f01"])
        >>> round(float(Similarity(face)(model, model.prepare([face]))), 4)
        1.0
    """

    words: ClassVar[str] = "likeness to {other}"

    other: Face

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The cosine for each picture, [N, 3, S, S] → [N]."""
        with torch.no_grad():
            other = embeddings(model, model.prepare([self.other]))
        return (embeddings(model, x) * other).sum(1)
