"""The activation of one unit inside a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from explainers.face_model import FaceModel
from explainers.problems import Problem, Problems


@dataclass(frozen=True)
class Unit:
    """The activation of one unit inside a network: a channel's mean, or one of its positions.

    Formula: ``mean_ij A_k(x)_ij``, or ``A_k(x)_ij`` where row and column are given; for a layer
    without a map ``A_k(x)``.

    Arguments:
        layer: as in ``model.layers()``.
        channel: k, from 0.
        row, column: the position in the map, from the top left; both or neither.

    Errors: Problems for a layer, channel or position that does not exist.

    Example:
        >>> import torch
        >>> from explainers.models import expression
        >>> Unit("dense1", channel=3)(expression.load(), torch.zeros(2, 3, 112, 112)).shape
        torch.Size([2])
    """

    words: ClassVar[str] = "channel {channel} of {layer}"

    layer: str
    channel: int
    row: int | None = None
    column: int | None = None

    def __call__(self, model: FaceModel, x: Tensor) -> Tensor:
        """The activation for each picture, [N, 3, S, S] → [N]."""
        activation = model.features(x, self.layer)
        self._check(model, activation)
        if activation.ndim == 2:
            return activation[:, self.channel]
        if self.row is None or self.column is None:
            return activation[:, self.channel].flatten(1).mean(1)
        return activation[:, self.channel, self.row, self.column]

    def _check(self, model: FaceModel, activation: Tensor) -> None:
        where = f"model {model.name}: {self.layer}"
        shape = list(activation.shape[1:])
        problems = []
        if (self.row is None) != (self.column is None):
            problems.append(Problem(where, "a position needs row and column", "give both"))
        elif self.row is not None and activation.ndim != 4:
            problems.append(Problem(where, "has no map, so no rows and columns", "leave them out"))
        places = {"channel": self.channel, "row": self.row, "column": self.column}
        for (name, value), size in zip(places.items(), shape, strict=False):
            if value is not None and not 0 <= value < size:
                problems.append(Problem(where, f"has no {name} {value}", f"write 0 to {size - 1}"))
        if problems:
            raise Problems(problems)
