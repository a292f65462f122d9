"""Matrix products and 3 x 3 convolutions with fewer multiplications, on processors.

PyTorch multiplies matrices with MKL, which is slow on processors of other makers; oneDNN, which
comes with PyTorch too, is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

_ONEDNN = torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")


WORTH = 256
"""Channels from which on fewer multiplications are worth the additions."""


def fast(x: Tensor) -> bool:
    """Whether products with ``x`` can be left to oneDNN."""
    return _ONEDNN and x.device.type == "cpu" and x.dtype == torch.float32


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias`` as ``torch.nn.functional.linear``, without gradients.

    Example:
        >>> x, weight = torch.ones(2, 3), torch.ones(4, 3)
        >>> bool(torch.equal(linear(x, weight), functional.linear(x, weight)))
        True
    """
    plain = input.ndim == 2 and input.is_contiguous() and weight.is_contiguous()
    if plain and fast(input) and fast(weight):
        return torch.ops.mkldnn._linear_pointwise(input, weight, bias, "none", [], "")
    return functional.linear(input, weight, bias)


class Convolution:
    """A convolution of maps that are padded already, the fastest way that is exact.

    Arguments: as ``torch.nn.functional.conv2d``.

    ``tile`` is 2 where maps with even sides are much faster than others, else 1.

    Example:
        >>> convolution = Convolution(torch.rand(4, 3, 3, 3), None)
        >>> convolution(torch.rand(1, 3, 6, 6)).shape, convolution.tile
        (torch.Size([1, 4, 4, 4]), 1)
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int] = (1, 1),
        dilation: tuple[int, int] = (1, 1),
        groups: int = 1,
    ) -> None:
        self._weight, self._bias = weight, bias
        self._options = (stride, 0, dilation, groups)
        square = tuple(weight.shape[2:]) == (3, 3) and (stride, dilation) == ((1, 1), (1, 1))
        worth = groups == 1 and min(weight.shape[:2]) >= WORTH
        self.tile = 2 if square and worth and fast(weight) else 1

    def __call__(self, x: Tensor) -> Tensor:
        """[N, C, H, W] to the outputs that see only what is there."""
        if self.tile == 2 and x.shape[2] % 2 == x.shape[3] % 2 == 0 and fast(x):
            return self._winograd(x)
        return functional.conv2d(x, self._packed, self._bias, *self._options)

    @cached_property
    def _winograd(self) -> Winograd:
        return Winograd(self._weight, self._bias)

    @cached_property
    def _packed(self) -> Tensor:
        return self._weight.contiguous(memory_format=torch.channels_last)


class Winograd:
    """A 3 x 3 convolution of stride 1 with 4 multiplications for every 9, as exact in practice.

    Source: Winograd (1980); Lavin & Gray, Fast Algorithms for Convolutional Neural Networks
    (2016), Section 4.1, F(2 x 2, 3 x 3).
    Formula: ``Y = A' [(G g G') * (B' d B)] A`` for each 2 x 2 tile of the output, ``d`` the 4 x 4
    inputs that it sees, ``g`` the kernel; the products over channels are 16 matrix products.

    Arguments:
        weight: [O, C, 3, 3].
        bias: [O], or None.

    Takes [N, C, H + 2, W + 2], padded already, H and W even; returns [N, O, H, W].

    Example:
        >>> x, weight = torch.rand(1, 8, 6, 8), torch.rand(5, 8, 3, 3)
        >>> bool(torch.allclose(Winograd(weight, None)(x), functional.conv2d(x, weight), atol=1e-4))
        True
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._bias = bias
        self._outputs = weight.shape[0]
        rows = _kernel_side(weight.permute(2, 3, 0, 1).contiguous())
        self._weights = [one.contiguous() for row in rows for one in _kernel_side(row)]

    def __call__(self, x: Tensor) -> Tensor:
        """The convolution."""
        pixels = x.permute(0, 2, 3, 1)
        count, height, width = pixels.shape[0], pixels.shape[1] - 2, pixels.shape[2] - 2
        result = pixels.new_empty(count, height // 2, 2, width // 2, 2, self._outputs)
        for number, row in enumerate(_input_side(pixels, 1)):
            weights = self._weights[4 * number : 4 * number + 4]
            products = [
                linear(part.reshape(-1, part.shape[-1]), weight)
                for part, weight in zip(_input_side(row, 2), weights, strict=True)
            ]
            left = products[0].add_(products[1]).add_(products[2])
            right = products[1].sub_(products[2]).sub_(products[3])
            for column, part in enumerate((left, right)):
                tiles = part.view(count, height // 2, width // 2, -1)
                upper, lower = result[:, :, 0, :, column], result[:, :, 1, :, column]
                if number == 0:
                    torch.add(tiles, 0.0 if self._bias is None else self._bias, out=upper)
                elif number == 1:
                    upper.add_(tiles)
                    torch.add(tiles, 0.0 if self._bias is None else self._bias, out=lower)
                elif number == 2:
                    upper.add_(tiles)
                    lower.sub_(tiles)
                else:
                    lower.sub_(tiles)
        return result.view(count, height, width, -1).permute(0, 3, 1, 2)


def _kernel_side(weight: Tensor) -> list[Tensor]:
    """``G`` applied along the first axis, of 3."""
    ends = (weight[0] + weight[2]) / 2
    return [weight[0], ends + weight[1] / 2, ends - weight[1] / 2, weight[2]]


def _input_side(x: Tensor, axis: int) -> Iterator[Tensor]:
    """``B'`` applied along an axis to overlapping fours, two apart."""
    last = x.shape[axis] - 3
    every = [slice(None)] * axis
    first, second, third, fourth = (
        x[(*every, slice(start, start + last, 2))] for start in range(4)
    )
    yield first - third
    yield second + third
    yield third - second
    yield second - fourth
