"""Small random networks and faces on which explanations take milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from explainers.face import TEMPLATE, Face
from explainers.face_model import FaceModel

SIZE = 20


def convolutional() -> nn.Module:
    """Two convolutions with a ReLU each, a mean, a linear layer."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(6, 8, 3, stride=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(3),
        nn.Flatten(),
        nn.Linear(72, 4),
    )


def fully_connected() -> nn.Module:
    """A network without any convolution."""
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE * SIZE, 16), nn.Tanh(), nn.Linear(16, 4))


def model_of(network: nn.Module, layer: str = "1", seed: int = 0) -> FaceModel:
    """A model of four classes with reproducible weights."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        values = torch.randn(parameter.shape, generator=generator)
        parameter.data = values / max(parameter[0].numel(), 1) ** 0.5
    return FaceModel(
        name="tiny",
        task="letters",
        network=network,
        labels=("a", "b", "c", "d"),
        input_size=SIZE,
        chip_padding=0.25,
        layer=layer,
        weights_sha256="0" * 64,
        licence="CC0-1.0",
        source="random",
    )


def smooth_face(seed: int = 0, side: int = 40) -> Face:
    """Smooth random colours with landmarks at their mean places."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(rng.uniform(3, 12) * (x * c + y * (1 - c)) + 6 * c) for c in rng.random(3)]
    image = (np.stack(waves) / 2 + 0.5).astype(np.float32)
    return Face(f"t{seed}", image, (TEMPLATE + 0.25) / 1.5 * side)


@pytest.fixture
def tiny() -> SimpleNamespace:
    """Makers of small networks (``convolutional``, ``fully_connected``), models and faces."""
    makers: dict[str, Callable[..., object]] = {
        "convolutional": convolutional,
        "fully_connected": fully_connected,
        "model": model_of,
        "face": smooth_face,
    }
    return SimpleNamespace(size=SIZE, **makers)
