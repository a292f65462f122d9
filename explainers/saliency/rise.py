"""Hides the picture behind many random soft masks and averages those that keep the prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.occluding.fill import behind
from explainers.parameter_checks import Checks
from explainers.rounding import rounding
from explainers.saliency._fill import check_fill
from explainers.saliency._soft_masks import (
    MaskedFace,
    agreement,
    batches,
    check_cells,
    random_shifts,
    soft_masks,
)
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class Rise:
    """RISE: randomized input sampling for explanation.

    Source: Petsiuk, Das & Saenko, RISE: Randomized Input Sampling for Explanation of Black-box
    Models (2018), eq. 6; survey, Section 2.5.1.
    Formula: ``1 / (N p) sum_k (f(x under M_k) - b) M_k``; a mask ``M_k`` is a grid of ``cells`` x
    ``cells`` whose cells are shown with probability ``p``, enlarged bilinearly and shifted at
    random. With ``b = 0`` that is the paper's, the mean answer where a pixel is shown, which is
    much the same everywhere; with the mean of all answers as ``b`` (``centred``), 0 stands for a
    pixel that makes no difference and negative values speak against the target.

    Arguments:
        samples: how many masks; the more cells, the more are needed.
        cells: of a mask, in each direction.
        keep: the probability ``p`` that a cell is shown.
        centred: whether the mean answer is taken off.
        fill: what shows through the masks: the picture's ``mean`` colour, one gray (``value``), or
            the picture out of focus (``blur``).
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` or ``logit``.
        seed: of the masks.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, or more cells than pixels.

    Example:
        >>> Rise(samples=500).keep
        0.5
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    samples: int = 2000
    cells: int = 7
    keep: float = 0.5
    centred: bool = True
    fill: Literal["mean", "value", "blur"] = "mean"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "rise")
        checks.whole("samples", least=2)
        checks.whole("cells", least=2)
        checks.number("keep", 0.01, 0.99)
        checks.flag("centred")
        check_fill(checks)
        checks.choice("of", SCALES)
        checks.whole("seed", least=0)
        checks.whole("batch", least=1)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """How much more the target says where a pixel is shown, [S, S].

        The checks hold the target's value for the whole picture (``score``) and on average under
        the masks (``mean``), the number of ``masks``, and the correlation of the maps from every
        second mask and from the others (``agreement``): with a low one, take more ``samples``.
        """
        if face is None:
            raise ValueError("rise explains a face")
        x = model.prepare([face])
        check_cells("rise", self.cells, x.shape[-1])
        masked = MaskedFace(
            model, on_scale(target, self.of), x, behind(x, self.fill, self.value), self.samples + 1,
            progress,
        )  # fmt: skip
        score = float(masked.ask(torch.ones_like(x[:, 0])))
        said, shown = x.new_zeros(2, *x.shape[2:]), x.new_zeros(2, *x.shape[2:])
        total, counts = x.new_zeros(2, dtype=torch.float64), x.new_zeros(2)
        generator = torch.Generator().manual_seed(self.seed)
        done = 0
        for count in batches(self.samples, self.batch):
            masks = self.masks(count, x.shape[-1], generator).to(x.device)
            # Measured from the whole picture's, so that equal answers leave nothing.
            answers = masked.ask(masks) - score
            answers = answers.where(answers.abs() > rounding(score), 0.0)
            for half in (0, 1):
                mine = slice((done + half) % 2, None, 2)
                said[half] += torch.tensordot(answers[mine], masks[mine], 1)
                shown[half] += masks[mine].sum(0)
                total[half] += answers[mine].double().sum()
                counts[half] += len(answers[mine])
            done += count
        mean = float(total.sum() / self.samples)
        offsets = total / counts if self.centred else torch.full_like(total, -score)
        halves = said - offsets[:, None, None].float() * shown
        offset = mean if self.centred else -score
        values = (said.sum(0) - offset * shown.sum(0)) / (self.keep * self.samples)
        checks = {
            "score": score,
            "mean": score + mean,
            "masks": self.samples,
            "agreement": agreement(halves / counts[:, None, None]),
        }
        return Explanation(values.cpu().numpy(), "signed", checks)

    def masks(self, count: int, size: int, generator: torch.Generator) -> torch.Tensor:
        """The next ``count`` masks, 1 where the picture is shown, [count, size, size]."""
        grids = torch.rand(count, self.cells, self.cells, generator=generator) < self.keep
        shifts = random_shifts(count, size, self.cells, generator)
        return soft_masks(grids.float(), shifts, size)
