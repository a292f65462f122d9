"""Rows of a tall figure, broken into blocks beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

TALL = 1.5
"""A figure up to so many times higher than wide stays in one piece: it fits a page."""
SHAPE = 4 / 3
"""Width by height that others are brought near to."""


def broken(heights: Sequence[int], count: int) -> list[int]:
    """The block of each row, in order, so that the highest block is as low as possible.

    Arguments:
        heights: of the rows, all positive.
        count: of blocks at most.

    Example:
        >>> broken([2, 2, 2, 3, 1], 2)
        [0, 0, 0, 1, 1]
    """
    low, high = max(heights, default=0), sum(heights)
    while low < high:
        middle = (low + high) // 2
        if _filled(heights, middle)[-1] < count:
            high = middle
        else:
            low = middle + 1
    return _filled(heights, high)


def count_of_blocks(rows: int, size: Callable[[int], tuple[float, float]]) -> int:
    """How many blocks give a figure its best shape: one where that is not too tall.

    Arguments:
        rows: how many there are.
        size: width and height of the figure in so many blocks.

    Example:
        >>> count_of_blocks(12, lambda blocks: (500 * blocks, 2400 / blocks))
        3
    """
    width, height = size(1)
    if height <= TALL * width:
        return 1

    def away(blocks: int) -> float:
        width, height = size(blocks)
        return abs(math.log(width / height / SHAPE))

    return min(range(1, rows + 1), key=away)


def _filled(heights: Sequence[int], most: int) -> list[int]:
    """The block of each row if each block takes as many as fit into ``most``."""
    block, full, found = 0, 0, []
    for height in heights:
        if full and full + height > most:
            block, full = block + 1, 0
        full += height
        found.append(block)
    return found or [0]
