"""The network of face-api's expression and landmark models: four dense blocks, 112 px."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explainers.networks.layers import DLIB_MEAN, SameConv2d, SeparableConv2d, Standardise


class DenseBlock(nn.Module):
    """Four convolutions that halve the picture once; each sees the sum of all before it.

    Source: face-api.js, ``denseBlock4``; after Huang et al., Densely Connected Convolutional
    Networks (2017), with sums in place of concatenations.
    Formula: ``y1 = relu(conv0 x)``, ``y2 = conv1 y1``, ``y3 = conv2 relu(y1 + y2)``,
    ``y4 = conv3 relu(y1 + y2 + y3)``, output ``relu(y1 + y2 + y3 + y4)``.
    Takes [N, inputs, H, W], returns [N, outputs, H/2, W/2].
    """

    def __init__(self, inputs: int, outputs: int, first: bool = False) -> None:
        super().__init__()
        self.conv0: nn.Module = (
            SameConv2d(inputs, outputs, 3, stride=2)
            if first
            else SeparableConv2d(inputs, outputs, stride=2)
        )
        self.relu0 = nn.ReLU()
        self.conv1 = SeparableConv2d(outputs, outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = SeparableConv2d(outputs, outputs)
        self.relu2 = nn.ReLU()
        self.conv3 = SeparableConv2d(outputs, outputs)
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        total = self.relu0(self.conv0(x))
        total = total + self.conv1(total)
        total = total + self.conv2(self.relu1(total))
        total = total + self.conv3(self.relu2(total))
        return self.relu3(total)


class DenseFaceNet(nn.Module):
    """Four dense blocks of 32, 64, 128 and 256 channels, mean over the picture, linear layer.

    Source: face-api.js, ``FaceFeatureExtractor`` with ``FaceProcessor``.
    Takes RGB in [0, 1], [N, 3, 112, 112]; returns [N, outputs].

    Example:
        >>> DenseFaceNet(outputs=7)(torch.zeros(2, 3, 112, 112)).shape
        torch.Size([2, 7])
    """

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.standardise = Standardise(DLIB_MEAN, 255.0)
        self.dense0 = DenseBlock(3, 32, first=True)
        self.dense1 = DenseBlock(32, 64)
        self.dense2 = DenseBlock(64, 128)
        self.dense3 = DenseBlock(128, 256)
        self.pool = nn.AvgPool2d(7, 2)
        self.fc = nn.Linear(256, outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dense0(self.standardise(x))
        x = self.dense3(self.dense2(self.dense1(x)))
        return self.fc(torch.flatten(self.pool(x), 1))
