"""Exact incremental occlusion: only what a window can change is computed again.

A hidden window changes a rectangle of each map of a convolutional trunk. That rectangle, or any
larger one, is all that must be computed: the rest is the whole picture's, computed once.

1. The maps that each sliding step sees for the whole picture are kept, padded, pixel by pixel
   (channels last).
2. Windows that change equally large rectangles are worked on together, as one batch of patches.
3. A patch and the margin that the next step sees around it are gathered with flat indices; the
   changed patch is laid in; then the step runs without padding.
4. Before a pooling without overlap, patches are rounded up to its grid, so that it needs no margin.
5. Padding is what lies around the *map*, so at a border nothing is approximated.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.occluding.dirty import Extent, changed, grid_before, uniform
from explainers.occluding.hiding import Behind
from explainers.occluding.trunk import Trunk
from explainers.occluding.trunk_steps import Sliding


@dataclass(frozen=True, eq=False)
class Patches:
    """A rectangle of a map for each window; ``values`` are [N, C, H, W], channels last."""

    rows: Extent
    columns: Extent
    values: Tensor

    def at(self, down: int, right: int) -> Patches:
        """The same patches in a map with that much padding above and at the left."""
        rows = Extent(self.rows.start + down, self.rows.length)
        return Patches(rows, Extent(self.columns.start + right, self.columns.length), self.values)


@dataclass(frozen=True, eq=False)
class Map:
    """The map of one picture, pixel after pixel.

    Arguments:
        pixels: [height * width, C].
        height, width: of the map.
    """

    pixels: Tensor
    height: int
    width: int

    @classmethod
    def of(cls, x: Tensor) -> Map:
        """Of [1, C, H, W]."""
        pixels = x[0].permute(1, 2, 0).reshape(-1, x.shape[1]).contiguous()
        return cls(pixels, x.shape[2], x.shape[3])

    def with_patches(self, rows: Extent, columns: Extent, patches: Patches) -> Tensor:
        """Rectangles of the map with patches laid in, [N, C, rows, columns], channels last."""
        down, right = patches.rows.start - rows.start, patches.columns.start - columns.start
        height, width = patches.rows.length, patches.columns.length
        top, left = int(down[0]), int(right[0])
        alike = bool(((down == top) & (right == left)).all())
        spare = (rows.length - height, columns.length - width)
        if alike and (top, left) == spare == (0, 0):
            return patches.values
        # One pixel more, for what lies outside the rectangles.
        area, channels, count = rows.length * columns.length, self.pixels.shape[1], len(down)
        buffer = self.pixels.new_empty(count * area + 1, channels)
        index = rows.pixels[:, :, None] * self.width + columns.pixels[:, None, :]
        index = index.reshape(-1).to(self.pixels.device)
        torch.index_select(self.pixels, 0, index, out=buffer[:-1])
        laid = buffer[:-1].view(count, rows.length, columns.length, channels)
        values = patches.values.permute(0, 2, 3, 1)
        if alike and 0 <= top <= spare[0] and 0 <= left <= spare[1]:
            laid[:, top : top + height, left : left + width] = values
        else:
            row = Extent(down, height).pixels[:, :, None]
            column = Extent(right, width).pixels[:, None, :]
            there = (row >= 0) & (row < rows.length) & (column >= 0) & (column < columns.length)
            first = torch.arange(count)[:, None, None] * area
            place = torch.where(there, first + row * columns.length + column, count * area)
            place = place.reshape(-1).to(self.pixels.device)
            buffer.index_copy_(0, place, values.reshape(-1, channels))
        return laid.permute(0, 3, 1, 2)


class Incremental:
    """The engine for one picture.

    Arguments:
        trunk: a network's sequential beginning, with at least one sliding step.
        x: the picture, [1, 3, S, S].
    """

    def __init__(self, trunk: Trunk, x: Tensor) -> None:
        self._steps = trunk.steps
        self._x = x
        self._picture = Map.of(x)
        self._maps: dict[int, Map] = {}
        result = x
        for number, (step, clean) in enumerate(zip(trunk.steps, trunk.clean, strict=True)):
            if isinstance(step, Sliding):
                self._maps[number] = Map.of(step.padded(clean))
                result = clean
        # What the trunk puts out may have been changed in place, what its last sliding step saw
        # cannot.
        for step in trunk.steps[max(self._maps) :]:
            result = step.whole(result)
        self._result = Map.of(result)

    def activations(self, windows: Tensor, behind: Behind, which: Tensor) -> Tensor:
        """What the trunk puts out with a window hidden, [N, C, H, W].

        Arguments:
            windows: [P, 4], all of them inside the picture.
            behind: what shows through.
            which: the windows' numbers, int64 [N].
        """
        patches = self._hidden(windows[which].cpu(), behind, which)
        for number, step in enumerate(self._steps):
            if isinstance(step, Sliding):
                ahead = (one for one in self._steps[number + 1 :] if isinstance(one, Sliding))
                patches = self._slide(step, next(ahead, None), self._maps[number], patches)
            else:
                patches = Patches(patches.rows, patches.columns, step.whole(patches.values))
        everywhere = torch.zeros(len(which), dtype=torch.int64)
        rows, columns = (
            Extent(everywhere, size) for size in (self._result.height, self._result.width)
        )
        return self._result.with_patches(rows, columns, patches)

    def _hidden(self, windows: Tensor, behind: Behind, which: Tensor) -> Patches:
        """The picture's pixels in and, where windows are not equally large, around them."""
        (top, bottom), (left, right) = (
            (windows[:, axis], windows[:, axis] + windows[:, axis + 2]) for axis in (0, 1)
        )
        rows = uniform(top, bottom, self._picture.height)
        columns = uniform(left, right, self._picture.width)
        index = rows.pixels[:, :, None] * self._picture.width + columns.pixels[:, None, :]
        inside = ((rows.pixels >= top[:, None]) & (rows.pixels < bottom[:, None]))[:, :, None]
        inside = (
            inside
            & ((columns.pixels >= left[:, None]) & (columns.pixels < right[:, None]))[:, None, :]
        )
        index, inside = index.to(self._x.device), inside.to(self._x.device)
        pixels = self._picture.pixels[index]
        if isinstance(behind, Tensor):
            shown = behind[0].permute(1, 2, 0).reshape(-1, pixels.shape[-1])[index]
        else:
            pictures = behind(which).permute(0, 2, 3, 1).flatten(1, 2)
            shown = pictures[torch.arange(len(which), device=index.device)[:, None, None], index]
        values = torch.where(inside[..., None], shown, pixels)
        return Patches(rows, columns, values.permute(0, 3, 1, 2))

    @staticmethod
    def _slide(step: Sliding, ahead: Sliding | None, clean: Map, patches: Patches) -> Patches:
        """The patches after one sliding step."""
        rows, columns = (
            uniform(
                *changed(old.start, old.start + old.length, step, axis, grid_before(ahead, axis)),
                step.shape[2 + axis],
                step.tile,
            )
            for axis, old in enumerate((patches.rows, patches.columns))
        )
        # Whole maps need no surroundings.
        if (patches.rows.length, patches.columns.length) == step.size and (
            (rows.length, columns.length) == step.shape[2:]
        ):
            values = patches.values
            padded = step.valid(step.padded(values)) if step.tile > 1 else step.whole(values)
            return Patches(rows, columns, padded)
        seen = [
            Extent(new.start * stride, (new.length - 1) * stride + reach)
            for new, stride, reach in zip((rows, columns), step.stride, step.reach, strict=True)
        ]
        surrounded = clean.with_patches(seen[0], seen[1], patches.at(*step.before))
        return Patches(rows, columns, step.valid(surrounded))
