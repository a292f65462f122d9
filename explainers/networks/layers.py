"""Layers that several face networks share: preprocessing and TensorFlow's way of padding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

DLIB_MEAN = (122.782, 117.001, 104.298)
"""Mean colour (red, green, blue, in 0..255) of the faces that dlib's networks were trained on."""


class Standardise(nn.Module):
    """Colours as a network expects them; part of the network, so that gradients reach the picture.

    Formula: ``(255 x - mean) / scale`` for each colour channel.

    Arguments:
        mean: of the colours red, green and blue, in 0..255.
        scale: one divisor, or one for each colour.

    Takes and returns [N, 3, H, W]; what it takes is in [0, 1].

    Example:
        >>> Standardise((0.0, 0.0, 127.5), 127.5)(torch.ones(1, 3, 1, 1)).flatten().tolist()
        [2.0, 2.0, 1.0]
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Sequence[float], scale: float | Sequence[float]) -> None:
        super().__init__()
        scales = [scale] * 3 if isinstance(scale, float | int) else list(scale)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(scales).view(1, 3, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return (x * 255 - self.mean) / self.scale


def same_padding(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """Pad as TensorFlow's ``SAME``: outputs ``ceil(size / stride)``, the odd pixel at the end.

    Formula: total padding of a side is ``max((ceil(n / stride) - 1) stride + kernel - n, 0)``.

    Example:
        >>> same_padding(torch.ones(1, 1, 4, 4), kernel=3, stride=2)[0, 0, 0].tolist()
        [1.0, 1.0, 1.0, 1.0, 0.0]
    """
    height, width = (
        max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in x.shape[2:]
    )
    top, left = height // 2, width // 2
    return functional.pad(x, [left, width - left, top, height - top], value=value)


class SameConv2d(nn.Conv2d):
    """A convolution with a square kernel and TensorFlow's ``SAME`` padding."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1,
        bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(same_padding(x, self.kernel_size[0], self.stride[0]))


class SameMaxPool2d(nn.Module):
    """The largest value of each 3 x 3 window, stride 2, with TensorFlow's ``SAME`` padding."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(same_padding(x, 3, 2, value=float("-inf")), 3, 2)


class SeparableConv2d(nn.Module):
    """A 3 x 3 convolution of each channel alone, then a 1 x 1 convolution across the channels.

    Source: Chollet, Xception: Deep Learning with Depthwise Separable Convolutions (2017).
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = SameConv2d(inputs, inputs, 3, stride, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
