"""Which part of each map a hidden window changes, along one axis at a time.

Rectangles are products of an extent of rows and one of columns, so rows and columns are worked
out apart from each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.occluding.trunk_steps import Sliding

Spans = tuple[Tensor, Tensor]
"""Where extents of different lengths begin and end (one after the last), int64 [P] each."""


@dataclass(frozen=True, eq=False)
class Extent:
    """Equally long pieces of one axis: their beginnings, int64 [N], and their length."""

    start: Tensor
    length: int

    @property
    def pixels(self) -> Tensor:
        """Each piece's pixels, [N, length]."""
        return self.start[:, None] + torch.arange(self.length)


def changed(begin: Tensor, end: Tensor, step: Sliding, axis: int, grid: int) -> Spans:
    """Which outputs of ``step`` see any of the inputs from ``begin`` to before ``end``.

    Formula: output ``o`` sees ``o s - p + [0, k)``, so those from ``ceil((begin + p - k + 1) / s)``
    to ``floor((end - 1 + p) / s)``; rounded outwards to multiples of ``grid``.
    """
    size, stride = step.shape[2 + axis], step.stride[axis]
    shifted = begin + step.before[axis]
    first = -(-(shifted - step.reach[axis] + 1)).div(stride, rounding_mode="floor")
    last = (end - 1 + step.before[axis]).div(stride, rounding_mode="floor")
    # Something is always computed, though nothing may have changed: what is cut off at a border.
    first = (first.clamp(0, size - 1) // grid) * grid
    stop = torch.maximum(last.clamp(0, size - 1), first) // grid * grid + grid
    return first, stop.clamp(max=size)


def uniform(begin: Tensor, end: Tensor, size: int, tile: int = 1) -> Extent:
    """Extents as long as the longest, or a multiple of ``tile``, moved inwards at the border."""
    length = int((end - begin).max())
    length = min(-(-length // tile) * tile, size)
    return Extent(begin.clamp(max=size - length), length)


def grid_before(following: Sliding | None, axis: int) -> int:
    """What extents are rounded to: the stride of a pooling without overlap that comes next."""
    if following is None or following.before[axis] or following.cost:
        return 1
    return following.stride[axis] if following.stride[axis] == following.reach[axis] else 1


def lengths(begin: Tensor, end: Tensor, steps: Sequence[Sliding], axis: int) -> Tensor:
    """How long the changed extent is after each sliding step, int64 [P, steps]."""
    result = []
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        begin, end = changed(begin, end, step, axis, grid_before(following, axis))
        result.append(end - begin)
    return torch.stack(result, dim=1)


@dataclass(frozen=True, eq=False)
class Changes:
    """How much of each map every window changes.

    Arguments:
        rows, columns: lengths of the changed extents, int64 [P, sliding steps].
        steps: the trunk's sliding steps.
    """

    rows: Tensor
    columns: Tensor
    steps: Sequence[Sliding]

    @classmethod
    def of(cls, windows: Tensor, steps: Sequence[Sliding]) -> Changes:
        """Those of windows [P, 4] (top, left, height, width) inside the picture."""
        top, left, height, width = windows.cpu().T
        rows = lengths(top, top + height, steps, 0)
        return cls(rows, lengths(left, left + width, steps, 1), steps)

    @property
    def saved(self) -> int:
        """Multiplications saved for an average window."""
        costs = torch.tensor([step.cost for step in self.steps], dtype=torch.float64)
        whole = torch.tensor([step.shape[2] * step.shape[3] for step in self.steps])
        return int((costs * (whole - self.rows * self.columns)).sum(1).mean())

    @property
    def largest(self) -> int:
        """Numbers in the largest patch with its surroundings."""
        most = 1
        for number, step in enumerate(self.steps):
            extents = (int(self.rows[:, number].max()), int(self.columns[:, number].max()))
            seen = [
                (extent - 1) * stride + reach
                for extent, stride, reach in zip(extents, step.stride, step.reach, strict=True)
            ]
            most = max(most, step.channels * seen[0] * seen[1])
        return most

    def batches(self, batch: int) -> list[Tensor]:
        """The numbers of windows to work on together, int64 [n] each, n at most ``batch``.

        Rectangles in one batch are as large as the largest, so windows are grouped by their
        extents along each axis, and there are as many groups as fill their batches. Those with
        most work come first, so that several threads end together.
        """
        count = int(np.clip((len(self.rows) / batch) ** 0.5 + 0.5, 1, 8))
        costs = np.array([float(step.cost) for step in self.steps])
        kinds = []
        for these, others in ((self.rows, self.columns), (self.columns, self.rows)):
            weights = costs * others.double().mean(0).numpy()
            kinds.append(torch.from_numpy(classes(these.numpy(), weights, count)))
        together = kinds[0] * count + kinds[1]
        groups: list[Tensor] = []
        for kind in sorted(set(together.tolist())):
            numbers = torch.nonzero(together == kind)[:, 0]
            groups += torch.tensor_split(numbers, -(-len(numbers) // batch))
        return sorted(groups, key=lambda group: self._work(group, costs), reverse=True)

    def _work(self, group: Tensor, costs: npt.NDArray[np.float64]) -> float:
        extents = self.rows[group].amax(0) * self.columns[group].amax(0)
        return len(group) * float(extents.numpy() @ costs)


def classes(
    vectors: npt.NDArray[np.int64], weights: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.int64]:
    """Divide vectors into at most ``count`` classes that waste least, int64 [P].

    A class costs ``members x sum_l weights_l max vectors_l``. Vectors are sorted by their own cost
    and cut optimally (dynamic programming), since extents mostly grow together.

    Example:
        >>> lengths = np.array([[2, 4], [9, 9], [2, 4], [3, 4]])
        >>> classes(lengths, np.ones(2), 2).tolist()
        [0, 1, 0, 0]
    """
    unique, place, members = np.unique(vectors, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(unique @ weights, kind="stable")
    ordered, total = unique[order], len(unique)
    # price[i, j]: of one class with the vectors i to before j.
    price = np.full((total, total + 1), np.inf)
    for first in range(total):
        largest = np.maximum.accumulate(ordered[first:], axis=0) @ weights
        price[first, first + 1 :] = largest * np.cumsum(members[order[first:]])
    best = np.full(total + 1, np.inf)
    best[0] = 0.0
    cuts = []
    for _ in range(min(count, total)):
        sums = best[:-1, None] + price
        cuts.append(sums.argmin(0))
        best = sums.min(0)
    label = np.zeros(total, dtype=np.int64)
    stop = total
    for number in range(len(cuts) - 1, -1, -1):
        first = int(cuts[number][stop])
        label[order[first:stop]] = number
        stop = first
    return label[place.reshape(-1)]
