"""Covers one part of the face after the other and shows how much the prediction drops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.occluding.inpainting import inpaint
from explainers.occluding.occluded import Behind, OccludedScores, Scores, occluded_scores
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.target import SCALES, Target, class_scores, on_scale


@dataclass(frozen=True)
class Occlusion:
    """Occlusion saliency: what the prediction loses when a part of the picture is hidden.

    Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks (2014); eq. 1.
    Formula: ``H_p = f(x) - f(x with the window at p hidden)``; the value of a pixel is the mean of
    ``H_p`` over the windows that cover it. Windows start at 0, stride, 2 stride, ... until one
    reaches the border, where it is cut off; that is Captum's convention too, and the values are
    equal to Captum's. Positive: the part speaks for the class; negative: against it.

    Arguments:
        window: side of the hidden square, in pixels of the network's input.
        stride: pixels from one window to the next, at most ``window``.
        fill: what a window shows: the picture's ``mean`` colour, one gray (``value``), the
            picture itself out of focus (``blur``), or nothing but a smooth continuation of what
            is around the window (``inpainted``).
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` (which shows
            more where the network is sure) or ``logit`` (of the class alone).
        batch: how many covered pictures go through the network at once.

    Errors: Problems for parameters out of range, or a window larger than the picture.

    Example:
        >>> from explainers.models import expression
        >>> Occlusion(window=56, stride=56).maps(expression.load(), torch.zeros(3, 112, 112)).shape
        torch.Size([7, 112, 112])
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    window: int = 24
    stride: int = 6
    fill: Literal["mean", "value", "blur", "inpainted"] = "mean"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    batch: int = 16

    def __post_init__(self) -> None:
        checks = Checks(self, "occlusion")
        checks.whole("window", least=1)
        checks.whole("stride", least=1)
        checks.choice("fill", ("mean", "value", "blur", "inpainted"))
        checks.number("value", 0.0, 1.0)
        checks.choice("of", SCALES)
        checks.whole("batch", least=1)
        whole = isinstance(self.stride, int) and isinstance(self.window, int)
        if whole and self.stride > self.window > 0:
            checks.add(
                "stride",
                f"{self.stride} is larger than the window ({self.window}), so some pixels would "
                "never be covered",
                f"write stride: {self.window} or less",
            )
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """How much the target drops when each pixel is hidden, [S, S].

        The checks hold the target's value for the whole picture (``score``), the largest and
        smallest drop of any window, the number of windows, and how they were computed.
        """
        if face is None:
            raise ValueError("occlusion explains a face")
        scaled = on_scale(target, self.of)
        x = model.prepare([face])
        occluded = self._sweep(model, x, lambda x: scaled(model, x)[:, None], progress)
        drops = occluded.drops
        checks = {
            "score": float(occluded.whole[0]),
            "largest_drop": float(drops.max()),
            "smallest_drop": float(drops.min()),
            "windows": drops.shape[1],
            **occluded.checks,
        }
        return Explanation(self.average(drops, x.shape[-1])[0].cpu().numpy(), "signed", checks)

    def sweep(self, model: FaceModel, x: Tensor, progress: Progress | None = None) -> Tensor:
        """The drop of *every* class at each position in one sweep, [3, S, S] → [C, positions].

        Positions run row by row from the top left.
        """
        x = x.reshape(1, *x.shape[-3:])
        return self._sweep(model, x, lambda x: class_scores(model, x, self.of), progress).drops

    def maps(self, model: FaceModel, x: Tensor, progress: Progress | None = None) -> Tensor:
        """The saliency of every class from one sweep, [3, S, S] → [C, S, S]."""
        return self.average(self.sweep(model, x, progress), x.shape[-1])

    def corners(self, size: int) -> tuple[int, ...]:
        """Where windows start along one side of ``size`` pixels; the last reaches the border.

        Example:
            >>> Occlusion(window=3, stride=2).corners(8)
            (0, 2, 4, 6)
        """
        if self.window > size:
            raise Problems.one(
                "occlusion: window",
                f"{self.window} is larger than the picture ({size} pixels)",
                f"write window: {size} or less",
            )
        count = math.ceil((size - self.window) / self.stride) + 1
        return tuple(index * self.stride for index in range(count))

    def average(self, drops: Tensor, size: int) -> Tensor:
        """Each pixel's mean over the windows that cover it, [C, positions] → [C, size, size].

        Spreading a value over a square is a transposed convolution with ones, so all windows of
        all classes are summed at once.
        """
        side = len(self.corners(size))
        ones = drops.new_ones(1, 1, self.window, self.window)
        # Windows cover a little more than the picture where the last one is cut off.
        total = functional.conv_transpose2d(
            drops.reshape(-1, 1, side, side), ones, stride=self.stride
        )
        count = functional.conv_transpose2d(
            drops.new_ones(1, 1, side, side), ones, stride=self.stride
        )
        return (total / count)[:, 0, :size, :size]

    def windows(self, size: int) -> Tensor:
        """Top, left, height and width of each window, row by row, int64 [positions, 4].

        Example:
            >>> Occlusion(window=3, stride=2).windows(5).tolist()
            [[0, 0, 3, 3], [0, 2, 3, 3], [2, 0, 3, 3], [2, 2, 3, 3]]
        """
        starts = torch.tensor(self.corners(size))
        corners = torch.cartesian_prod(starts, starts)
        return torch.cat([corners, torch.full_like(corners, self.window)], dim=1)

    def hidden(self, x: Tensor) -> Behind:
        """What shows through the windows: a picture [1, 3, S, S], or one for each window."""
        if self.fill == "value":
            return torch.full_like(x, self.value)
        if self.fill == "mean":
            return x.mean((2, 3), keepdim=True).expand_as(x)
        if self.fill == "blur":
            return blur(x, sigma=self.window / 2)
        size, windows = x.shape[-1], self.windows(x.shape[-1]).tolist()

        def inpainted(which: Tensor) -> Tensor:
            cut = [
                (top, left, min(height, size - top), min(width, size - left))
                for top, left, height, width in (windows[number] for number in which.tolist())
            ]
            return torch.cat([inpaint(x, window) for window in cut])

        return inpainted

    def _sweep(
        self, model: FaceModel, x: Tensor, scores: Scores, progress: Progress | None
    ) -> OccludedScores:
        """``scores``, [N, 3, S, S] → [N, K], with each window hidden."""
        windows, behind = self.windows(x.shape[-1]), self.hidden(x)
        return occluded_scores(
            model, x, windows, behind, scores, batch=self.batch, progress=progress
        )


def blur(x: Tensor, sigma: float) -> Tensor:
    """Out of focus: a Gaussian of standard deviation ``sigma`` pixels, the border repeated."""
    reach = min(math.ceil(3 * sigma), x.shape[-1] - 1)
    offsets = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    weights = torch.exp(-(offsets**2) / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(x.shape[1], 1, 1, -1)
    padded = functional.pad(x, [reach] * 4, mode="replicate")
    across = functional.conv2d(padded, weights, groups=x.shape[1])
    return functional.conv2d(across, weights.transpose(2, 3), groups=x.shape[1])
