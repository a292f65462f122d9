"""Whether the attributions add up to the difference between picture and baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._hiding import heat, scores
from explainers.fidelity._scale import OWN, own_scale
from explainers.occluding.fill import FILLS, Fill, behind
from explainers.parameter_checks import Checks
from explainers.target import SCALES, Target


@dataclass(frozen=True)
class Completeness:
    """Completeness: how far the sum of attributions is from what they should explain.

    Source: survey, Section 2.5, axiom (iii); Sundararajan et al., Axiomatic Attribution for Deep
    Networks (2017).
    Formula: with ``s = sum of H_p`` and ``d = f(x) - f(baseline)``, ``|s - d| / (|s| + |d|)``: 0
    for a complete map, 1 for one of zeros or with the wrong sign. The baseline of the score is 1,
    a map of zeros.

    Arguments:
        fill: the baseline picture: one gray (``value``), the picture's ``mean`` colour, or itself
            out of focus (``blur``). It must be the one that the method explained against.
        value: the gray for ``fill: value``; 0 is black.
        sigma: of the blur, as a fraction of the picture's side.
        of: the scale on which a class is scored; ``own`` is the one that was explained.

    Returns: in [0, 1]. Details: ``sum`` and ``difference``.
    Errors: Problems for parameters out of range or an explanation that is no map.

    Example:
        >>> Completeness(fill="mean").better
        'lower'
    """

    better: ClassVar[Literal["higher", "lower"]] = "lower"
    needs: ClassVar[tuple[str, ...]] = ()

    fill: Fill = "value"
    value: float = 0.0
    sigma: float = 0.1
    of: Literal["own", "probability", "logit", "log_odds"] = "own"

    def __post_init__(self) -> None:
        checks = Checks(self, "completeness")
        checks.choice("fill", FILLS)
        checks.number("value", 0.0, 1.0)
        checks.number("sigma", 0.0, 1.0)
        checks.choice("of", (OWN, *SCALES))
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
        values = heat(explanation, model)
        x = model.prepare([face])
        under = behind(x, self.fill, self.value, self.sigma * x.shape[-1])
        hidden = torch.stack([torch.zeros_like(values), torch.ones_like(values)]).bool()
        found = scores(model, own_scale(target, explainer, self.of), x, hidden, under, 2)
        total, difference = float(values.sum()), float(found[0] - found[1])
        size = abs(total) + abs(difference)
        gap = abs(total - difference) / size if size > 0 else 0.0
        return Score(gap, baseline=1.0, details={"sum": total, "difference": difference})
