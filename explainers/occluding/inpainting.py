"""Fills a window smoothly from its surroundings."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def inpaint(x: Tensor, window: tuple[int, int, int, int]) -> Tensor:
    """The picture with a window filled smoothly from the pixels around it.

    Source: the membrane of image editing: Pérez, Gangnet & Blake, Poisson Image Editing (2003),
    eq. 2 without guidance.
    Formula: Laplace's equation ``u_up + u_down + u_left + u_right = 4 u`` for every pixel of the
    window, pixels around it fixed; beyond the picture there is no neighbour to be like. The
    equation separates into rows and columns, so one eigendecomposition of each solves it exactly.

    Arguments:
        x: [N, C, H, W].
        window: top, left, height and width, inside the picture.

    Returns: [N, C, H, W]; where nothing is left around the window, its mean colour.

    Example:
        >>> ramp = torch.arange(6.0).expand(1, 1, 6, 6)
        >>> hidden = ramp.clone()
        >>> hidden[..., 1:4, 2:5] = 9.0
        >>> bool(torch.allclose(inpaint(hidden, (1, 2, 3, 3)), ramp, atol=1e-4))
        True
    """
    top, left, height, width = window
    bottom, right = top + height, left + width
    if min(height, width) < 1:
        return x
    sides = [top > 0, bottom < x.shape[-2], left > 0, right < x.shape[-1]]
    filled = x.clone()
    inside = filled[..., top:bottom, left:right]
    if not any(sides):
        inside.copy_(x.mean((2, 3), keepdim=True).expand_as(inside))
        return filled
    around = torch.zeros_like(inside, dtype=torch.float64)
    if sides[0]:
        around[..., 0, :] += x[..., top - 1, left:right]
    if sides[1]:
        around[..., -1, :] += x[..., bottom, left:right]
    if sides[2]:
        around[..., :, 0] += x[..., top:bottom, left - 1]
    if sides[3]:
        around[..., :, -1] += x[..., top:bottom, right]
    rows, row_values = _modes(height, sides[0], sides[1], x.device)
    columns, column_values = _modes(width, sides[2], sides[3], x.device)
    spectrum = rows.T @ around @ columns / (row_values[:, None] + column_values)
    inside.copy_(rows @ spectrum @ columns.T)
    return filled


@lru_cache(maxsize=64)
def _modes(count: int, before: bool, after: bool, device: torch.device) -> tuple[Tensor, Tensor]:
    """Eigenvectors [count, count] and eigenvalues of the second difference along one axis.

    A fixed neighbour beyond an end counts as one, a missing one does not.
    """
    second = 2 * torch.eye(count, dtype=torch.float64, device=device)
    second -= torch.diag(torch.ones(count - 1, dtype=torch.float64, device=device), 1)
    second -= torch.diag(torch.ones(count - 1, dtype=torch.float64, device=device), -1)
    second[0, 0] -= int(not before)
    second[-1, -1] -= int(not after)
    values, vectors = torch.linalg.eigh(second)
    return vectors, values
