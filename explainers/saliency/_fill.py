"""What a hidden part of the picture shows instead."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.blending import blend
from explainers.parameter_checks import Checks
from explainers.saliency.occlusion import blur

Fill = Literal["mean", "value", "blur"]
FILLS: tuple[Fill, ...] = get_args(Fill)
PIECE_FILLS = ("inpainted", *FILLS)
"""Of whole pieces, whose surroundings are known."""
OUT_OF_FOCUS = 1 / 8
"""Standard deviation of the blur as a fraction of the side, unless a method says otherwise: wide
enough that eyes and mouth vanish."""


def behind(x: Tensor, fill: str, value: float = 0.5, sigma: float | None = None) -> Tensor:
    """The picture that shows where another one is hidden, [1, 3, S, S] → [1, 3, S, S].

    Arguments:
        fill: the picture's ``mean`` colour, one gray (``value``), or the picture out of focus
            (``blur``).
        value: the gray, 0 is black and 1 white.
        sigma: standard deviation of the blur, in pixels.
    """
    if fill == "value":
        return torch.full_like(x, value)
    if fill == "mean":
        return x.mean((2, 3), keepdim=True).expand_as(x)
    return blur(x, OUT_OF_FOCUS * x.shape[-1] if sigma is None else sigma)


def check_fill(checks: Checks, choices: tuple[str, ...] = FILLS) -> None:
    """The fields ``fill`` and ``value`` must be a known fill and a gray in [0, 1]."""
    checks.choice("fill", choices)
    checks.number("value", 0.0, 1.0)


def inpaint(x: Tensor, hidden: npt.NDArray[Any]) -> Tensor:
    """The picture with its hidden pixels filled in smoothly from what surrounds them.

    Formula: Laplace's equation inside, the visible pixels at the border: a region without any
    gradients of its own, blended in (``explainers.blending``).

    Arguments:
        x: [1, 3, S, S].
        hidden: bool, [S, S], of any shape; where all is hidden, the mean colour is shown.
    """
    if hidden.all():
        return behind(x, "mean").clone()
    picture = x[0].cpu().numpy()
    return torch.from_numpy(blend(np.zeros_like(picture), picture, hidden))[None].to(x)


def inpaint_each(x: Tensor, labels: npt.NDArray[Any]) -> Tensor:
    """The picture with each piece filled in smoothly from what surrounds that piece alone.

    One picture serves every combination of hidden pieces then: each has the colours that its
    neighbours suggest, and two hidden neighbours those that the two suggest to each other.

    Arguments:
        x: [1, 3, S, S].
        labels: the pieces, int64, [S, S]; -1 for pixels that are never hidden.
    """
    filled = x.clone()
    for label in range(labels.max() + 1):
        piece = labels == label
        where = torch.from_numpy(piece).to(x.device)
        filled = torch.where(where, inpaint(x, piece), filled)
    return filled
