"""A face of which some pieces are shown and the others hidden, and what a target says to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.occluding.fill import behind
from explainers.rounding import rounding
from explainers.saliency._fill import inpaint_each
from explainers.saliency._segments import Segments
from explainers.target import Scale, Target, on_scale

Array = npt.NDArray[Any]


class Settings(Protocol):
    """What every method that hides pieces of a face has among its parameters."""

    @property
    def fill(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def of(self) -> Scale: ...
    @property
    def batch(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Coalitions:
    """The game that Shapley values, KernelSHAP and LIME explain: pieces of one face as players.

    Arguments:
        settings: the method's fill, scale and batch size.
        model, face, target: what is explained.
        segments: the pieces.
    """

    settings: Settings
    model: FaceModel
    face: Face
    target: Target
    segments: Segments

    def values(self, shown: Array, progress: Progress | None = None) -> Array:
        """What the target says when only some pieces are shown, bool [N, n] → float64 [N]."""
        x = self.model.prepare([self.face])
        x = x.contiguous(memory_format=torch.channels_last)
        if self.settings.fill == "inpainted":
            back = inpaint_each(x, self.segments.labels)
        else:
            back = behind(x, self.settings.fill, self.settings.value)
        labels = torch.from_numpy(self.segments.labels).to(x.device)
        # The last column stands for the pixels of no piece (label -1), which always stay.
        open_ = np.concatenate([shown, np.ones((len(shown), 1), bool)], 1)
        rows = torch.from_numpy(open_).to(x.device)

        def pictures() -> Iterator[Tensor]:
            for some in torch.split(rows, self.settings.batch):
                yield torch.where(some[:, labels][:, None], x, back)

        target = on_scale(self.target, self.settings.of)
        return answers(self.model, target, pictures(), len(rows), progress)


def answers(
    model: FaceModel,
    target: Target,
    pictures: Iterator[Tensor],
    total: int,
    progress: Progress | None = None,
) -> Array:
    """What the target says to each of the pictures, batch after batch, float64, [total].

    All the same where they differ by no more than rounding.
    """
    said: list[Tensor] = []
    done = 0
    with evaluating(model.network), torch.no_grad():
        for batch in pictures:
            said.append(target(model, batch.contiguous(memory_format=torch.channels_last)))
            done += len(batch)
            if progress is not None:
                progress(done, total)
    values = torch.cat(said).double().cpu().numpy()
    return values if np.ptp(values) > rounding(values[0]) else np.full_like(values, values[0])
