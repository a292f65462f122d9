"""The picture without content that attributions are measured from."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from explainers.occluding.fill import behind

Baseline = Literal["black", "gray", "mean", "blur"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)


def baseline_picture(x: Tensor, baseline: Baseline) -> Tensor:
    """The baseline of a picture, [1, 3, S, S]: black, gray, its mean colour, or out of focus.

    Example:
        >>> float(baseline_picture(torch.ones(1, 3, 8, 8), "gray").max())
        0.5
    """
    if baseline == "black":
        return torch.zeros_like(x)
    return behind(x, "value" if baseline == "gray" else baseline, value=0.5).clone()
