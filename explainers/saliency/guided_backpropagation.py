"""Guided backpropagation: a gradient that drops whatever is negative at every ReLU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor

from explainers.backward_rules import changed_backward
from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._backward import COLOURS, Colours
from explainers.saliency._rectified import rectified
from explainers.target import Target

NAME = "guided_backpropagation"


@dataclass(frozen=True)
class GuidedBackpropagation:
    """Guided backpropagation: the gradient, with what is negative dropped at every ReLU.

    Source: Springenberg et al., Striving for Simplicity: The All Convolutional Net (2015); survey,
    Section 2.2.
    Formula: at a ReLU ``y = max(x, 0)`` the signal ``c`` goes on as ``max(c, 0) [x > 0]``. Leaky
    and parametric ReLUs count as well, with their slopes.

    Arguments:
        colours: ``sum`` keeps the sign; ``magnitude`` is the largest absolute value over the
            colours.

    Returns: [S, S]; at least 0 for ``magnitude``. Classes are explained by their logit. The checks
    hold the target's ``score`` and how many ``relus`` the rule served. Adebayo et al. (Sanity
    Checks, 2018) show that the maps hardly change when a network's last layers are randomised.
    Errors: Problems for a network without ReLU (it would be the plain gradient).

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> explanation = GuidedBackpropagation()(expression.load(), face, ClassScore("happy"))
        >>> explanation.checks["relus"]
        16
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    colours: Colours = "sum"

    def __post_init__(self) -> None:
        checks = Checks(self, NAME)
        checks.choice("colours", COLOURS)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """What arrives at each pixel, [S, S]."""

        def rule(function: Any, x: Tensor, z: Tensor) -> Tensor:
            return changed_backward(z, lambda c: c.clamp(min=0))

        return rectified(model, face, target, rule, self.colours, NAME, progress)
