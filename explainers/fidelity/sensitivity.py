"""Whether the attribution of hidden pieces follows what the score loses without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._hiding import cells, check_hiding, heat, remembered, scores
from explainers.fidelity._scale import OWN, own_scale
from explainers.occluding.fill import Fill, behind
from explainers.parameter_checks import Checks
from explainers.target import SCALES, Target


@dataclass(frozen=True)
class Sensitivity:
    """Sensitivity: does an attribution reflect what the output changes without the feature?

    Source: survey, Section 2.5, axiom (i), after Sundararajan et al., Axiomatic Attribution for
    Deep Networks (2017); measured as sensitivity-n of Ancona et al., Towards Better Understanding
    of Gradient-Based Attribution Methods (2018). How much a map moves when the picture hardly does
    is another matter: ``max_sensitivity``.
    Formula: Pearson's correlation, over ``repeats`` random sets ``A`` of ``n`` cells, of
    ``sum of H_p over A`` with ``f(x) - f(x with A hidden)``. The baseline is 0, what a map that has
    nothing to do with the picture gets on average.

    Arguments:
        share: of the cells that a set holds, ``n`` over their number; at least one.
        patch: side of the cells in pixels.
        fill: what shows where a cell is hidden: the picture out of focus (``blur``), its ``mean``,
            one gray (``value``).
        value: the gray for ``fill: value``.
        sigma: of the blur, as a fraction of the picture's side.
        of: the scale on which a class is scored; ``own`` is the one that was explained.
        repeats: random sets.
        seed: of the random sets.
        batch: pictures in one forward pass.

    Returns: in [-1, 1]; 0 where the map or the score does not vary.
    Errors: Problems for parameters out of range or an explanation that is no map.

    Example:
        >>> round(correlation(torch.tensor([1.0, 2, 3]), torch.tensor([2.0, 4, 6])), 6)
        1.0
    """

    better: ClassVar[Literal["higher", "lower"]] = "higher"
    needs: ClassVar[tuple[str, ...]] = ()

    share: float = 0.1
    patch: int = 8
    fill: Fill = "blur"
    value: float = 0.5
    sigma: float = 0.1
    of: Literal["own", "probability", "logit", "log_odds"] = "own"
    repeats: int = 100
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "sensitivity")
        checks.number("share", 0.0, 1.0)
        checks.whole("patch", least=1)
        checks.choice("of", (OWN, *SCALES))
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
        values = heat(explanation, model)
        drops = _drops(self, model, face, own_scale(target, explainer, self.of))
        sums = (self.sets(len(values)) * values).sum((1, 2))
        return Score(correlation(sums, drops), baseline=0.0, details={"sets": len(drops)})

    def sets(self, size: int) -> Tensor:
        """The random sets, bool, [repeats, S, S]."""
        cell = cells(size, self.patch)
        count = int(cell.max()) + 1
        wanted = min(max(round(self.share * count), 1), count)
        generator = torch.Generator().manual_seed(self.seed)
        order = torch.rand(self.repeats, count, generator=generator).argsort(1)
        chosen = torch.zeros(self.repeats, count, dtype=torch.bool)
        return chosen.scatter(1, order[:, :wanted], True)[:, cell]


@remembered
def _drops(metric: Sensitivity, model: FaceModel, face: Face, target: Target) -> Tensor:
    """What the score loses without each set, [repeats]: the same for all methods on a scale."""
    x = model.prepare([face])
    under = behind(x, metric.fill, metric.value, metric.sigma * x.shape[-1])
    whole = torch.zeros(1, model.input_size, model.input_size, dtype=torch.bool)
    hidden = torch.cat([whole, metric.sets(model.input_size)])
    found = scores(model, target, x, hidden, under, metric.batch)
    return found[0] - found[1:]


def correlation(a: Tensor, b: Tensor) -> float:
    """Pearson's correlation, [N] and [N]; 0 where one of them varies no more than by rounding."""
    varied = []
    for values in (a.double(), b.double()):
        deviations = values - values.mean()
        if float(deviations.norm()) <= 1e-12 * float(values.norm()):
            return 0.0
        varied.append(deviations / deviations.norm())
    return float(varied[0] @ varied[1])
