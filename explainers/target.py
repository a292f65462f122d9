"""The scalar that is explained, apart from how it is explained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

import torch
from torch import Tensor

from explainers.face_model import FaceModel
from explainers.problems import Problems

Scale = Literal["logit", "probability", "log_odds"]
SCALES: tuple[Scale, ...] = get_args(Scale)


class Target(Protocol):
    """Any callable of a model and a batch: ``target(model, x)``, [N, 3, S, S] → [N].

    Differentiable in ``x``. A target is a frozen dataclass of plain values, because it is part of
    what an explanation's content hash is made of.
    """

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The explained number for each picture of the batch."""
        ...


@dataclass(frozen=True)
class ClassScore:
    """The score of one class; what Section 7 of the survey explains.

    Formula: ``f(x)_c`` for a logit, ``p_c = softmax(f(x))_c`` for a probability and
    ``log p_c / (1 - p_c)`` for log-odds.

    Arguments:
        label: the class, by name or by its position in the scores.
        of: ``logit``, ``probability`` or ``log_odds``. Methods that need one of them choose it
            (``on_scale``).

    Errors: Problems for a class that the model does not have.

    Example:
        >>> ClassScore("happy", of="logit")
        ClassScore(label='happy', of='logit')
    """

    label: str | int
    of: Scale = "probability"

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The score of the class for each picture, [N, 3, S, S] → [N]."""
        scores = class_scores(model, x, self.of)
        return scores[:, self.index(model, scores.shape[1])]

    def index(self, model: FaceModel, classes: int) -> int:
        """The position of the class among ``classes`` scores."""
        if isinstance(self.label, str):
            return model.index(self.label)
        if not 0 <= self.label < classes:
            raise Problems.one(
                f"model {model.name}",
                f"has no class {self.label}",
                f"its classes are 0 to {classes - 1}",
            )
        return self.label


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


def on_scale(target: Target, of: Scale) -> Target:
    """The same class on the scale that a method works with; other targets are as they are.

    Example:
        >>> on_scale(ClassScore("happy"), "logit").of
        'logit'
    """
    return replace(target, of=of) if isinstance(target, ClassScore) else target
