"""The gradient: how much the prediction follows a small change of each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._backward import COLOURS, Colours, backward, one_value, picture
from explainers.target import SCALES, Scale, Target, on_scale


@dataclass(frozen=True)
class Gradient:
    """The gradient of the target with respect to the picture.

    Source: Simonyan, Vedaldi & Zisserman, Deep Inside Convolutional Networks (2014); survey,
    Section 2.3.
    Formula: ``H = sum_c df / dx_c`` over the colours ``c``, or ``max_c |df / dx_c|``.

    Arguments:
        colours: ``sum`` keeps the sign (positive: a brighter pixel speaks for the target);
            ``magnitude`` is the largest absolute value over the colours, as in the paper.
        of: the scale on which a class is explained; the paper's is the logit.

    Returns: [S, S]; at least 0 for ``magnitude``. The checks hold the target's ``score`` and the
    ``norm`` of the gradient.
    Errors: Problems for parameters out of range and networks that let no gradient through.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> Gradient()(expression.load(), face, ClassScore("happy")).values.shape
        (112, 112)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    colours: Colours = "sum"
    of: Scale = "logit"

    def __post_init__(self) -> None:
        checks = Checks(self, "gradient")
        checks.choice("colours", COLOURS)
        checks.choice("of", SCALES)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """What a small change of each pixel changes, [S, S]."""
        x = picture(model, face, "gradient")
        scores, gradient = backward(model, on_scale(target, self.of), x, "gradient")
        if progress is not None:
            progress(1, 1)
        checks = {"score": float(scores[0]), "norm": float(gradient.norm())}
        values = one_value(gradient[0], self.colours).cpu().numpy()
        return Explanation(values, "signed" if self.colours == "sum" else "unsigned", checks)
