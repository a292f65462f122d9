"""The scalar that is explained, apart from how it is explained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, Protocol, get_args

import torch
from torch import Tensor, nn

from explainers.face_model import FaceModel
from explainers.problems import Problems

Scale = Literal["logit", "probability", "log_odds"]
SCALES: tuple[Scale, ...] = get_args(Scale)


class Target(Protocol):
    """Any callable of a model and a batch: ``target(model, x)``, [N, 3, S, S] → [N].

    Differentiable in ``x``. A target is a frozen dataclass of plain values and faces, because it
    is part of what an explanation's content hash is made of. ``explainers/targets/`` holds one
    kind in a file.
    """

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The explained number for each picture of the batch."""
        ...


def class_index(model: FaceModel, label: str | int, classes: int) -> int:
    """The position of a class, by name or by position, among ``classes`` scores.

    Errors: Problems for a class that the model does not have.
    """
    if isinstance(label, str) and not model.labels:
        raise Problems.one(
            f"model {model.name}",
            f"has no classes (its task is {model.task})",
            "explain another target, such as similarity or unit",
        )
    if isinstance(label, str):
        return model.index(label)
    if not 0 <= label < classes:
        raise Problems.one(
            f"model {model.name}", f"has no class {label}", f"its classes are 0 to {classes - 1}"
        )
    return label


def class_scores(model: FaceModel, x: Tensor, of: Scale) -> Tensor:
    """The scores of all classes, [N, 3, S, S] → [N, C].

    A probability near 1 hides how sure the network is, a logit says nothing without those of the
    other classes. Log-odds do neither: ``f_c - log sum exp`` of the other classes' ``f``.

    Example:
        >>> from explainers.models import gender
        >>> x = torch.zeros(1, 3, 112, 112)
        >>> male, female = class_scores(gender.load(), x, "log_odds")[0].tolist()
        >>> male == -female
        True
    """
    if of == "probability":
        return model.scores(x)
    logits = model.logits(x)
    if of == "logit":
        return logits
    itself = torch.eye(logits.shape[1], dtype=torch.bool, device=logits.device)
    others = logits[:, None].masked_fill(itself, -torch.inf).logsumexp(2)
    return logits - others


def embeddings(model: FaceModel, x: Tensor) -> Tensor:
    """The direction of what the network puts out, at unit length, [N, 3, S, S] → [N, C]."""
    return nn.functional.normalize(model.logits(x), dim=1)


def on_scale(target: Target, of: Scale) -> Target:
    """The same target on the scale that a method works with; one without scales is as it is.

    Example:
        >>> from explainers.targets.class_score import ClassScore
        >>> on_scale(ClassScore("happy"), "logit")
        ClassScore(label='happy', of='logit')
    """
    scaled: Any = target
    return replace(scaled, of=of) if hasattr(target, "of") else target
