"""Class activation mapping: the maps before a global mean, weighed as the last layer does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.saliency._maps import Calls, enlarge, watch
from explainers.target import SCALES, Scale, Target, on_scale


@dataclass(frozen=True)
class Cam:
    """CAM: the class' weights in the last linear layer weigh the maps that it reads the means of.

    Source: Zhou et al., Learning Deep Features for Discriminative Localization (2016); survey,
    eq. 5 without the ReLU.
    Formula: ``H = sum_k w_k A^k`` with ``w_k = d y / d v_k`` for the vector ``v_k = 1/N sum_ij
    A^k_ij`` that the last linear layer reads. For a logit ``w`` is the class' row of weights, and
    the mean of ``H`` plus the bias is the logit. For a target that is no linear function of the
    layer's output (a probability, a cosine of embeddings, the scores of the age network) ``w`` is
    that of its tangent at the picture.

    The network must take a global mean directly before its last linear layer. Whether it does is
    seen in the run: one of the maps has the mean that the layer reads. Of the shipped networks all
    do; so does ResNet, while VGG16 does not.

    Arguments:
        of: the scale on which a class is explained.

    Returns: signed, [S, S], bilinear between the positions of the map; positive speaks for the
    target. The checks hold the target's ``score``, the part of it that is the mean of the map
    (``mean``) and the map's ``side``.
    Errors: Problems for a network of another structure.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> Cam()(expression.load(), face, ClassScore("happy")).values.shape
        (112, 112)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    of: Scale = "logit"

    def __post_init__(self) -> None:
        checks = Checks(self, "cam")
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
        """Where the evidence for the target lies, [S, S]."""
        seen = watch(model, face, on_scale(target, self.of), "", "cam")
        map, vector = mean_read(model, seen.calls)
        weights = seen.gradient(vector, "cam").flatten()
        values = torch.einsum("k,khw->hw", weights, map[0]).detach()
        if progress is not None:
            progress(1, 1)
        checks = {
            "score": seen.value,
            "mean": float(values.mean()),
            "side": values.shape[0],
        }
        return Explanation(enlarge(values, model.input_size).cpu().numpy(), "signed", checks)


def mean_read(model: FaceModel, calls: Calls) -> tuple[Tensor, Tensor]:
    """The map whose mean the last linear layer read, [1, K, h, w], and what it read, [1, K].

    Errors: Problems for a network whose last linear layer reads anything else.
    """
    for vector in calls.linear[-1:]:
        for map in [*calls.pooled, *calls.maps][::-1]:
            if vector.numel() == map.shape[1] and _close(map.mean((2, 3)).flatten(), vector):
                return map, vector
    raise Problems.one(
        f"model {model.name}",
        "has no global mean directly before its last linear layer, and cam is defined for no other",
        "use grad_cam, which is the same map for such networks and serves all with convolutions",
    )


def _close(means: Tensor, vector: Tensor) -> bool:
    tolerance = 1e-4 * float(means.detach().abs().max())
    return bool(torch.allclose(means, vector.flatten(), rtol=1e-3, atol=tolerance))
