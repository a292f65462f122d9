"""Grad-CAM: the maps of a layer, weighed by how strongly the prediction follows each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.explanation import Explanation, Kind, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._maps import enlarge, watch
from explainers.target import SCALES, Scale, Target, on_scale


@dataclass(frozen=True)
class GradCam:
    """Grad-CAM: the maps of a layer, weighed by their mean gradients.

    Source: Selvaraju et al., Grad-CAM (2017); survey, eqs. 5 and 6.
    Formula: ``H = ReLU(sum_k a_k A^k)`` with ``a_k = 1/N sum_ij dy / dA^k_ij``, over the N
    positions of the map ``A^k``.

    Arguments:
        layer: whose maps are weighed; "" for the last map before the final pooling, which is what
            the paper uses.
        relu: keep what speaks for the target alone (eq. 5); otherwise what speaks against it shows
            as negative values.
        of: the scale on which a class is explained; the paper's is the logit.

    Returns: [S, S], bilinear between the positions of the map; at least 0 with ``relu``. The
    checks hold the target's ``score``, the map's ``side`` and the part of the map's sum of absolute
    values that the ReLU took away (``negative``).
    Errors: Problems for a network without maps, an unknown layer, one without a map or one that the
    target does not depend on.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import gender
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> GradCam()(gender.load(), face, ClassScore("female")).checks["side"]
        7
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    layer: str = ""
    relu: bool = True
    of: Scale = "logit"

    def __post_init__(self) -> None:
        checks = Checks(self, "grad_cam")
        checks.text("layer")
        checks.flag("relu")
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
        seen = watch(model, face, on_scale(target, self.of), self.layer, "grad_cam")
        weights = seen.gradient(seen.map, "grad_cam").mean((2, 3))[0]
        values = torch.einsum("k,khw->hw", weights, seen.map[0]).detach()
        total, negative = float(values.abs().sum()), float(-values.clamp(max=0).sum())
        checks = {
            "score": seen.value,
            "side": values.shape[0],
            "negative": negative / total if total > 0 else 0.0,
        }
        if self.relu:
            values = values.clamp(min=0)
        if progress is not None:
            progress(1, 1)
        kind: Kind = "unsigned" if self.relu else "signed"
        return Explanation(enlarge(values, model.input_size).cpu().numpy(), kind, checks)
