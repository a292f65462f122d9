"""Grad-CAM++: Grad-CAM that also counts small areas, by weighing each position's gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._maps import enlarge, watch
from explainers.target import SCALES, Scale, Target, on_scale


@dataclass(frozen=True)
class GradCamPlusPlus:
    """Grad-CAM++: the positive gradients of a layer, each weighed by its share in the score.

    Source: Chattopadhyay et al., Grad-CAM++ (2018), eqs. 5, 11 and 19.
    Formula: ``H = ReLU(sum_k w_k A^k)``, ``w_k = sum_ij a^k_ij ReLU(dY / dA^k_ij)`` with
    ``a^k_ij = Y'' / (2 Y'' + sum_ab A^k_ab Y''')``, the derivatives with respect to ``A^k_ij``.
    With ``Y = exp(y)`` of a score ``y`` that is linear in the map they are powers of its gradient
    ``g``: ``Y' = Y g``, ``Y'' = Y g^2``, ``Y''' = Y g^3``. The factor ``Y`` of the whole map is
    left out: it changes no picture and could overflow.

    Arguments:
        layer: whose maps are weighed; "" for the last map before the final pooling.
        of: the scale on which a class is explained; the paper's is the logit.

    Returns: at least 0, [S, S], bilinear between the positions of the map. The checks hold the
    target's ``score`` and the map's ``side``.
    Errors: Problems for a network without maps, an unknown layer, one without a map or one that the
    target does not depend on.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import gender
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> GradCamPlusPlus()(gender.load(), face, ClassScore("female")).values.shape
        (112, 112)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "unsigned"

    layer: str = ""
    of: Scale = "logit"

    def __post_init__(self) -> None:
        checks = Checks(self, "grad_cam_plus_plus")
        checks.text("layer")
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
        """Where the layer's maps speak for the target, [S, S]."""
        method = "grad_cam_plus_plus"
        seen = watch(model, face, on_scale(target, self.of), self.layer, method)
        maps, gradient = seen.map[0].detach(), seen.gradient(seen.map, method)[0]
        weights = (shares(maps, gradient) * gradient.clamp(min=0)).sum((1, 2))
        values = torch.einsum("k,khw->hw", weights, maps).clamp(min=0)
        if progress is not None:
            progress(1, 1)
        checks = {"score": seen.value, "side": values.shape[0]}
        return Explanation(enlarge(values, model.input_size).cpu().numpy(), "unsigned", checks)


def shares(maps: Tensor, gradient: Tensor) -> Tensor:
    """The ``a^k_ij`` of the formula, [K, h, w]; 0 where the gradient is 0.

    Formula: ``g^2 / (2 g^2 + g^3 sum_ab A_ab) = 1 / (2 + g sum_ab A_ab)``.

    Example:
        >>> shares(torch.ones(1, 1, 2), torch.tensor([[[0.0, 1.0]]]))[0, 0].tolist()
        [0.0, 0.25]
    """
    below = 2 + gradient * maps.sum((1, 2), keepdim=True)
    usable = (gradient != 0) & (below != 0)
    return torch.where(usable, 1 / below.where(usable, torch.ones_like(below)), 0.0)
