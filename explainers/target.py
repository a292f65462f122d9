"""The scalar that is explained, apart from how it is explained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from torch import Tensor

from explainers.face_model import FaceModel
from explainers.problems import Problems

Scale = Literal["logit", "probability"]


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

    Formula: ``f(x)_c``, or ``softmax(f(x))_c`` for a probability.

    Arguments:
        label: the class, by name or by its position in the scores.
        of: ``logit`` or ``probability``. Methods that need one of them choose it (``on_scale``).

    Errors: Problems for a class that the model does not have.

    Example:
        >>> ClassScore("happy", of="logit")
        ClassScore(label='happy', of='logit')
    """

    label: str | int
    of: Scale = "probability"

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The score of the class for each picture, [N, 3, S, S] → [N]."""
        scores = model.logits(x) if self.of == "logit" else model.scores(x)
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


def on_scale(target: Target, of: Scale) -> Target:
    """The same class on the scale that a method works with; other targets are as they are.

    Example:
        >>> on_scale(ClassScore("happy"), "logit").of
        'logit'
    """
    return replace(target, of=of) if isinstance(target, ClassScore) else target
