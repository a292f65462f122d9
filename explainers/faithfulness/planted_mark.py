"""A small network, trained at once, that can look at one place of the face only: planted truth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from explainers.face import TEMPLATE, Array, Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.face_names import RENDERED

SIZE = 64
PADDING = 0.25
MARK = 9
MOUTH = (45, 31)
"""Row and column of the middle of the mark that counts, on the mouth of an aligned chip."""
DISTRACTORS = ((5, 31), (11, 17), (11, 45), (19, 31), (29, 31), (34, 12), (34, 50), (58, 31),
               (58, 9), (58, 54))  # fmt: skip
"""Where marks of the same kind say nothing: forehead, brows, eyes, nose, cheeks, chin, ..."""
LABELS = ("lying", "standing", "none")
COUNT = 216
"""Pictures to train on."""
STEPS = 150
"""Least steps of training, of 32 pictures each; then on until every picture is known."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A network on planted marks.

    Arguments:
        model: three classes, input 64 px.
        x: the pictures that it was trained on, [N, 3, 64, 64].
        labels: what they were trained as, [N].
        fit: share of the training pictures that it classifies as trained.
        accuracy: share of new pictures that it classifies by their mark.
    """

    model: FaceModel
    x: Tensor
    labels: Tensor
    fit: float
    accuracy: float


def region(spare: int = 1) -> Array:
    """Where the mark that counts lies, with ``spare`` pixels around it, bool, [64, 64]."""
    inside = np.zeros((SIZE, SIZE), bool)
    reach = MARK // 2 + spare
    inside[_around(MOUTH, reach)] = True
    return inside


def marked(chips: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Faces with stripes on the mouth as their label says, and in ten other places at random.

    The third class has no stripes on the mouth. Without it a network needs to know but one of the
    marks, and finds nothing that speaks *for* the other one.

    Arguments:
        chips: [N, 3, 64, 64] in [0, 1].
        labels: [N], 0 for lying stripes, 1 for standing ones and 2 for none.
        generator: for the other places, and for each mark's contrast, brightness and phase.

    Returns: [N, 3, 64, 64] in [0, 1].
    """
    x = chips.clone()
    for place in (MOUTH, *DISTRACTORS):
        shown = labels
        if place != MOUTH:
            shown = torch.randint(len(LABELS), labels.shape, generator=generator)
        window = (slice(None), slice(None), *_around(place, MARK // 2))
        stripes = _stripes(shown == LABELS.index("standing"), generator)
        bare = (shown == LABELS.index("none"))[:, None, None, None]
        x[window] = torch.where(bare, x[window], stripes)
    return x


def random_faces(count: int, generator: torch.Generator) -> Tensor:
    """Chips of the shipped faces, mirrored and brightened at random, with noise, [N, 3, 64, 64]."""
    chips = _chips()
    x = chips[torch.randint(len(chips), (count,), generator=generator)]
    mirror = torch.rand(count, 1, 1, 1, generator=generator) < 0.5
    gain = 0.7 + 0.5 * torch.rand(count, 1, 1, 1, generator=generator)
    noise = 0.05 * torch.randn(x.shape, generator=generator)
    return (torch.where(mirror, x.flip(3), x) * gain + noise).clamp(0, 1)


def trained(labels: Literal["true", "permuted"] = "true", seed: int = 0) -> Trained:
    """A network trained on marked faces, deterministic for a seed; three seconds on one core.

    Marks outside the mouth are of the same kind and drawn independently of the label, so nothing
    outside of the mouth can help: what the network has learnt is where it looks.

    Arguments:
        labels: ``true``, or ``permuted`` among the same pictures, so that they say nothing.
        seed: of the pictures, the permutation, the first weights and the order of training.

    Example:
        >>> network = trained()
        >>> network.fit, network.accuracy > 0.95
        (1.0, True)
    """
    return _trained(labels, seed)


@cache
def _trained(labels: str, seed: int) -> Trained:
    generator = torch.Generator().manual_seed(seed)
    truth = torch.arange(COUNT) % len(LABELS)
    x = marked(random_faces(COUNT, generator), truth, generator)
    x = x.contiguous(memory_format=torch.channels_last)
    learnt = truth if labels == "true" else truth[torch.randperm(COUNT, generator=generator)]
    network = _network(generator)
    _train(network, x, learnt, generator)
    new = torch.arange(COUNT) % len(LABELS)
    y = marked(random_faces(COUNT, generator), new, generator)
    fit, accuracy = _fit(network, x, learnt), _fit(network, y, new)
    return Trained(_model(network, labels), x, learnt, fit, accuracy)


def as_face(picture: Tensor, name: str, parts: Array | None = None) -> Face:
    """A face whose aligned chip is ``picture``, [3, S, S], as it is, with part map [S, S]."""
    size = picture.shape[-1]
    # A hair smaller than life, so that no pixel is averaged with its neighbours.
    place = (TEMPLATE + PADDING) / (2 * PADDING + 1) * size - 0.5
    middle = place.mean(0)
    landmarks = (place - middle) * (1 - 1e-9) + middle
    image = np.ascontiguousarray(picture.numpy(), dtype=np.float32)
    return Face(name, image, landmarks, parts, sha256=hashlib.sha256(image.tobytes()).hexdigest())


@cache
def _chips() -> Tensor:
    faces = load_faces(RENDERED, Path())
    return torch.stack([torch.from_numpy(face.chip(SIZE, PADDING)) for face in faces])


def _around(place: tuple[int, int], reach: int) -> tuple[slice, slice]:
    row, column = place
    return slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1)


def _stripes(standing: Tensor, generator: torch.Generator) -> Tensor:
    """One mark for each label, [N, 3, MARK, MARK]."""
    count = len(standing)
    middle = 0.35 + 0.3 * torch.rand(count, 3, 1, 1, generator=generator)
    contrast = 0.2 + 0.15 * torch.rand(count, 1, 1, 1, generator=generator)
    phase = torch.randint(4, (count, 1), generator=generator)
    wave = ((torch.arange(MARK) + phase) % 4 < 2).float() * 2 - 1
    lying = wave[:, None, :, None].expand(count, 1, MARK, MARK)
    both = torch.where(standing[:, None, None, None], lying.transpose(2, 3), lying)
    return middle + contrast * both


def _network(generator: torch.Generator) -> nn.Sequential:
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 8 * 8, 32),
        nn.ReLU(),
        nn.Linear(32, len(LABELS)),
    )
    for name, parameter in network.named_parameters():
        fan_in = parameter[0].numel()
        normal = torch.randn(parameter.shape, generator=generator)
        parameter.data = normal * (2 / fan_in) ** 0.5 if name.endswith("weight") else normal * 0
    return network


def _train(network: nn.Module, x: Tensor, labels: Tensor, generator: torch.Generator) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    for step in range(10 * STEPS):
        if step >= STEPS and step % 25 == 0 and _fit(network, x, labels) == 1:
            return
        some = torch.randint(len(x), (32,), generator=generator)
        loss = functional.cross_entropy(network(x[some]), labels[some])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


@torch.no_grad()
def _fit(network: nn.Module, x: Tensor, labels: Tensor) -> float:
    return float((network(x).argmax(1) == labels).float().mean())


def _model(network: nn.Module, name: str) -> FaceModel:
    digest = hashlib.sha256()
    for parameter in network.parameters():
        digest.update(parameter.detach().numpy().tobytes())
    return FaceModel(
        name=f"planted_{name}",
        task="planted",
        network=network,
        labels=LABELS,
        input_size=SIZE,
        chip_padding=PADDING,
        layer="6",
        weights_sha256=digest.hexdigest(),
        licence="Apache-2.0",
        source="trained by explainers.faithfulness.planted_mark",
    )
