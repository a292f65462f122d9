"""The score of one class less that of another: why this and not that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.target import SCALES, class_index, class_scores


@dataclass(frozen=True)
class ClassDifference:
    """The score of one class less that of another: why this and not that.

    Formula: ``f(x)_c - f(x)_d``; of logits it is the logarithm of how many times more probable
    ``c`` is than ``d``.

    Arguments:
        label: the class ``c``, by name or by its position in the scores.
        against: the class ``d``.
        of: ``logit``, ``probability`` or ``log_odds``.

    Errors: Problems for a class that the model does not have, and for another scale.

    Example:
        >>> ClassDifference("happy", against="neutral").of
        'logit'
    """

    words: ClassVar[str] = "{label} rather than {against}"

    label: str | int
    against: str | int
    of: Literal["probability", "logit", "log_odds"] = "logit"

    def __post_init__(self) -> None:
        checks = Checks(self, "class_difference")
        checks.choice("of", SCALES)
        if self.label == self.against:
            checks.add("against", f"is {self.label!r} itself", "name another class")
        checks.done()

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The difference for each picture, [N, 3, S, S] → [N]."""
        scores = class_scores(model, x, self.of)
        label, against = (
            class_index(model, name, scores.shape[1]) for name in (self.label, self.against)
        )
        return scores[:, label] - scores[:, against]
