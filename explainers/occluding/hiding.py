"""Pictures with windows hidden."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Behind = Tensor | Callable[[Tensor], Tensor]
"""What shows through the windows: one picture, [1, 3, S, S], for all of them; or a callable that
takes windows' numbers, int64 [n], and returns a picture for each, [n, 3, S, S], of which only what
lies inside the window matters."""


def inside(windows: Tensor, height: int, width: int) -> Tensor:
    """Windows with what lies outside the picture cut off; empty ones have a height or width of 0.

    Example:
        >>> inside(torch.tensor([[-2, 3, 5, 9], [8, 0, 2, 2]]), 8, 8).tolist()
        [[0, 3, 3, 5], [8, 0, 0, 2]]
    """
    size = torch.tensor([height, width], device=windows.device)
    begin, end = windows[:, :2], windows[:, :2] + windows[:, 2:]
    begin = torch.minimum(begin.clamp(min=0), size)
    end = torch.maximum(torch.minimum(end, size), begin)
    return torch.cat([begin, end - begin], dim=1)


def hide(x: Tensor, windows: Tensor, behind: Behind, which: Tensor) -> Tensor:
    """The pictures with one window hidden each, [n, 3, S, S]; ``which`` are windows' numbers.

    Example:
        >>> x = torch.zeros(1, 3, 4, 4)
        >>> pictures = hide(x, torch.tensor([[0, 0, 2, 2]]), x + 1, torch.tensor([0]))
        >>> pictures[0, 0].sum().item()
        4.0
    """
    along = []
    for axis in (0, 1):
        pixels = torch.arange(x.shape[2 + axis], device=x.device)
        begin, length = windows[which][:, axis, None], windows[which][:, 2 + axis, None]
        along.append((pixels >= begin) & (pixels < begin + length))
    covered = along[0][:, None, :, None] & along[1][:, None, None, :]
    return torch.where(covered, behind if isinstance(behind, Tensor) else behind(which), x)
