"""Maps of the canonical face, carried back to the face that they explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.canonical_face import canonicalization
from explainers.target import Target


def on_own_face(explanation: Explanation, face: Face, padding: float) -> Explanation:
    """A map in the pixels of the explained face's chip, wherever it was made.

    Example:
        >>> import numpy as np
        >>> from explainers.faces.face_bank import load_faces
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> flat = Explanation(np.ones((8, 8)), "signed", over="canonical")
        >>> on_own_face(flat, face, 0.25).over
        'face'
    """
    if explanation.over == "face":
        return explanation
    values = canonicalization(face).on_face(explanation.values, padding)
    return replace(explanation, values=values, over="face")


@dataclass(frozen=True)
class OnOwnFace:
    """An explainer whose maps lie on the explained face, for measures that explain again."""

    explainer: Any

    @property
    def per(self) -> str:
        """What an explanation depends on beside model and target."""
        return str(self.explainer.per)

    @property
    def kind(self) -> Any:
        """The kind of its explanations."""
        return self.explainer.kind

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The explainer's map, on the face."""
        made = self.explainer(model, face, target, progress=progress)
        return made if face is None else on_own_face(made, face, model.chip_padding)
