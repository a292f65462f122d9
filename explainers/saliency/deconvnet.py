"""Deconvnet: the prediction sent back through the network, only what is positive at every ReLU."""

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


@dataclass(frozen=True)
class Deconvnet:
    """Deconvnet: the target sent back, with a ReLU on the signal at every ReLU.

    Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks (2014); survey,
    Section 2.2.
    Formula: at a ReLU the signal ``c`` goes on as ``max(c, 0)``, whatever the ReLU's input was; at
    a maximum it goes to the place of the maximum; convolutions are transposed.

    Arguments:
        colours: ``sum`` keeps the sign; ``magnitude`` is the largest absolute value over the
            colours.

    Returns: [S, S]; at least 0 for ``magnitude``. Classes are explained by their logit. The checks
    hold the target's ``score`` and how many ``relus`` the rule served.
    Errors: Problems for a network without ReLU (it would be the plain gradient).

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> Deconvnet()(expression.load(), face, ClassScore("happy")).checks["relus"]
        16
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    colours: Colours = "sum"

    def __post_init__(self) -> None:
        checks = Checks(self, "deconvnet")
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
            return changed_backward(x, lambda c: c.clamp(min=0))

        return rectified(model, face, target, rule, self.colours, "deconvnet", progress)
