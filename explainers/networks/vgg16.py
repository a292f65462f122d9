"""VGG16, the survey paper's architecture, as one chain of named layers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

PLAN = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Channels of the convolutions before each of the five poolings."""


class Vgg16(nn.Sequential):
    """Thirteen 3 x 3 convolutions and some linear layers; the layers are called as in the papers.

    Names: ``standardise``, ``conv1_1``, ``relu1_1``, …, ``conv5_3``, ``relu5_3``, ``pool5``,
    ``mean``, ``flatten``, then ``fc6``, ``relu6``, ``fc7``, ``relu7``, ``fc8``. Dropout is left
    out: the network is never trained here.

    Source: Simonyan & Zisserman, Very Deep Convolutional Networks (2015), configuration D;
    ``torchvision.models.vgg16`` for the numbering of weights and the pooling before ``fc6``.

    Arguments:
        standardise: preprocessing of RGB in [0, 1].
        grid: side of the map that the linear layers see (7 in torchvision).
        sizes: outputs of the linear layers; the last one is the number of classes.

    Takes [N, 3, S, S] with S of at least 32; returns [N, sizes[-1]].

    Example:
        >>> net = Vgg16(nn.Identity(), grid=1, sizes=[3])
        >>> [name for name, _ in net.named_children()][-3:]
        ['mean', 'flatten', 'fc6']
    """

    def __init__(self, standardise: nn.Module, grid: int, sizes: Sequence[int]) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict(standardise=standardise)
        channels = 3
        for block, widths in enumerate(PLAN, 1):
            for number, width in enumerate(widths, 1):
                layers[f"conv{block}_{number}"] = nn.Conv2d(channels, width, 3, padding=1)
                layers[f"relu{block}_{number}"] = nn.ReLU()
                channels = width
            layers[f"pool{block}"] = nn.MaxPool2d(2)
        layers["mean"] = nn.AdaptiveAvgPool2d(grid)
        layers["flatten"] = nn.Flatten()
        inputs = channels * grid * grid
        for number, size in enumerate(sizes, 6):
            if number > 6:
                layers[f"relu{number - 1}"] = nn.ReLU()
            layers[f"fc{number}"] = nn.Linear(inputs, size)
            inputs = size
        super().__init__(layers)


def torchvision_names() -> dict[str, str]:
    """Our names of the convolutions by torchvision's, such as ``features.0`` → ``conv1_1``.

    Example:
        >>> torchvision_names()["features.28"]
        'conv5_3'
    """
    names: dict[str, str] = {}
    position = 0
    for block, widths in enumerate(PLAN, 1):
        for number in range(1, len(widths) + 1):
            names[f"features.{position}"] = f"conv{block}_{number}"
            position += 2  # a convolution and its ReLU
        position += 1  # the pooling
    return names
