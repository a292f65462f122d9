"""Takes the network's knowledge away, layer by layer from the top: does the map change?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from explainers.explanation import Explainer, Explanation
from explainers.face import Array, Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.faithfulness.map_similarity import (
    rank_correlation,
    structural_similarity,
    unrelated,
)
from explainers.faithfulness.randomised import randomised, weighted_layers
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.target import Target


@dataclass(frozen=True)
class ParameterRandomization:
    """Model parameter randomization test, cascading from the top layer to the bottom.

    Source: Adebayo et al., Sanity Checks for Saliency Maps (2018), Section 3; survey, Section 2.5.
    Formula: with the top ``q`` of the layers randomised, the map ``H_q`` is compared with that of
    the trained network by Spearman's correlation of absolute values, ``rho_q = |rho(|H_0|,
    |H_q|)|``; the value is the mean over ``steps`` stages, of which the last has no trained layer
    left. A map that stays as it is shows the picture, not what the network makes of it.
    The baseline is what the map has in common with itself elsewhere, which is by chance.

    Randomised parameters keep their values in random order (`randomised`). The network is as it
    was afterwards.

    Arguments:
        steps: stages, at most one for each layer.
        draws: random places for the baseline.
        seed: of the orders and places.

    Returns: in [0, 1]. Curves over ``x``, the share of layers randomised: ``rank`` (rho_q),
    ``sign`` (the correlation of the values with their signs) and ``ssim``, each beginning with 1
    for the trained network. Details: ``layers``; ``last``, rho with no trained layer left; and
    ``flat``, the number of stages at which nothing was left to explain (the map is the same
    everywhere, its correlation 0, or 1 if it was so for the trained network too).
    Errors: Problems for parameters out of range or a network without parameters.

    Example:
        >>> ParameterRandomization(steps=5).better
        'lower'
    """

    better: ClassVar[Literal["higher", "lower"]] = "lower"
    needs: ClassVar[tuple[str, ...]] = ("explainer",)

    steps: int = 4
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "parameter_randomization")
        checks.whole("steps", least=1)
        checks.whole("draws", least=1)
        checks.whole("seed", least=0)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face,
        target: Target,
        explanation: Explanation,
        explainer: Explainer,
    ) -> Score:
        """Compare one map with those of the same network without its knowledge."""
        layers = weighted_layers(model)
        if not layers:
            raise Problems.one(
                f"model {model.name}", "has no parameters that could be randomised", "leave it out"
            )
        stages = range(1, self.steps + 1)
        counts = sorted({max(1, round(len(layers) * k / self.steps)) for k in stages})
        before = explanation.values
        alike, flat = [likeness(before, before)], 0
        for count in counts:
            with randomised(model.network, layers[-count:], self.seed):
                after = explainer(model, face, target).values
            alike.append(likeness(before, after))
            flat += int(after.min() == after.max())
        rank, sign, ssim = np.transpose(alike)
        rng = np.random.default_rng(self.seed)
        chance = [likeness(before, other)[0] for other in unrelated(before, self.draws, rng)]
        x = [0.0, *(count / len(layers) for count in counts)]
        curves = {"x": x, "rank": rank, "sign": sign, "ssim": ssim}
        return Score(
            float(rank[1:].mean()),
            baseline=float(np.mean(chance)),
            curve={name: tuple(map(float, curve)) for name, curve in curves.items()},
            details={"layers": len(layers), "last": float(rank[-1]), "flat": flat},
        )


def likeness(a: Array, b: Array) -> tuple[float, float, float]:
    """Rank correlation of magnitudes without its sign, that of the values, and SSIM.

    Two maps that are the same everywhere are alike: such a method shows nothing of the network.
    """
    if np.ptp(a) == np.ptp(b) == 0:
        return 1.0, 1.0, 1.0
    return (
        abs(rank_correlation(np.abs(a), np.abs(b))),
        rank_correlation(a, b),
        structural_similarity(a, b),
    )
