"""How much the map moves when the picture moves so little that nobody sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.chip_face import face_of_chip
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._explained_again import explain, shuffled
from explainers.parameter_checks import Checks
from explainers.target import Target


@dataclass(frozen=True)
class MaxSensitivity:
    """Maximal sensitivity: how far the explanation moves under noise that nobody sees.

    Source: Yeh et al., On the (In)fidelity and Sensitivity of Explanations (2019), eq. 5.
    Formula: the largest of ``|H(x + e) - H(x)| / |H(x)|`` (Euclidean norms) over ``samples``
    pictures with ``e`` uniform in [-radius, radius], pixel by pixel; ``x + e`` is cut off at black
    and white. The baseline is the same distance to the map's own values at random pixels.

    Arguments:
        radius: of the noise, where 0 is black and 1 white.
        samples: noisy pictures; each is explained anew.
        seed: of the noise.

    Returns: 0 or more; 0 for a map of zeros that stays one, and infinity where it does not.
    Errors: Problems for parameters out of range, or an explainer of classes.

    Example:
        >>> MaxSensitivity(radius=0.01).needs
        ('explainer',)
    """

    better: ClassVar[Literal["higher", "lower"]] = "lower"
    needs: ClassVar[tuple[str, ...]] = ("explainer",)

    radius: float = 0.02
    samples: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "max_sensitivity")
        checks.number("radius", 0.0, 1.0)
        checks.whole("samples", least=1)
        checks.whole("seed", least=0)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face,
        target: Target,
        explanation: Explanation,
        explainer: Explainer,
    ) -> Score:
        """Explain noisy pictures and compare."""
        padding, size = model.chip_padding, model.input_size
        chip = torch.from_numpy(face.chip(size, padding))
        same = explain(model, face_of_chip(face, chip.numpy(), padding), target, explainer)
        generator = torch.Generator().manual_seed(self.seed)
        moved = []
        for _ in range(self.samples):
            noise = (2 * torch.rand(chip.shape, generator=generator) - 1) * self.radius
            noisy = face_of_chip(face, (chip + noise).numpy(), padding)
            moved.append(float((explain(model, noisy, target, explainer) - same).norm()))
        norm = float(same.norm())
        chance = float((shuffled(same, self.seed) - same).norm())
        if norm == 0:
            return Score(float("inf") if max(moved) > 0 else 0.0)
        return Score(
            max(moved) / norm,
            baseline=chance / norm,
            details={"mean": sum(moved) / len(moved) / norm},
        )
