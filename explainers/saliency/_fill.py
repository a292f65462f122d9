"""What hidden pieces of the picture show instead, whatever their shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.faces.blending import blend
from explainers.occluding.fill import FILLS, behind
from explainers.parameter_checks import Checks

PIECE_FILLS = ("inpainted", *FILLS)
"""Of whole pieces, whose surroundings are known."""


def check_fill(checks: Checks, choices: tuple[str, ...] = FILLS) -> None:
    """The fields ``fill`` and ``value`` must be a known fill and a gray in [0, 1]."""
    checks.choice("fill", choices)
    checks.number("value", 0.0, 1.0)


def inpaint(x: Tensor, hidden: npt.NDArray[Any]) -> Tensor:
    """The picture with its hidden pixels filled in smoothly from what surrounds them.

    Formula: Laplace's equation inside, the visible pixels at the border: a region without any
    gradients of its own, blended in (``explainers.faces.blending``).

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
