"""The score of one class: what Section 7 of the survey explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.target import SCALES, class_index, class_scores


@dataclass(frozen=True)
class ClassScore:
    """The score of one class; what Section 7 of the survey explains.

    Formula: ``f(x)_c`` for a logit, ``p_c = softmax(f(x))_c`` for a probability and
    ``log p_c / (1 - p_c)`` for log-odds.

    Arguments:
        label: the class, by name or by its position in the scores.
        of: ``logit``, ``probability`` or ``log_odds``. Methods that need one of them choose it
            (``on_scale``).

    Errors: Problems for a class that the model does not have, and for another scale.

    Example:
        >>> ClassScore("happy", of="logit")
        ClassScore(label='happy', of='logit')
    """

    words: ClassVar[str] = "{label}"

    label: str | int
    of: Literal["probability", "logit", "log_odds"] = "probability"

    def __post_init__(self) -> None:
        checks = Checks(self, "class_score")
        checks.choice("of", SCALES)
        checks.done()

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The score of the class for each picture, [N, 3, S, S] → [N]."""
        scores = class_scores(model, x, self.of)
        return scores[:, class_index(model, self.label, scores.shape[1])]
