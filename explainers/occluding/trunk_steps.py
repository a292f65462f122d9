"""What a trunk consists of: functions whose windows slide over a map, and pointwise ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn import functional

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Step:
    """One function of a trunk.

    Arguments:
        name: of the torch function, without underscores.
        function: as the network calls it.
        whole: the call, of any input.
        shape: of its result for one picture.
        in_place: the result is the input, changed.
    """

    name: str
    function: Callable[..., Any]
    whole: Callable[[Tensor], Tensor]
    shape: tuple[int, ...]
    in_place: bool


@dataclass(frozen=True, eq=False)
class Sliding(Step):
    """A function of windows of the map; pairs are of rows and columns.

    Output ``o`` sees the inputs ``o * stride - before + [0, reach)``.

    Arguments:
        channels, size: of the map that it slides over.
        reach: extent of one window.
        stride: from one window to the next.
        before: padding at the top and at the left.
        padding: the value there.
        valid: the function of a map that is padded already.
        tile: what the extents that ``valid`` is fastest with are multiples of.
        cost: multiplications for one position of the output, all channels.
    """

    channels: int
    size: Pair
    reach: Pair
    stride: Pair
    before: Pair
    padding: float
    valid: Callable[[Tensor], Tensor]
    cost: int
    tile: int = 1

    def padded(self, x: Tensor) -> Tensor:
        """The map with all that the windows see around it; what none sees is cut off."""
        margins = []
        for axis in (1, 0):
            seen = (self.shape[2 + axis] - 1) * self.stride[axis] + self.reach[axis]
            margins += [self.before[axis], seen - self.before[axis] - x.shape[2 + axis]]
        return functional.pad(x, margins, value=self.padding)


def name_of(function: Callable[..., Any]) -> str:
    """``relu`` for ``torch.relu_``, ``shape`` for the getter of ``Tensor.shape``.

    Example:
        >>> name_of(Tensor.relu_), name_of(Tensor.shape.__get__), name_of(Tensor.add)
        ('relu', 'shape', 'add')
    """
    name = getattr(function, "__name__", "")
    if name == "__get__":
        name = getattr(getattr(function, "__self__", None), "__name__", "")
    return name.strip("_")


def operations(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
) -> int:
    """Multiplications of a call, of those functions that have most of them."""
    name = name_of(function)
    if not isinstance(result, Tensor) or name not in ("conv2d", "linear", "matmul", "bmm", "mm"):
        return 0
    second = args[1] if len(args) > 1 else kwargs.get("weight", kwargs.get("other"))
    if not isinstance(second, Tensor) or not second.ndim:
        return 0
    if name in ("conv2d", "linear"):
        return result.numel() * second[0].numel()
    return result.numel() * second.shape[-2 if second.ndim > 1 else -1]


def named(names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """A call's arguments by name.

    Example:
        >>> named(("x", "y"), (1,), {"y": 2})
        {'x': 1, 'y': 2}
    """
    return dict(zip(names, args, strict=False)) | kwargs
