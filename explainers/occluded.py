"""What a network says about a picture when windows of it are hidden, at any positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.explanation import Progress
from explainers.face_model import FaceModel
from explainers.modes import evaluating

Behind = Tensor | Callable[[Tensor], Tensor]
"""What shows through the windows: one picture, [1, 3, S, S], for all of them; or a callable that
takes windows' numbers, int64 [n], and returns a picture for each, [n, 3, S, S], of which only what
lies inside the window matters."""
Scores = Callable[[Tensor], Tensor]
"""Any numbers that a network gives for pictures, [N, 3, S, S] → [N, K]."""


@dataclass(frozen=True, eq=False)
class OccludedScores:
    """What ``occluded_scores`` returns.

    Arguments:
        values: the scores with each window hidden, [P, K].
        whole: the scores of the whole picture, [K].
        checks: how they were computed, for ``Explanation.checks``: ``engine``.
    """

    values: Tensor
    whole: Tensor
    checks: dict[str, float | int | str]

    @property
    def drops(self) -> Tensor:
        """What hiding each window costs, ``whole - values``, [K, P]."""
        return (self.whole - self.values).T


@torch.no_grad()
def occluded_scores(
    model: FaceModel,
    x: Tensor,
    windows: Tensor,
    behind: Behind,
    scores: Scores,
    *,
    batch: int = 32,
    progress: Progress | None = None,
) -> OccludedScores:
    """The scores of a picture with one window hidden, for each window.

    Source: Zeiler & Fergus (2014); eq. 1.
    Formula: ``scores(x where the window does not cover it, behind where it does)``.

    Arguments:
        model: the model that ``scores`` runs; in evaluation mode meanwhile.
        x: one picture, [1, 3, S, S].
        windows: int64 [P, 4], top, left, height and width of each window in pixels; what lies
            outside the picture is cut off, and a window wholly outside hides nothing.
        behind: what shows through.
        scores: any numbers for a batch, such as the scores of all classes or one target.
        batch: how many pictures go through the network at once.
        progress: told (windows done, windows in all).

    Errors: ValueError for windows of another shape.

    Example:
        >>> from explainers.models import gender
        >>> model, x = gender.load(), torch.zeros(1, 3, 112, 112)
        >>> windows = torch.tensor([[0, 0, 56, 56], [56, 30, 80, 20]])
        >>> occluded_scores(model, x, windows, torch.ones_like(x), model.scores).values.shape
        torch.Size([2, 2])
    """
    if windows.ndim != 2 or windows.shape[1] != 4:
        raise ValueError(f"windows are [P, 4] (top, left, height, width), not {windows.shape}")
    windows = windows.to(x.device, torch.int64)
    with evaluating(model.network):
        # A copy each time: a network may change its input.
        whole = scores(x.clone())[0]
        values = _batched(x, windows, behind, scores, batch, progress)
    return OccludedScores(values, whole, {"engine": "batched"})


def hide(x: Tensor, windows: Tensor, behind: Behind, which: Tensor) -> Tensor:
    """The pictures with one window hidden each, [n, 3, S, S]; ``which`` are windows' numbers."""
    inside = [
        (pixels >= start[:, None]) & (pixels < (start + length)[:, None])
        for pixels, start, length in (
            (torch.arange(x.shape[-2], device=x.device), *windows[which][:, [0, 2]].T),
            (torch.arange(x.shape[-1], device=x.device), *windows[which][:, [1, 3]].T),
        )
    ]
    covered = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(covered, behind if isinstance(behind, Tensor) else behind(which), x)


def _batched(
    x: Tensor,
    windows: Tensor,
    behind: Behind,
    scores: Scores,
    batch: int,
    progress: Progress | None,
) -> Tensor:
    """Whole pictures, many at once, in the memory format that convolutions are fastest with."""
    values = []
    for some in torch.split(torch.arange(len(windows), device=x.device), batch):
        pictures = hide(x, windows, behind, some)
        values.append(scores(pictures.contiguous(memory_format=torch.channels_last)))
        if progress is not None:
            progress(int(some[-1]) + 1, len(windows))
    return torch.cat(values)
