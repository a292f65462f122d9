"""Effective receptive field: which pixels the middle of a layer really sees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.hooks import check_layers
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.saliency._backward import backward, picture
from explainers.target import Target

NEGLIGIBLE = 1 - 0.9545
"""Fraction of the largest influence above which a pixel counts as seen (Luo et al., Section 4.1):
two standard deviations of a Gaussian."""


@dataclass(frozen=True)
class EffectiveReceptiveField:
    """Effective receptive field: how strongly each pixel moves the central units of a layer.

    Source: Luo et al., Understanding the Effective Receptive Field (2016); survey, Section 2.3.
    Formula: ``H = sqrt(mean_s sum_c (d(s . y_0) / dx_c)^2)`` for the units ``y_0`` at the middle of
    the layer's map, over random signs ``s`` of its K channels and the colours ``c``. The signs'
    mean is ``sqrt(sum_kc (dy_0k / dx_c)^2)``, the root of all channels' squares, without K ways
    back. The target does not matter: the map tells what a layer can see, not what it looks for.

    Arguments:
        layer: whose central units are looked at; "" for the one that the model shows in feature
            inversion (``FaceModel.layer``).
        samples: how many random signs.
        noise: 0 for the face itself; else standard deviation of noise that is added to it, anew for
            each sample, so that the mean is over pictures too, as in the paper.
        seed: of signs and noise.
        batch: how many samples go through the network at once.

    Returns: [S, S], at least 0. The checks hold the ``side`` of the layer's map, the side of the
    square in which any pixel has an influence at all (``theoretical``), and ``effective``: the root
    of the number of pixels with more than 4.55 % of the largest influence.
    Errors: Problems for an unknown layer, one without a map, or one that no gradient reaches.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> seen = EffectiveReceptiveField("dense0", samples=2)(expression.load(), face, None)
        >>> seen.checks["effective"] <= seen.checks["theoretical"] == 15
        True
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "unsigned"

    layer: str = ""
    samples: int = 16
    noise: float = 0.0
    seed: int = 0
    batch: int = 8

    def __post_init__(self) -> None:
        checks = Checks(self, "effective_receptive_field")
        checks.text("layer")
        checks.whole("samples", least=1)
        checks.number("noise", 0.0)
        checks.whole("seed", least=0)
        checks.whole("batch", least=1)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target | None,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The influence of each pixel on the middle of the layer, [S, S]."""
        x = picture(model, face, "effective_receptive_field")
        layer = self.layer or model.layer
        check_layers([layer], model.layers(), "effective_receptive_field: layer")
        # Two sources, drawn from one by one, so that nothing depends on the batch.
        signs, noise = (torch.Generator().manual_seed(2 * self.seed + each) for each in (0, 1))
        total, side = torch.zeros_like(x[0, 0]), 0

        def signed_sum(model: FaceModel, x: Tensor) -> Tensor:
            nonlocal side
            map = model.features(x, layer)
            side = map.shape[-1]
            units = central_units(map, layer)
            coins = [torch.randint(2, units.shape[1:], generator=signs) for _ in x]
            return (units * (2 * torch.stack(coins) - 1).to(x)).sum(1)

        done = 0
        while done < self.samples:
            count = min(self.batch, self.samples - done)
            added = [torch.randn(x.shape, generator=noise) for _ in range(count)]
            pictures = x + self.noise * torch.cat(added).to(x)
            _, gradients = backward(model, signed_sum, pictures, "effective_receptive_field")
            total += gradients.square().sum((0, 1))
            done += count
            if progress is not None:
                progress(done, self.samples)
        values = (total / self.samples).sqrt()
        checks = {"side": side, "theoretical": extent(values), "effective": effective_side(values)}
        return Explanation(values.cpu().numpy(), "unsigned", checks)


def central_units(map: Tensor, layer: str) -> Tensor:
    """The units in the middle of a map, [N, K, h, w] → [N, K].

    Errors: Problems for a layer that puts out something else.
    """
    if map.ndim != 4 or map.shape[2] * map.shape[3] == 1:
        raise Problems.one(
            "effective_receptive_field: layer",
            f"'{layer}' puts out {list(map.shape)}, which has no middle",
            "name a layer with a map, such as a convolution",
        )
    return map[:, :, map.shape[2] // 2, map.shape[3] // 2]


def extent(values: Tensor) -> int:
    """The side of the square around all pixels that are not 0.

    Example:
        >>> extent(torch.tensor([[0.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 0.0]]))
        2
    """
    sides = [(values > 0).any(axis).nonzero().flatten().tolist() for axis in (0, 1)]
    return max((max(side) - min(side) + 1 for side in sides if side), default=0)


def effective_side(values: Tensor) -> float:
    """The root of the number of pixels that are not negligible.

    Example:
        >>> effective_side(torch.tensor([[1.0, 0.5, 0.2], [0.05, 0.04, 0.0]]))
        2.0
    """
    largest = float(values.max())
    return math.sqrt(int((values > NEGLIGIBLE * largest).sum())) if largest > 0 else 0.0
