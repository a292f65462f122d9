"""Covers the same place in two faces and shows what makes the network find them alike or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.occluding.fill import behind
from explainers.occluding.occluded import hide
from explainers.problems import Problems
from explainers.saliency._window_checks import window_checks
from explainers.saliency.occlusion import Occlusion
from explainers.target import Target, embeddings
from explainers.targets.similarity import Similarity

LEARNED = 0.0069
"""The threshold for the shipped recognition network and the parameters' defaults. Learned with
`learn_threshold` at quantile 0.95 from photographs of the London Set (DeBruine & Jones, 2017), one
neutral and one smiling of each of 26 people. Of 25 other people's pairs 23 stay empty and 0.2 % of
the pixels remain; pairs of different people keep 40 % (the least 13 %)."""
LEARNED_FOR = "cabbbb601a317decdb886f1522fee7b669a699e25451fac74c93ee3dcc7855f5"
"""SHA-256 of that network's weights."""


@dataclass(frozen=True)
class PairwiseDifference:
    """Pairwise difference map: what hiding the same place in both faces does to their similarity.

    Source: Zhong & Deng, Deep Difference Analysis in Similar-looking Face Recognition (2018);
    survey, Section 2.1.
    Formula: ``H_p = cos(f(x), f(y)) - cos(f(x without p), f(y without p))`` with the aligned faces
    ``x`` and ``y``; a pixel's value is the mean over the windows that cover it, and 0 where that is
    not beyond the threshold. Positive: the place makes the faces alike. Negative: without it they
    are *more* alike, so the place tells the two apart.

    Hiding anything changes a cosine a little. The threshold is the change that is usual between two
    pictures of one person, so that such a pair shows nothing (`learn_threshold`).

    Arguments:
        window: side of the hidden square, in pixels of the network's input.
        stride: pixels from one window to the next, at most ``window``.
        fill: what a window shows: each picture's ``mean`` colour, one gray (``value``), or the
            picture itself out of focus (``blur``).
        value: the gray for ``fill: value``, 0 is black and 1 white.
        threshold: the change of the cosine that still counts as none; left out, the one learned for
            the shipped recognition network with the other parameters at their defaults.
        batch: how many covered pairs go through the network at once.

    Errors: Problems for parameters out of range, a target that is no similarity of two faces, and
    a threshold that was neither given nor learned.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> a, b = load_faces("rendered", None, ["f01", "f02"])
        >>> method = PairwiseDifference(window=75, stride=75, threshold=0.01)
        >>> method(recognition.load(), a, Similarity(b)).values.shape
        (150, 150)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"
    targets: ClassVar[tuple[str, ...]] = ("similarity",)

    window: int = 36
    stride: int = 12
    fill: Literal["mean", "value", "blur"] = "mean"
    value: float = 0.5
    threshold: float | None = None
    batch: int = 16

    def __post_init__(self) -> None:
        checks = window_checks(self, "pairwise_difference")
        if self.threshold is not None:
            checks.number("threshold")
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The change of the similarity of ``face`` to the target's other face, [S, S].

        The checks hold the ``similarity``, the ``threshold``, the fraction of pixels beyond it
        (``remains``), and the largest drop and rise before it was applied.
        """
        if face is None:
            raise ValueError("pairwise_difference explains a face")
        if not isinstance(target, Similarity):
            raise Problems.one(
                "pairwise_difference",
                f"compares two faces, so it cannot explain the target {type(target).__name__}",
                "use the target similarity with the other face, or the method occlusion",
            )
        threshold = self._threshold(model)
        changes, similarity = self.changes(model, face, target.other, progress)
        beyond = np.abs(changes) > threshold
        checks: dict[str, float | int | str] = {
            "similarity": similarity,
            "threshold": threshold,
            "remains": float(beyond.mean()),
            "largest_drop": float(changes.max()),
            "largest_rise": float(-changes.min()),
        }
        return Explanation(np.where(beyond, changes, np.float32(0)), "signed", checks)

    @torch.no_grad()
    def changes(
        self, model: FaceModel, face: Face, other: Face, progress: Progress | None = None
    ) -> tuple[npt.NDArray[np.float32], float]:
        """The map before the threshold, [S, S], and the similarity of the whole pictures."""
        pair = model.prepare([face, other])
        faces, size = (pair[:1], pair[1:]), pair.shape[-1]
        grid = Occlusion(self.window, self.stride)
        windows = grid.windows(size).to(pair.device)
        fills = [behind(x, self.fill, self.value, self.window / 2) for x in faces]
        cosines: list[Tensor] = []
        with evaluating(model.network):
            whole = self._cosines(model, *faces)
            for some in torch.split(torch.arange(len(windows), device=pair.device), self.batch):
                hidden = (hide(x, windows, y, some) for x, y in zip(faces, fills, strict=True))
                cosines.append(self._cosines(model, *hidden))
                if progress is not None:
                    progress(int(some[-1]) + 1, len(windows))
        drops = (whole - torch.cat(cosines))[None]
        return grid.average(drops, size)[0].cpu().numpy(), float(whole[0])

    @staticmethod
    def _cosines(model: FaceModel, one: Tensor, other: Tensor) -> Tensor:
        """The cosine of each pair, twice [N, 3, S, S] → [N]."""
        pictures = torch.cat([one, other]).contiguous(memory_format=torch.channels_last)
        first, second = embeddings(model, pictures).chunk(2)
        return (first * second).sum(1)

    def _threshold(self, model: FaceModel) -> float:
        if self.threshold is not None:
            return self.threshold
        free = ("threshold", "batch")
        usual = all(getattr(self, f.name) == f.default for f in fields(self) if f.name not in free)
        if usual and model.weights_sha256 == LEARNED_FOR:
            return LEARNED
        raise Problems.one(
            "pairwise_difference: threshold",
            f"none was learned for model {model.name} with these parameters",
            "give one: learn_threshold(model, pairs of pictures of one person each, explainer)",
        )


def learn_threshold(
    model: FaceModel,
    pairs: Sequence[tuple[Face, Face]],
    quantile: float = 0.95,
    explainer: PairwiseDifference | None = None,
) -> float:
    """The threshold below which pairs of pictures of the same person stay empty.

    Source: Zhong & Deng (2018), who learn it from positive pairs.
    Formula: the ``quantile`` over pairs of the largest absolute value of each pair's map, so that
    this fraction of the pairs shows nothing at all.

    Arguments:
        model: a recognition network.
        pairs: two pictures of one person each, as different as those that will be compared.
        quantile: the fraction of pairs that stay empty, in [0, 1].
        explainer: with the window, stride and fill that will be used; the defaults if left out.

    Errors: ValueError without pairs or for a quantile outside [0, 1].

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> coarse = PairwiseDifference(window=75, stride=75)
        >>> learn_threshold(recognition.load(), [(face, face)], explainer=coarse) < 1e-5
        True
    """
    if not pairs:
        raise ValueError("a threshold is learned from at least one pair of pictures")
    if not 0 <= quantile <= 1:
        raise ValueError(f"a quantile lies in [0, 1], not {quantile}")
    explainer = explainer or PairwiseDifference()
    peaks = [float(np.abs(explainer.changes(model, *pair)[0]).max()) for pair in pairs]
    return float(np.quantile(peaks, quantile))
