"""Whether the map's largest value lies in the parts of the face where people expect it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._expected_parts import Parts, check_parts, expected, region
from explainers.fidelity._hiding import heat
from explainers.parameter_checks import Checks
from explainers.target import Target


@dataclass(frozen=True)
class PointingGame:
    """Pointing game: does the largest value lie in the parts that are expected?

    Source: Zhang et al., Top-Down Neural Attention by Excitation Backprop (2016); survey,
    Section 2.5, which warns that nobody knows whether the network looks where people expect.
    Formula: 1 if the largest value lies at most ``tolerance`` pixels from the parts, else 0; where
    several pixels are equally large, the share of them that do. The baseline is the share of the
    picture that counts as hit: what a map with its largest value anywhere gets on average.

    Arguments:
        parts: names of facial parts, or a mapping from class to names; empty takes those of the
            task: for an expression the parts whose muscles make it, for recognition eyes, nose and
            brows, for age and gender those that are said to show them.
        tolerance: in pixels of the network's input (largest of the distances in x and y).

    Returns: in [0, 1]; mean over faces: the rate of hits.
    Errors: Problems for unknown parts, a face without part map, or a target of which nothing is
    expected, such as a neutral expression.

    Example:
        >>> PointingGame(parts=("eyes", "mouth")).needs
        ('parts',)
    """

    better: ClassVar[Literal["higher", "lower"]] = "higher"
    needs: ClassVar[tuple[str, ...]] = ("parts",)

    parts: Parts = ()
    tolerance: int = 2

    def __post_init__(self) -> None:
        checks = Checks(self, "pointing_game")
        check_parts(checks, self.parts)
        checks.whole("tolerance", least=0)
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
        names = expected(self.parts, model, target)
        inside = region(face, model, names).float()[None, None]
        reach = self.tolerance
        near = torch.nn.functional.max_pool2d(inside, 2 * reach + 1, 1, reach)[0, 0]
        largest = values == values.max()
        row, column = torch.nonzero(largest)[0].tolist()
        return Score(
            float(near[largest].mean()),
            baseline=float(near.mean()),
            details={"parts": ", ".join(names), "row": row, "column": column},
        )
