"""How much of the map's positive mass lies in the parts of the face where people expect it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._expected_parts import Parts, check_parts, expected, region
from explainers.fidelity._hiding import heat
from explainers.parameter_checks import Checks
from explainers.target import Target


@dataclass(frozen=True)
class EnergyPointingGame:
    """Energy form of the pointing game: the share of positive saliency in the expected parts.

    Source: Wang et al., Score-CAM (2020); survey, Section 2.5.
    Formula: ``sum of max(H_p, 0) over p in the parts / sum of max(H_p, 0)``; a map without positive
    values counts as one that is the same everywhere. The baseline is that: the parts' share of the
    picture.

    Arguments:
        parts: names of facial parts, or a mapping from class to names; empty takes those of the
            task, as in ``pointing_game``.

    Returns: in [0, 1].
    Errors: as ``pointing_game``.

    Example:
        >>> EnergyPointingGame(parts={"happy": ("mouth",)}).better
        'higher'
    """

    better: ClassVar[Literal["higher", "lower"]] = "higher"
    needs: ClassVar[tuple[str, ...]] = ("parts",)

    parts: Parts = ()

    def __post_init__(self) -> None:
        checks = Checks(self, "energy_pointing_game")
        check_parts(checks, self.parts)
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
        positive = heat(explanation, model).clamp(min=0)
        names = expected(self.parts, model, target)
        inside = region(face, model, names)
        share = float(inside.double().mean())
        total = float(positive.sum())
        value = float(positive[inside].sum()) / total if total > 0 else share
        return Score(value, baseline=share, details={"parts": ", ".join(names)})
