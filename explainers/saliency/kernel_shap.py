"""Shares a prediction out fairly among pieces of the picture, estimated from random samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._coalition_samples import sample_coalitions
from explainers.saliency._coalitions import Coalitions
from explainers.saliency._fill import PIECE_FILLS, check_fill
from explainers.saliency._segments import KINDS, segment
from explainers.target import SCALES, Target

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class KernelShap:
    """KernelSHAP: Shapley values of pieces of the picture by weighted least squares.

    Source: Lundberg & Lee, A Unified Approach to Interpreting Model Predictions (2017); paired
    samples: Covert & Lee, Improving KernelSHAP (2021); survey, Section 2.1.
    Formula: the ``phi`` with ``sum_i phi_i = f(all) - f(none)`` for which ``sum_S w(S) (f(S) -
    f(none) - sum_{i in S} phi_i)^2`` is least, ``w(S) = (n - 1) / (C(n, |S|) |S| (n - |S|))``.
    Coalitions of the sizes that weigh most (one piece, all but one, ...) are all used as far as
    ``samples`` suffices; the others are drawn, each together with its complement. When 2^n - 2 is
    not more than ``samples``, every coalition is used and the values are the exact ones.

    Arguments:
        segments: what the pieces are: ``superpixels`` of similar colour, facial ``parts``, or the
            squares of a ``grid``.
        pieces: about how many superpixels or squares.
        samples: how many coalitions go through the network, at least two for each piece.
        fill: what hidden pieces show: the picture's ``mean`` colour, one gray (``value``), the
            picture out of focus (``blur``), or colours that run on from each one's surroundings
            (``inpainted``), best for facial parts, whose outline one colour would show.
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` or ``logit``.
        seed: of the random coalitions.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, or a face without facial parts.

    Example:
        >>> shown, weights = sample_coalitions(players=10, samples=100, seed=0)
        >>> shown.shape, bool((shown[0::2] != shown[1::2]).all()), round(float(weights.sum()), 6)
        ((100, 10), True, 1.0)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    segments: Literal["superpixels", "parts", "grid"] = "superpixels"
    pieces: int = 50
    samples: int = 1000
    fill: Literal["mean", "value", "blur", "inpainted"] = "mean"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "kernel_shap")
        checks.choice("segments", KINDS)
        checks.whole("pieces", least=2)
        checks.whole("samples", least=2)
        check_fill(checks, PIECE_FILLS)
        checks.choice("of", SCALES)
        checks.whole("seed", least=0)
        checks.whole("batch", least=1)
        numbers = isinstance(self.samples, int) and isinstance(self.pieces, int)
        if numbers and self.segments != "parts" and 2 <= self.samples < 2 * self.pieces:
            checks.add(
                "samples",
                f"{self.samples} are too few for {self.pieces} pieces",
                f"write samples: {2 * self.pieces} or more, or fewer pieces",
            )
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The estimated Shapley value of each piece at its pixels, [S, S].

        The checks hold the target's value for the whole picture (``score``) and with every piece
        hidden (``baseline``), how far the values' sum is from the difference of the two
        (``efficiency_gap``), the number of ``pieces`` and of ``coalitions``, and whether those were
        all there are (``exact``).
        """
        if face is None:
            raise ValueError("kernel_shap explains a face")
        segments = segment(self.segments, model, face, self.pieces)
        players = len(segments.names)
        shown, weights = sample_coalitions(players, self.samples, self.seed)
        ends = np.array([[False] * players, [True] * players])
        game = Coalitions(self, model, face, target, segments)
        values = game.values(np.concatenate([ends, shown]), progress)
        shares = solve(shown, weights, values[2:], values[0], values[1])
        checks = {
            "score": float(values[1]),
            "baseline": float(values[0]),
            "efficiency_gap": float(abs(shares.sum() - (values[1] - values[0]))),
            "pieces": players,
            "coalitions": len(values),
            "exact": int(len(values) == 2**players),
        }
        return Explanation(segments.paint(shares), "signed", checks)


def solve(shown: Array, weights: Array, values: Array, none: float, every: float) -> Array:
    """The weighted least squares whose coefficients add up to ``every - none``, [n].

    Formula: ``phi = (c / n) 1 + d`` with ``c = every - none`` and ``d`` orthogonal to 1, so that
    the constraint is met whatever ``d``; ``d`` is the least-squares solution of least length for
    the centred rows ``z - |z| / n``, which are orthogonal to 1 themselves. That treats all players
    alike also where the samples do not determine ``d``.

    Arguments:
        shown: coalitions, bool, [N, n]; weights: theirs, [N]; values: what they are worth, [N].
    """
    share = shown.mean(1)
    roots = np.sqrt(weights)
    rows = (shown - share[:, None]) * roots[:, None]
    rest = (values - none - (every - none) * share) * roots
    difference, *_ = np.linalg.lstsq(rows, rest)
    return (every - none) / shown.shape[1] + difference
