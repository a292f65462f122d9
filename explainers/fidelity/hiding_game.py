"""Hides (and reveals) the picture piece by piece, most salient first: how fast the score moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._hiding import (
    area,
    check_hiding,
    heat,
    random_ranks,
    ranks,
    remembered,
    scores,
)
from explainers.occluding.fill import Fill, behind
from explainers.parameter_checks import Checks
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class HidingGame:
    """Hiding game, also called pixel flipping, or insertion and deletion.

    Source: survey, Section 2.5; Bach et al., On Pixel-Wise Explanations (2015); Samek et al.,
    Evaluating the Visualization of What a Deep Neural Network Has Learned (2017), who hide small
    squares; Petsiuk et al., RISE (2018), for insertion and deletion.
    Formula: with the share ``q`` of cells that come first hidden in ``d_q`` and shown alone in
    ``s_q``, deletion ``D = int_0^1 f(d_q) dq``, insertion ``I = int_0^1 f(s_q) dq`` (trapezoidal
    rule) and the value ``I - D``. The order is by mean saliency in each cell, positive first;
    ties come in random order. The baseline is the mean of the same over ``repeats`` random orders;
    what they vary by is in the details.

    Arguments:
        steps: how many times something is hidden on the way from the whole picture to nothing.
        patch: side of the cells in pixels; 1 hides single pixels, whose pepper upsets a network by
            itself, whatever lies there.
        fill: what shows where the picture is hidden: itself out of focus (``blur``), its ``mean``
            colour, or one gray (``value``).
        value: the gray for ``fill: value``.
        sigma: of the blur, as a fraction of the picture's side.
        of: the scale on which a class is scored.
        repeats: random orders for the baseline.
        seed: of the random orders.
        batch: pictures in one forward pass.

    Returns: in the target's unit, for probabilities in [-1, 1]. Curves over ``x``: ``deletion``,
    ``insertion`` and the means ``random_deletion``, ``random_insertion``. Details: the areas under
    all four, and ``baseline_sd``, the standard deviation of the random orders' values.
    Errors: Problems for parameters out of range or an explanation that is no map.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.saliency.occlusion import Occlusion
        >>> from explainers.targets.class_score import ClassScore
        >>> model, (face,) = expression.load(), load_faces("rendered", None, ["f01"])
        >>> how, why = Occlusion(window=28, stride=28), ClassScore(model.predict(face).label)
        >>> game = HidingGame(steps=4, repeats=1)
        >>> score = game(model, face, why, how(model, face, why), how)
        >>> score.curve["x"]
        (0.0, 0.25, 0.5, 0.75, 1.0)
    """

    better: ClassVar[Literal["higher", "lower"]] = "higher"
    needs: ClassVar[tuple[str, ...]] = ()

    steps: int = 20
    patch: int = 8
    fill: Fill = "blur"
    value: float = 0.5
    sigma: float = 0.1
    of: Literal["probability", "logit", "log_odds"] = "probability"
    repeats: int = 5
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "hiding_game")
        checks.whole("steps", least=1)
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
        """Play the game with one map."""
        order = ranks(heat(explanation, model), self.patch, self.seed)
        share, own = self.play(model, face, target, [order])
        random = _by_chance(self, model, face, target)
        value, chance = (
            areas[:, 1] - areas[:, 0] for areas in (area(share, own), area(share, random))
        )
        by_chance = random.mean(0)
        named = {
            "deletion": own[0, 0],
            "insertion": own[0, 1],
            "random_deletion": by_chance[0],
            "random_insertion": by_chance[1],
        }
        return Score(
            float(value[0]),
            baseline=float(chance.mean()),
            curve={name: tuple(c.tolist()) for name, c in {"x": share, **named}.items()},
            details={
                **{name: float(area(share, curve)) for name, curve in named.items()},
                "baseline_sd": float(chance.std(correction=0)),
            },
        )

    def play(
        self, model: FaceModel, face: Face, target: Target, orders: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """The share hidden at each step, [K], and deletion and insertion of each order, [N, 2, K].

        Arguments:
            orders: the rank of each pixel, 0 for those that come first, [S, S] each.
        """
        x = model.prepare([face])
        under = behind(x, self.fill, self.value, self.sigma * x.shape[-1])
        counts = self._counts(int(orders[0].max()) + 1)
        hidden = torch.cat([self._hidden(order, counts) for order in orders]).flatten(0, 1)
        found = scores(model, on_scale(target, self.of), x, hidden, under, self.batch)
        return counts / counts[-1], found.reshape(len(orders), 2, len(counts))

    def _counts(self, pieces: int) -> Tensor:
        """How many cells have been hidden after each step; small pictures have fewer steps."""
        steps = torch.arange(self.steps + 1, dtype=torch.float64) * pieces / self.steps
        return torch.unique(steps.round())

    @staticmethod
    def _hidden(order: Tensor, counts: Tensor) -> Tensor:
        """What deletion and insertion hide at each step, bool, [2, K, S, S]."""
        first = order < counts[:, None, None]
        return torch.stack([first, ~first])


@remembered
def _by_chance(game: HidingGame, model: FaceModel, face: Face, target: Target) -> Tensor:
    """Curves of random orders, [repeats, 2, K]: the same for all methods that explain a face."""
    seeds = range(game.seed + 1, game.seed + 1 + game.repeats)
    orders = [random_ranks(model.input_size, game.patch, seed) for seed in seeds]
    return game.play(model, face, target, orders)[1]
