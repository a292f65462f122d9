"""What shows where a picture is hidden."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from explainers.saliency.occlusion import blur

Fill = Literal["mean", "value", "blur"]
FILLS: tuple[Fill, ...] = get_args(Fill)
OUT_OF_FOCUS = 1 / 8
"""Standard deviation of the blur as a fraction of the side, unless a method says otherwise: wide
enough that eyes and mouth vanish."""


def behind(x: Tensor, fill: str, value: float = 0.5, sigma: float | None = None) -> Tensor:
    """The picture that shows where another one is hidden, [1, 3, S, S] → [1, 3, S, S].

    Arguments:
        fill: the picture's ``mean`` colour, one gray (``value``), or the picture out of focus
            (``blur``).
        value: the gray, 0 is black and 1 white.
        sigma: standard deviation of the blur, in pixels; 0 would hide nothing, so it is the mean.

    Example:
        >>> float(behind(torch.zeros(1, 3, 4, 4), "value", 0.25).max())
        0.25
    """
    if fill == "value":
        return torch.full_like(x, value)
    if fill == "mean" or sigma == 0:
        return x.mean((2, 3), keepdim=True).expand_as(x)
    return blur(x, OUT_OF_FOCUS * x.shape[-1] if sigma is None else sigma)
