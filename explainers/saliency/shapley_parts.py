"""Shares a prediction out fairly among the facial parts (exact Shapley values)."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.saliency._coalitions import Coalitions
from explainers.saliency._fill import PIECE_FILLS, check_fill
from explainers.saliency._segments import check_parts, facial_parts
from explainers.target import SCALES, Target

Array = npt.NDArray[Any]
MOST = 12
"""The most players: 4096 coalitions."""


@dataclass(frozen=True)
class ShapleyParts:
    """Exact Shapley values of the facial parts.

    Source: Shapley, A Value for n-Person Games (1953); Lundberg & Lee, A Unified Approach to
    Interpreting Model Predictions (2017); survey, Section 2.1, eq. 2.
    Formula: ``phi_i = sum_S |S|! (n - |S| - 1)! / n! (f(S + i) - f(S))`` over all sets ``S`` of the
    other parts, where ``f(S)`` is the target's value for the picture with only the parts in ``S``
    shown. The value of a part stands at all its pixels. The values of all parts add up to
    ``f(all) - f(none)``. 2^n pictures go through the network.

    Arguments:
        parts: which facial parts are players, at most 12; when empty all of face and head. All
            else always stays.
        fill: what hidden parts show: colours that run on from each one's surroundings
            (``inpainted``), the picture's ``mean`` colour, one gray (``value``), or the picture out
            of focus (``blur``). One colour leaves the outline of a part to be seen.
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` or ``logit``.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, or a face without any of the parts.

    Example:
        >>> shapley_values(np.array([0.0, 1.0, 2.0, 5.0]))  # none, a, b, a and b
        array([2., 3.])
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    parts: tuple[str, ...] = ()
    fill: Literal["inpainted", "mean", "value", "blur"] = "inpainted"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "shapley_parts")
        check_parts(checks, self.parts)
        check_fill(checks, PIECE_FILLS)
        checks.choice("of", SCALES)
        checks.whole("batch", least=1)
        checks.done()
        object.__setattr__(self, "parts", tuple(dict.fromkeys(self.parts)))
        if len(self.parts) > MOST:
            raise Problems.one(
                "shapley_parts: parts",
                f"names {len(self.parts)} parts; exact values of more than {MOST} take too long",
                f"name {MOST} or fewer, or use kernel_shap",
            )

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The Shapley value of each part at its pixels, [S, S]; 0 outside the parts.

        The checks hold the target's value for the whole picture (``score``) and with every part
        hidden (``baseline``), how far the values' sum is from the difference of the two
        (``efficiency_gap``), the number of ``coalitions``, and each part's value.
        """
        if face is None:
            raise ValueError("shapley_parts explains a face")
        segments = facial_parts(model, face, self.parts)
        coalitions = all_coalitions(len(segments.names))
        game = Coalitions(self, model, face, target, segments)
        values = game.values(coalitions, progress)
        shares = shapley_values(values)
        checks = {
            "score": float(values[-1]),
            "baseline": float(values[0]),
            "efficiency_gap": float(abs(shares.sum() - (values[-1] - values[0]))),
            "coalitions": len(coalitions),
        } | {f"part_{name}": float(s) for name, s in zip(segments.names, shares, strict=True)}
        return Explanation(segments.paint(shares), "signed", checks)


def all_coalitions(players: int) -> Array:
    """Every set of players, bool, [2^n, n]; bit ``i`` of a row's number tells of player ``i``.

    Example:
        >>> all_coalitions(2).astype(int).tolist()
        [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return (np.arange(2**players)[:, None] >> np.arange(players)) % 2 == 1


def shapley_values(values: Array) -> Array:
    """The Shapley value of each player from the value of every coalition, [2^n] → [n]; eq. 2.

    Arguments:
        values: in the order of ``all_coalitions``.
    """
    players = int(np.log2(len(values)))
    sizes = all_coalitions(players).sum(1)
    weights = np.array([1 / (players * comb(players - 1, s)) for s in range(players)])
    shares = []
    for player in range(players):
        without = (np.arange(len(values)) >> player) % 2 == 0
        joined = np.flatnonzero(without) + 2**player
        shares.append((weights[sizes[without]] * (values[joined] - values[without])).sum())
    return np.array(shares)
