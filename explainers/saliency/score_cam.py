"""Score-CAM: the maps of a layer, weighed by the score of the picture seen through each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.occluding.fill import behind
from explainers.parameter_checks import Checks
from explainers.saliency._fill import check_fill
from explainers.saliency._maps import enlarge, watch
from explainers.target import SCALES, Scale, Target, on_scale


@dataclass(frozen=True)
class ScoreCam:
    """Score-CAM: the maps of a layer, weighed by what the picture scores behind each as a mask.

    Source: Wang et al., Score-CAM (2020), Algorithm 1.
    Formula: ``H = ReLU(sum_k a_k A^k)`` with ``a = softmax(y(x_1) - y(b), ..., y(x_K) - y(b))``,
    ``x_k = x M^k + b (1 - M^k)`` and the mask ``M^k``: the map ``A^k`` enlarged to the picture and
    scaled to [0, 1]. ``b`` is the picture with everything hidden. A map that is the same
    everywhere makes no mask and counts as 0. No gradient is used.

    Arguments:
        layer: whose maps are the masks; "" for the last map before the final pooling.
        samples: at most so many maps, the strongest (largest mean of ``|A^k|``), go through the
            network; 0 for all.
        fill: what a mask hides the picture behind: its ``mean`` colour, one gray (``value``), or
            the picture out of focus (``blur``). The paper multiplies the standardised picture,
            whose 0 is the mean colour of its data.
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained.
        batch: how many masked pictures go through the network at once.

    Returns: at least 0, [S, S], bilinear between the positions of the map. The checks hold the
    target's ``score``, that with everything hidden (``hidden``), the largest rise of a masked
    picture over it (``largest_rise``), the number of ``masks``, how many of them weigh in
    (``effective_masks``, ``exp(-sum a log a)``) and the map's ``side``. Where nearly all masks
    weigh in alike, as for a cosine, whose rises are small, the map is little more than the mean of
    the layer's maps.
    Errors: Problems for parameters out of range, a network without maps, an unknown layer or one
    without a map.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import gender
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> ScoreCam(samples=4)(gender.load(), face, ClassScore("female")).checks["masks"]
        4
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "unsigned"

    layer: str = ""
    samples: int = 0
    fill: Literal["mean", "value", "blur"] = "mean"
    value: float = 0.0
    of: Scale = "logit"
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "score_cam")
        checks.text("layer")
        checks.whole("samples", least=0)
        check_fill(checks)
        checks.choice("of", SCALES)
        checks.whole("batch", least=1)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Where the maps lie through which the target scores high, [S, S]."""
        scaled = on_scale(target, self.of)
        seen = watch(model, face, scaled, self.layer, "score_cam")
        x, maps = seen.x.detach(), self.strongest(seen.map[0].detach())
        with evaluating(model.network), torch.no_grad():
            hidden = behind(x, self.fill, self.value)
            bare = scaled(model, hidden)
            rises = []
            for some in torch.split(maps, self.batch):
                mask = masks(some, x.shape[-1])
                pictures = torch.lerp(hidden, x, mask).contiguous(memory_format=torch.channels_last)
                rises.append(scaled(model, pictures) - bare)
                if progress is not None:
                    progress(sum(len(each) for each in rises), len(maps))
        rise = torch.cat(rises) if rises else x.new_zeros(0)
        weights = rise.softmax(0)
        values = torch.einsum("k,khw->hw", weights, maps).clamp(min=0)
        checks = {
            "score": seen.value,
            "hidden": float(bare),
            "largest_rise": float(rise.max()) if len(rise) else 0.0,
            "masks": len(rise),
            "effective_masks": float(torch.special.entr(weights).sum().exp()) if len(rise) else 0.0,
            "side": values.shape[0],
        }
        return Explanation(enlarge(values, model.input_size).cpu().numpy(), "unsigned", checks)

    def strongest(self, maps: Tensor) -> Tensor:
        """The maps that make masks, in their order, [K, h, w] → [K', h, w]."""
        varied = maps[maps.amax((1, 2)) > maps.amin((1, 2))]
        if not 0 < self.samples < len(varied):
            return varied
        order = varied.abs().mean((1, 2)).argsort(descending=True, stable=True)
        return varied[order[: self.samples].sort().values]


def masks(maps: Tensor, size: int) -> Tensor:
    """Maps enlarged to the picture and scaled to [0, 1], [K, h, w] → [K, 1, S, S].

    Example:
        >>> masks(torch.tensor([[[1.0, 3.0]]]), 2)[0, 0].tolist()
        [[0.0, 1.0], [0.0, 1.0]]
    """
    large = functional.interpolate(
        maps[:, None], (size, size), mode="bilinear", align_corners=False
    )
    low, high = large.amin((2, 3), keepdim=True), large.amax((2, 3), keepdim=True)
    return (large - low) / (high - low).clamp(min=torch.finfo(large.dtype).tiny)
