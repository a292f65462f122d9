"""Which parts of the face people expect an explanation to point at, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.parts import part_numbers
from explainers.parameter_checks import Checks
from explainers.problems import Problems, suggest
from explainers.target import Target

EXPRESSION = {
    "happy": ("eyes", "cheeks", "mouth"),
    "sad": ("brows", "eyes", "mouth"),
    "angry": ("brows", "eyes", "mouth"),
    "fearful": ("brows", "eyes", "mouth"),
    "disgusted": ("nose", "mouth"),
    "surprised": ("brows", "eyes", "mouth"),
}
"""The parts whose muscles an expression moves: Ekman & Friesen, EMFACS (1983)."""

TASKS = {
    "recognition": ("brows", "eyes", "nose"),
    "gender": ("brows", "eyes", "nose", "mouth", "chin"),
    "age": ("forehead", "eyes", "cheeks", "mouth"),
}
"""Survey, Section 2.4 for recognition (eye-nose triangle, brows); wrinkles show age, brows and chin
gender (Bruce & Young, In the Eye of the Beholder, 1998)."""

Parts = tuple[str, ...] | Mapping[str, tuple[str, ...]]


def check_parts(checks: Checks, parts: Any) -> None:
    """The field ``parts`` holds names of parts, or such names for each class."""
    known = set(part_numbers()) - {"background"}
    lists = parts.values() if isinstance(parts, Mapping) else [parts]
    for some in lists:
        if isinstance(some, str) or not isinstance(some, list | tuple):
            checks.add("parts", f"must be a list of parts, not {some!r}", "write [eyes, mouth]")
            continue
        for name in some:
            if name not in known:
                checks.add("parts", f"unknown part {name!r}", suggest(str(name), known))


def expected(parts: Parts, model: FaceModel, target: Target) -> tuple[str, ...]:
    """The parts that count for one target.

    Errors: Problems where nothing is expected.
    """
    label = getattr(target, "label", "")
    if isinstance(label, int) and label < len(model.labels):
        label = model.labels[label]
    if isinstance(parts, Mapping):
        found = tuple(parts.get(label, ()))
    elif parts:
        found = tuple(parts)
    elif model.task == "expression":
        found = EXPRESSION.get(label, ())
    else:
        found = TASKS.get(model.task, ())
    if not found:
        what = f"nothing is expected of a map for {label or 'this target'} ({model.task})"
        raise Problems.one("fidelity: parts", what, "write parts: [eyes, mouth], say")
    return found


def region(face: Face, model: FaceModel, names: tuple[str, ...]) -> Tensor:
    """Where the parts lie on the network's input, bool, [S, S].

    Errors: Problems for a face whose parts are not known or not in the picture.
    """
    parts = face.chip_parts(model.input_size, model.chip_padding)
    if parts is None:
        raise Problems.one(
            f"face {face.id}", "has no part map", "load the faces with parts, or leave this out"
        )
    numbers = torch.tensor([part_numbers()[name] for name in names])
    inside = torch.isin(torch.from_numpy(parts.astype("int64")), numbers)
    if not bool(inside.any()):
        what = f"shows none of {', '.join(names)}"
        raise Problems.one(f"face {face.id}", what, "write other parts, or leave the face out")
    return inside
