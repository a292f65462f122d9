"""The network of face-api's age and gender model: a small Xception, 112 px."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explainers.networks.layers import (
    DLIB_MEAN,
    SameConv2d,
    SameMaxPool2d,
    SeparableConv2d,
    Standardise,
)


class ReductionBlock(nn.Module):
    """Two separable convolutions and a maximum over 3 x 3, beside a 1 x 1 convolution.

    Source: Chollet, Xception (2017), Fig. 5, entry flow.
    Takes [N, inputs, H, W], returns [N, outputs, H/2, W/2].
    """

    def __init__(self, inputs: int, outputs: int, first: bool = False) -> None:
        super().__init__()
        self.relu0: nn.Module = nn.Identity() if first else nn.ReLU()
        self.separable_conv0 = SeparableConv2d(inputs, outputs)
        self.relu1 = nn.ReLU()
        self.separable_conv1 = SeparableConv2d(outputs, outputs)
        self.pool = SameMaxPool2d()
        self.expansion_conv = SameConv2d(inputs, outputs, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.separable_conv0(self.relu0(x))
        y = self.pool(self.separable_conv1(self.relu1(y)))
        return y + self.expansion_conv(x)


class MainBlock(nn.Module):
    """Three separable convolutions, each after a ReLU, added to the input.

    Source: Chollet, Xception (2017), Fig. 5, middle flow. Takes and returns [N, C, H, W].
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.relu0, self.relu1, self.relu2 = nn.ReLU(), nn.ReLU(), nn.ReLU()
        self.separable_conv0 = SeparableConv2d(channels, channels)
        self.separable_conv1 = SeparableConv2d(channels, channels)
        self.separable_conv2 = SeparableConv2d(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.separable_conv0(self.relu0(x))
        y = self.separable_conv1(self.relu1(y))
        return x + self.separable_conv2(self.relu2(y))


class XceptionFaceNet(nn.Module):
    """Entry, middle and exit flow, mean over the picture, and one linear layer.

    Source: face-api.js, ``TinyXception`` with ``AgeGenderNet``, which has one linear layer for age
    and one for gender on the same features.
    Takes RGB in [0, 1], [N, 3, 112, 112]; returns [N, outputs].

    Example:
        >>> XceptionFaceNet(outputs=2)(torch.zeros(1, 3, 112, 112)).shape
        torch.Size([1, 2])
    """

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.standardise = Standardise(DLIB_MEAN, 255.0)
        self.conv_in = SameConv2d(3, 32, 3, stride=2)
        self.relu_in = nn.ReLU()
        self.entry0 = ReductionBlock(32, 64, first=True)
        self.entry1 = ReductionBlock(64, 128)
        self.middle0 = MainBlock(128)
        self.middle1 = MainBlock(128)
        self.exit0 = ReductionBlock(128, 256)
        self.exit1 = SeparableConv2d(256, 512)
        self.relu_out = nn.ReLU()
        self.pool = nn.AvgPool2d(7, 2)
        self.fc = nn.Linear(512, outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu_in(self.conv_in(self.standardise(x)))
        x = self.middle1(self.middle0(self.entry1(self.entry0(x))))
        x = self.relu_out(self.exit1(self.exit0(x)))
        return self.fc(torch.flatten(self.pool(x), 1))
