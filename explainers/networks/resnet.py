"""The network of face-api's recognition model: dlib's 29-layer residual network, 150 px."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from explainers.networks.layers import DLIB_MEAN, Standardise


class Affine(nn.Module):
    """A factor and an offset for each channel: batch normalisation after training."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1, 1, 1) + self.bias.view(-1, 1, 1)


class ConvAffine(nn.Module):
    """A convolution, then a factor and an offset for each channel."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding)
        self.scale = Affine(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.scale(self.conv(x))


class Residual(nn.Module):
    """Two 3 x 3 convolutions added to their input; with ``down`` at half the size.

    Source: dlib, ``residual`` and ``residual_down`` (dnn_face_recognition_ex.cpp): the shortcut is
    a 2 x 2 mean, and whichever branch has fewer channels, rows or columns is filled up with zeros
    at the end.
    Takes [N, inputs, H, W], returns [N, outputs, H', W'].
    """

    def __init__(self, inputs: int, outputs: int, down: bool = False) -> None:
        super().__init__()
        self.conv1 = ConvAffine(inputs, outputs, 3, 2 if down else 1, 0 if down else 1)
        self.relu1 = nn.ReLU()
        self.conv2 = ConvAffine(outputs, outputs, 3, 1, 1)
        self.shortcut: nn.Module = nn.AvgPool2d(2) if down else nn.Identity()
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        shortcut, y = self.shortcut(x), self.conv2(self.relu1(self.conv1(x)))
        shape = [max(sizes) for sizes in zip(shortcut.shape, y.shape, strict=True)]
        return self.relu2(_fill(shortcut, shape) + _fill(y, shape))


def _fill(x: Tensor, shape: list[int]) -> Tensor:
    missing = [wanted - size for wanted, size in zip(shape, x.shape, strict=True)]
    return functional.pad(x, [0, missing[3], 0, missing[2], 0, missing[1]])


class ResidualFaceNet(nn.Module):
    """A 7 x 7 convolution, a 3 x 3 maximum, 14 residual blocks, mean, linear layer.

    Source: dlib, ``anet_type`` of dnn_face_recognition_ex.cpp; He et al., Deep Residual Learning
    (2016), with half the layers and filters.
    Takes RGB in [0, 1], [N, 3, 150, 150]; returns the embedding, [N, 128].

    Example:
        >>> ResidualFaceNet()(torch.zeros(1, 3, 150, 150)).shape
        torch.Size([1, 128])
    """

    def __init__(self) -> None:
        super().__init__()
        self.standardise = Standardise(DLIB_MEAN, 255.0)
        self.conv32_down = ConvAffine(3, 32, 7, 2, 0)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(3, 2)
        self.conv32_1 = Residual(32, 32)
        self.conv32_2 = Residual(32, 32)
        self.conv32_3 = Residual(32, 32)
        self.conv64_down = Residual(32, 64, down=True)
        self.conv64_1 = Residual(64, 64)
        self.conv64_2 = Residual(64, 64)
        self.conv64_3 = Residual(64, 64)
        self.conv128_down = Residual(64, 128, down=True)
        self.conv128_1 = Residual(128, 128)
        self.conv128_2 = Residual(128, 128)
        self.conv256_down = Residual(128, 256, down=True)
        self.conv256_1 = Residual(256, 256)
        self.conv256_2 = Residual(256, 256)
        self.conv256_down_out = Residual(256, 256, down=True)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(256, 128, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.conv32_down(self.standardise(x))))
        for block in self.children():  # in the order of their definition
            if isinstance(block, Residual):
                x = block(x)
        return self.fc(torch.flatten(self.mean(x), 1))
