"""A user's VGG16 from any torchvision checkpoint, whatever its linear layers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from explainers.face_model import FaceModel
from explainers.loading.checkpoint import file_sha256, read_checkpoint
from explainers.networks.layers import Standardise
from explainers.networks.vgg16 import PLAN, Vgg16, torchvision_names
from explainers.problems import Problem, Problems

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
CHANNELS = PLAN[-1][-1]


@dataclass(frozen=True)
class Head:
    """The linear layers that a checkpoint ends in: their names there, inputs and outputs."""

    names: tuple[str, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def grid(self) -> int:
        """Side of the map of 512 channels that the first linear layer sees."""
        return math.isqrt(self.inputs[0] // CHANNELS)


def load_vgg16(
    name: str,
    weights: Path,
    labels: Sequence[str],
    input_size: int = 224,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> FaceModel:
    """A VGG16 with the weights of a ``torchvision.models.vgg16``, with its own linear layers.

    The convolutions must be torchvision's (``features.0`` to ``features.28``); the linear layers,
    one or more below ``classifier`` or any other name, may have any sizes, with a ReLU between
    them, as long as the last has one output for each label.

    Arguments:
        name: what the study calls the model.
        weights: .safetensors, or .pt/.pth that holds weights alone.
        labels: the classes, in the order of the outputs.
        input_size: side of the input in pixels, at least 32.
        mean, std: of the colours in [0, 1], as in training.

    Errors: Problems with everything that does not fit.
    """
    tensors = read_checkpoint(weights)
    head = _head(tensors)
    problems = [
        *_trunk_problems(str(weights), tensors),
        *_head_problems(str(weights), head, tensors, f"models.{name}.labels", labels),
        *_other_problems(f"models.{name}", input_size, std),
    ]
    if problems:
        raise Problems(problems)
    standardise = Standardise([255 * m for m in mean], [255 * s for s in std])
    with torch.device("meta"):  # no random numbers for 138 million weights that are replaced
        network = Vgg16(standardise, head.grid, head.outputs)
    renamed = torchvision_names() | {old: f"fc{n}" for n, old in enumerate(head.names, 6)}
    state = {
        f"{new}.{part}": tensors[f"{old}.{part}"]
        for old, new in renamed.items()
        for part in ("weight", "bias")
        if f"{old}.{part}" in tensors
    }
    for old in head.names:  # a linear layer without bias is one with zeros
        state.setdefault(f"{renamed[old]}.bias", torch.zeros(len(tensors[f"{old}.weight"])))
    network.load_state_dict(state, assign=True)
    return FaceModel(
        name=name,
        task=name,
        network=network,
        labels=tuple(labels),
        input_size=input_size,
        chip_padding=0.25,
        layer="relu4_3",
        weights_sha256=file_sha256(weights),
        licence="",
        source=weights.name,
    )


def _head(tensors: dict[str, Tensor]) -> Head:
    """The linear layers in the order of their numbers, however deep they are nested."""
    linear = [
        key for key, tensor in tensors.items() if key.endswith(".weight") and tensor.ndim == 2
    ]
    linear.sort(key=lambda key: [int(number) for number in re.findall(r"\d+", key)])
    return Head(
        tuple(key.removesuffix(".weight") for key in linear),
        tuple(tensors[key].shape[1] for key in linear),
        tuple(tensors[key].shape[0] for key in linear),
    )


def _trunk_problems(where: str, tensors: dict[str, Tensor]) -> Iterable[Problem]:
    with torch.device("meta"):
        expected = Vgg16(nn.Identity(), 1, [1]).state_dict()
    wanted = {
        f"{old}.{part}": tuple(expected[f"{new}.{part}"].shape)
        for old, new in torchvision_names().items()
        for part in ("weight", "bias")
    }
    fix = "use a checkpoint of torchvision.models.vgg16 (without batch normalisation)"
    missing = [key for key in wanted if key not in tensors]
    if missing:
        yield Problem(where, f"lacks {_some(missing)}", fix)
    for key, shape in wanted.items():
        if key in tensors and tuple(tensors[key].shape) != shape:
            found = list(tensors[key].shape)
            yield Problem(where, f"{key} has shape {found}, not {list(shape)}", fix)
    unexpected = [key for key in tensors if key.startswith("features.") and key not in wanted]
    if unexpected:
        yield Problem(where, f"holds {_some(unexpected)}, which VGG16 does not have", fix)


def _head_problems(
    where: str, head: Head, tensors: dict[str, Tensor], at: str, labels: Sequence[str]
) -> Iterable[Problem]:
    fix = "the classifier must be linear layers with ReLU between them"
    if not head.names:
        yield Problem(where, "has no linear layer, so it puts out no classes", fix)
        return
    known = {f"{name}.{part}" for name in head.names for part in ("weight", "bias")}
    unexpected = [key for key in tensors if not key.startswith("features.") and key not in known]
    if unexpected:
        yield Problem(where, f"holds {_some(unexpected)}, which VGG16 does not have", fix)
    if CHANNELS * head.grid**2 != head.inputs[0] or head.grid == 0:
        what = f"{head.names[0]} takes {head.inputs[0]} numbers, not 512 x side x side"
        yield Problem(where, what, "the classifier must stand on VGG16's last pooling")
    for name, before, inputs in zip(head.names[1:], head.outputs, head.inputs[1:], strict=False):
        if before != inputs:
            what = f"{name} takes {inputs} numbers, but the layer before it gives {before}"
            yield Problem(where, what, fix)
    if len(labels) != head.outputs[-1]:
        what = f"there are {len(labels)} labels for {head.outputs[-1]} outputs of {head.names[-1]}"
        yield Problem(at, what, "write one label for each output, in their order")
    twice = sorted({label for label in labels if list(labels).count(label) > 1})
    if twice:
        yield Problem(at, f"the label '{twice[0]}' stands twice", "name each class differently")


def _other_problems(where: str, input_size: int, std: Sequence[float]) -> Iterable[Problem]:
    if input_size < 32:
        yield Problem(
            f"{where}.input_size", f"{input_size} px vanish in five poolings", "32 or more"
        )
    if min(std) <= 0:
        yield Problem(f"{where}.std", "must be above 0", f"write {list(IMAGENET_STD)}")


def _some(keys: Sequence[str]) -> str:
    rest = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return ", ".join(keys[:3]) + rest
