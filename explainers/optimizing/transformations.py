"""Small random changes of view: what survives them is no trick of single pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

STILL = 0.2
"""Fraction of the steps, the last and smallest ones, that look at the picture as it is."""


@dataclass(frozen=True)
class RandomViews:
    """The same picture, a little turned, scaled, shifted and faded; the border is reflected.

    Source: Olah, Mordvintsev & Schubert, Feature Visualization (2017), on transformation
    robustness.

    Arguments:
        rotation: up to so many degrees, either way.
        scale: up to this fraction larger or smaller.
        shift: up to this fraction of the side, each way.
        haze: up to this fraction of the contrast taken away, as if in fog. It makes patterns strong
            and typical: one that pleases the network only at a certain strength does not last.

    Example:
        >>> views = RandomViews()(torch.rand(1, 3, 32, 32), 4, 16, torch.Generator())
        >>> views.shape
        torch.Size([4, 3, 16, 16])
    """

    rotation: float = 8.0
    scale: float = 0.1
    shift: float = 0.08
    haze: float = 0.8

    def __call__(self, x: Tensor, count: int, size: int, generator: Generator) -> Tensor:
        """The picture [1, 3, H, W] seen ``count`` times, [count, 3, size, size]."""
        draws = torch.rand(5, count, generator=generator).to(x.device)
        turn, scale, right, down, fog = draws * 2 - 1
        angle = turn * math.radians(self.rotation)
        zoom = 1 + scale * self.scale
        # affine_grid counts from -1 to 1 across the picture, so a shift of the side is twice that.
        right, down = 2 * right * self.shift, 2 * down * self.shift
        cosine, sine = angle.cos() * zoom, angle.sin() * zoom
        rows = torch.stack([cosine, -sine, right], 1), torch.stack([sine, cosine, down], 1)
        grid = functional.affine_grid(
            torch.stack(rows, 1), [count, 3, size, size], align_corners=False
        )
        pictures = x.expand(count, -1, -1, -1)
        seen = functional.grid_sample(
            pictures, grid, padding_mode="reflection", align_corners=False
        )
        contrast = 1 - self.haze * (fog + 1) / 2
        return 0.5 + (seen - 0.5) * contrast[:, None, None, None]


def resize(x: Tensor, size: int) -> Tensor:
    """The picture at another size, [N, 3, size, size]; bilinear, without aliasing."""
    if x.shape[-1] == size:
        return x
    return functional.interpolate(
        x, (size, size), mode="bilinear", antialias=True, align_corners=False
    )
