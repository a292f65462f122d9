"""Masks what the map calls unimportant: a good map leaves the score as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._hiding import check_hiding, heat, random_ranks, ranks, scores
from explainers.occluding.fill import Fill, behind
from explainers.parameter_checks import Checks
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class MaskAndEvaluate:
    """Mask and evaluate in its general form: what the score loses without the unimportant rest.

    Source: survey, Section 2.5; Chattopadhyay et al., Grad-CAM++ (2018), "average drop". For faces
    the survey recommends ``mask_and_evaluate_faces``, because a face fills the picture.
    Formula: ``f(x) - f(x with all but the most salient share hidden)``. The baseline is the mean of
    the same over ``repeats`` random choices of the same size.

    Arguments:
        keep: the share of the picture that stays, the most salient cells.
        patch: side of the cells in pixels.
        fill: what shows instead: the picture out of focus (``blur``), its ``mean``, one gray
            (``value``).
        value: the gray for ``fill: value``.
        sigma: of the blur, as a fraction of the picture's side.
        of: the scale on which a class is scored.
        repeats: random choices for the baseline.
        seed: of the random choices.
        batch: pictures in one forward pass.

    Returns: in the target's unit; negative where the score rose. Details: ``score`` of the whole
    picture and ``hidden_score`` of the most salient share alone.
    Errors: Problems for parameters out of range or an explanation that is no map.

    Example:
        >>> MaskAndEvaluate(keep=0.2).better
        'lower'
    """

    better: ClassVar[Literal["higher", "lower"]] = "lower"
    needs: ClassVar[tuple[str, ...]] = ()

    keep: float = 0.3
    patch: int = 8
    fill: Fill = "blur"
    value: float = 0.5
    sigma: float = 0.1
    of: Literal["probability", "logit", "log_odds"] = "probability"
    repeats: int = 5
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "mask_and_evaluate")
        checks.number("keep", 0.0, 1.0)
        checks.choice("of", SCALES)
        checks.whole("patch", least=1)
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
        values, size = heat(explanation, model), model.input_size
        x = model.prepare([face])
        under = behind(x, self.fill, self.value, self.sigma * x.shape[-1])
        orders = [ranks(values, self.patch, self.seed)]
        orders += [random_ranks(size, self.patch, self.seed + 1 + n) for n in range(self.repeats)]
        stay = round(self.keep * (int(orders[0].max()) + 1))
        nothing = torch.zeros(1, size, size, dtype=torch.bool)
        hidden = torch.cat([nothing, torch.stack(orders) >= stay])
        found = scores(model, on_scale(target, self.of), x, hidden, under, self.batch)
        drops = found[0] - found[1:]
        return Score(
            float(drops[0]),
            baseline=float(drops[1:].mean()),
            details={
                "score": float(found[0]),
                "hidden_score": float(found[1]),
                "baseline_sd": float(drops[1:].std(correction=0)),
            },
        )
