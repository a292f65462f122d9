"""The number behind a model's classes, such as the age in years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from explainers.face_model import FaceModel
from explainers.problems import Problems


@dataclass(frozen=True)
class ExpectedValue:
    """The number behind a model's classes, such as the age in years.

    Source: Rothe, Timofte & Van Gool, Deep expectation of real and apparent age (2018).
    Formula: ``sum_c p_c v_c`` with the value ``v_c`` in the middle of class ``c``'s bin; a model
    that estimates the number itself (``FaceModel.value``) gives that.

    Arguments:
        values: the number that each class stands for, in the order of the classes; empty for a
            model that knows its number.

    Errors: Problems for a model that neither knows a number nor has one value for each class.

    Example:
        >>> from explainers.models import age
        >>> import torch
        >>> ExpectedValue()(age.load(), torch.zeros(1, 3, 112, 112)).shape
        torch.Size([1])
    """

    words: ClassVar[str] = "the expected value"

    values: tuple[float, ...] = ()

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The number for each picture, [N, 3, S, S] → [N]."""
        if not self.values:
            if model.value is None:
                raise Problems.one(
                    f"model {model.name}",
                    "has no number behind its classes",
                    "write values: [...] with the number that each class stands for",
                )
            return model.value(x)
        if len(self.values) != len(model.labels):
            raise Problems.one(
                f"model {model.name}",
                f"has {len(model.labels)} classes, {len(self.values)} values are given",
                "write one value for each class, in the order of the classes",
            )
        scores = model.scores(x)
        return scores @ scores.new_tensor(self.values)
