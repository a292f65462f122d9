"""Masks what the map calls important, as much for every map: a good map makes the score drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._hiding import check_hiding, heat, scores
from explainers.occluding.fill import Fill, behind
from explainers.parameter_checks import Checks
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class MaskAndEvaluateFaces:
    """Mask and evaluate for faces: what the score loses when the important part is masked.

    Source: John, Balasubramanian & Jawahar, Canonical Saliency Maps (2021); survey, Section 2.5.
    Formula: the positive part of the heat map at sum 1, ``h_p``, becomes a mask
    ``m_p = min(1, c h_p)`` with ``c`` such that ``mean(m) = hide``: every map hides the same
    amount, so none gains by covering a large area. The value is ``f(x) - f((1 - m) x + m b)`` with
    the picture ``b`` that shows instead. The baseline is the mean over ``repeats`` of the same mask
    moved to random places (around the border), which keeps its shape.

    Arguments:
        hide: the share of the picture that is masked, as a sum over pixels.
        fill: what shows instead: the picture out of focus (``blur``), its ``mean``, one gray
            (``value``).
        value: the gray for ``fill: value``.
        sigma: of the blur, as a fraction of the picture's side.
        of: the scale on which a class is scored.
        repeats: random places for the baseline.
        seed: of the random places.
        batch: pictures in one forward pass.

    Returns: in the target's unit. Details: ``score`` of the whole picture, ``hidden_score`` and
    ``hidden``, the share that could be masked (less than ``hide`` when fewer pixels are positive).
    Errors: Problems for parameters out of range or an explanation that is no map.

    Example:
        >>> mask_of(torch.tensor([[3.0, 1.0], [0.0, -2.0]]), hide=0.25).tolist()
        [[0.75, 0.25], [0.0, 0.0]]
    """

    better: ClassVar[Literal["higher", "lower"]] = "higher"
    needs: ClassVar[tuple[str, ...]] = ()

    hide: float = 0.1
    fill: Fill = "blur"
    value: float = 0.5
    sigma: float = 0.1
    of: Literal["probability", "logit", "log_odds"] = "probability"
    repeats: int = 10
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "mask_and_evaluate_faces")
        checks.number("hide", 0.0, 1.0)
        checks.choice("of", SCALES)
        check_hiding(checks)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face,
        target: Target,
        explanation: Explanation,
        explainer: Explainer,
    ) -> Score:
        """Measure one map."""
        mask = mask_of(heat(explanation, model), self.hide)
        x = model.prepare([face])
        under = behind(x, self.fill, self.value, self.sigma * x.shape[-1])
        moves = torch.randint(
            len(mask),
            (self.repeats, 2),
            generator=torch.Generator().manual_seed(self.seed),
        )
        moved = [torch.roll(mask, move, (0, 1)) for move in moves.tolist()]
        masks = torch.stack([torch.zeros_like(mask), mask, *moved])
        found = scores(model, on_scale(target, self.of), x, masks, under, self.batch)
        drops = found[0] - found[1:]
        return Score(
            float(drops[0]),
            baseline=float(drops[1:].mean()),
            details={
                "score": float(found[0]),
                "hidden_score": float(found[1]),
                "hidden": float(mask.mean()),
                "baseline_sd": float(drops[1:].std(correction=0)),
            },
        )


def mask_of(values: Tensor, hide: float) -> Tensor:
    """The mask in [0, 1] that is proportional to the map's positive part and has mean ``hide``.

    Pixels that reach 1 stay there and the others share what is left. With ``k`` such pixels ``c``
    is (budget - k) over the sum of the others; the right ``k`` is the first for which none of the
    others passes 1. All positive pixels are masked where they are fewer than the budget.
    """
    positive = values.clamp(min=0).flatten()
    budget = hide * len(positive)
    largest, _ = positive.sort(descending=True)
    if budget >= int((positive > 0).sum()):
        return (values > 0).to(values.dtype)
    rest = largest.flip(0).cumsum(0).flip(0)
    full = torch.arange(len(largest), dtype=values.dtype)
    factor = (budget - full) / rest.clamp(min=torch.finfo(values.dtype).tiny)
    fits = (full < budget) & (factor * largest <= 1 + 1e-12)
    scale = factor[int(fits.int().argmax())]
    return (positive * scale).clamp(max=1).reshape(values.shape)
