"""Soft random masks over a picture, and what a target says to the pictures they leave."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from explainers.explanation import Progress
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.problems import Problems
from explainers.target import Target


def soft_masks(grids: Tensor, shifts: Tensor, size: int) -> Tensor:
    """Coarse grids enlarged to the picture's size, each cut out at its own place.

    Source: Petsiuk, Das & Saenko, RISE (2018), Section 3.2. Formula: with cells of ``c = ceil(size
    / cells)`` pixels a grid is enlarged to ``(cells + 1) c`` pixels bilinearly, and ``size`` pixels
    from row ``dy`` and column ``dx`` on are used. Both directions are linear, so that a mask is
    ``A[dy] grid A[dx]'`` with one matrix for each shift.

    Arguments:
        grids: [N, cells, cells].
        shifts: (dy, dx), each from 0 to c - 1, [N, 2].
        size: of the picture.

    Returns: [N, size, size].

    Example:
        >>> soft_masks(torch.ones(1, 3, 3), torch.tensor([[1, 0]]), size=4).unique().tolist()
        [1.0]
    """
    cells = grids.shape[1]
    cell = cell_size(size, cells)
    identity = torch.eye(cells, device=grids.device)[None]
    enlarge = functional.interpolate(
        identity, size=(cells + 1) * cell, mode="linear", align_corners=False
    )[0]
    matrices = enlarge.unfold(1, size, 1)[:, :cell].transpose(0, 1)
    down, across = matrices[shifts[:, 0]], matrices[shifts[:, 1]]
    return down.transpose(1, 2) @ grids @ across


def cell_size(size: int, cells: int) -> int:
    """Side of a grid's cell in pixels."""
    return math.ceil(size / cells)


class MaskedFace:
    """A picture seen through masks, batch after batch.

    Arguments:
        model, target: what is asked.
        x: the picture, [1, 3, S, S].
        behind: what shows where a mask is 0, [1, 3, S, S].
        total: how many masks there will be.
    """

    def __init__(
        self,
        model: FaceModel,
        target: Target,
        x: Tensor,
        behind: Tensor,
        total: int,
        progress: Progress | None = None,
    ) -> None:
        self._model, self._target, self._total, self._progress = model, target, total, progress
        self._x = x.contiguous(memory_format=torch.channels_last)
        self._behind = behind
        self._done = 0

    def ask(self, masks: Tensor) -> Tensor:
        """What the target says when the picture is shown where masks are 1, [N, S, S] → [N]."""
        pictures = torch.lerp(self._behind, self._x, masks[:, None])
        with evaluating(self._model.network), torch.no_grad():
            said = self._target(self._model, pictures.contiguous(memory_format=torch.channels_last))
        self._done += len(masks)
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)
        return said


def random_shifts(count: int, size: int, cells: int, generator: torch.Generator) -> Tensor:
    """Where each of ``count`` masks is cut out, [count, 2]."""
    return torch.randint(cell_size(size, cells), (count, 2), generator=generator)


def batches(total: int, batch: int) -> Iterator[int]:
    """Sizes of batches that make up ``total``.

    Example:
        >>> list(batches(5, 2))
        [2, 2, 1]
    """
    for start in range(0, total, batch):
        yield min(batch, total - start)


def agreement(halves: Tensor) -> float:
    """Correlation of the maps from two halves of the masks, [2, S, S]; 1 where there are enough.

    A map without differences agrees with nothing: 0.
    """
    a, b = (half.flatten().double() - half.double().mean() for half in halves)
    length = float(a.norm() * b.norm())
    return float(a @ b) / length if length > 0 else 0.0


def check_cells(name: str, cells: int, size: int) -> None:
    """Refuse a grid that is finer than the picture."""
    if cells > size:
        raise Problems.one(
            f"{name}: cells",
            f"{cells} are more than the picture has pixels in each direction ({size})",
            f"write cells: {size} or less",
        )
