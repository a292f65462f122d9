"""Fits a simple model to the network's answers when random pieces of the picture are hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._coalitions import Coalitions
from explainers.saliency._fill import PIECE_FILLS, check_fill
from explainers.saliency._segments import KINDS, segment
from explainers.target import SCALES, Target

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Lime:
    """LIME: a linear model of the prediction around the picture.

    Source: Ribeiro, Singh & Guestrin, "Why Should I Trust You?": Explaining the Predictions of Any
    Classifier (2016); survey, Section 2.1.
    Formula: the ``w`` for which ``sum_k pi_k (f(z_k) - b - w z_k)^2 + ridge |w|^2`` is least. Each
    entry of ``z_k`` in {0, 1} tells whether a piece is shown, with probability 1/2; the first ``z``
    is the whole picture. ``pi_k = exp(-d_k^2 / (2 width^2))`` with the cosine distance ``d_k`` of
    ``z_k`` to the whole picture, ``1 - sqrt(|z_k| / n)``. The value of a piece stands at all its
    pixels.

    Arguments:
        segments: what the pieces are: ``superpixels`` of similar colour, facial ``parts``, or the
            squares of a ``grid``.
        pieces: about how many superpixels or squares.
        samples: how many pictures go through the network.
        kernel_width: the smaller, the more the picture's close surroundings count.
        ridge: how much large coefficients are held back.
        fill: what hidden pieces show: the picture's ``mean`` colour, one gray (``value``), the
            picture out of focus (``blur``), or colours that run on from each one's surroundings
            (``inpainted``), best for facial parts, whose outline one colour would show.
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` or ``logit``.
        seed: of the random pictures.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, or a face without facial parts.

    Example:
        >>> shown = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])
        >>> weights, offset = weighted_ridge(shown, shown @ [2.0, -1.0] + 3, np.ones(4), ridge=0.0)
        >>> weights.round(6).tolist(), round(offset, 6)
        ([2.0, -1.0], 3.0)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    segments: Literal["superpixels", "parts", "grid"] = "superpixels"
    pieces: int = 50
    samples: int = 1000
    kernel_width: float = 0.25
    ridge: float = 1.0
    fill: Literal["mean", "value", "blur", "inpainted"] = "mean"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "lime")
        checks.choice("segments", KINDS)
        checks.whole("pieces", least=2)
        checks.whole("samples", least=2)
        checks.number("kernel_width", 1e-3)
        checks.number("ridge", 0.0)
        check_fill(checks, PIECE_FILLS)
        checks.choice("of", SCALES)
        checks.whole("seed", least=0)
        checks.whole("batch", least=1)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The coefficient of each piece at its pixels, [S, S].

        The checks hold the target's value for the whole picture (``score``), what the linear model
        says to it (``predicted``), the share of the weighted variance that the linear model
        explains (``r2``), its ``intercept``, and the numbers of ``pieces`` and ``samples``.
        """
        if face is None:
            raise ValueError("lime explains a face")
        segments = segment(self.segments, model, face, self.pieces)
        shown = self.neighbours(len(segments.names))
        values = Coalitions(self, model, face, target, segments).values(shown, progress)
        closeness = self.closeness(shown)
        # Measured from the first, so that equal values leave nothing, not even rounding.
        weights, rest = weighted_ridge(shown, values - values[0], closeness, self.ridge)
        intercept = float(values[0]) + rest
        fitted = shown @ weights + intercept
        mean = np.average(values, weights=closeness)
        spread = (closeness * (values - mean) ** 2).sum()
        missed = (closeness * (values - fitted) ** 2).sum()
        checks = {
            "score": float(values[0]),
            "predicted": float(fitted[0]),
            "r2": float(1 - missed / spread) if spread > 0 else 1.0,
            "intercept": intercept,
            "pieces": len(segments.names),
            "samples": len(shown),
        }
        return Explanation(segments.paint(weights), "signed", checks)

    def neighbours(self, pieces: int) -> Array:
        """Which pieces are shown in each picture, bool, [samples, pieces]; all in the first one."""
        shown = np.random.default_rng(self.seed).random((self.samples, pieces)) < 0.5
        shown[0] = True
        return shown

    def closeness(self, shown: Array) -> Array:
        """How much each picture counts, in (0, 1], [samples]."""
        distance = 1 - np.sqrt(shown.mean(1))
        return np.exp(-(distance**2) / (2 * self.kernel_width**2))


def weighted_ridge(rows: Array, values: Array, weights: Array, ridge: float) -> tuple[Array, float]:
    """Coefficients [n] and intercept of a weighted ridge regression; the intercept is free.

    Formula: with weighted means taken off, ``(Z' W Z + ridge I)^-1 Z' W y``; the solution of least
    length where ``ridge`` is 0 and the samples do not determine it.
    """
    share = weights / weights.sum()
    centre, level = share @ rows, float(share @ values)
    roots = np.sqrt(weights)[:, None]
    matrix = np.concatenate([(rows - centre) * roots, np.sqrt(ridge) * np.eye(rows.shape[1])])
    right = np.concatenate([(values - level) * roots[:, 0], np.zeros(rows.shape[1])])
    coefficients, *_ = np.linalg.lstsq(matrix, right)
    return coefficients, level - float(centre @ coefficients)
