"""Trains a small network on labels that say nothing: does the map change?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness import planted_mark as mark
from explainers.faithfulness.fidelity_score import Score
from explainers.faithfulness.map_similarity import unrelated
from explainers.fidelity.parameter_randomization import likeness
from explainers.parameter_checks import Checks
from explainers.target import Target
from explainers.targets.class_difference import ClassDifference


@dataclass(frozen=True)
class DataRandomization:
    """Data randomization test: labels that say nothing must give other maps.

    Source: Adebayo et al., Sanity Checks for Saliency Maps (2018), Section 4; survey, Section 2.5.
    Formula: one small network learns which mark faces have on the mouth, another the same pictures
    with permuted labels, both until they know them by heart (`planted_mark.trained`). The maps of
    both for the class of the mark are compared by Spearman's correlation of absolute values, ``|rho
    (|H|, |H'|)|``; the value is its mean over pictures.
    The baseline is what the maps have in common with themselves elsewhere, which is by chance.

    This rates the method: model, face and target of the explanation do not matter, because such a
    network cannot be trained again here. The method's parameters are used as they are, on
    64 pixels.

    Arguments:
        pictures: marked faces that are explained.
        draws: random places for the baseline, for each picture.
        seed: of the networks, pictures and places.

    Returns: in [0, 1]. Details: the same with signs (``sign``) and by SSIM (``ssim``), and which
    share of their own pictures (``fit_true``, ``fit_permuted``) and of new ones (``accuracy_true``,
    ``accuracy_permuted``) the networks know.
    Errors: Problems for parameters out of range, and what the method says of such a network.

    Example:
        >>> DataRandomization(pictures=2).needs
        ('explainer',)
    """

    better: ClassVar[Literal["higher", "lower"]] = "lower"
    needs: ClassVar[tuple[str, ...]] = ("explainer",)

    pictures: int = 4
    draws: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "data_randomization")
        checks.whole("pictures", least=1)
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
        """Compare the method's maps of the two networks."""
        true, permuted = (mark.trained("true", self.seed), mark.trained("permuted", self.seed))
        rng = np.random.default_rng(self.seed)
        alike, chance = [], []
        numbers = [n for n, kind in enumerate(true.labels.tolist()) if mark.LABELS[kind] != "none"]
        for number in numbers[: self.pictures]:
            shown = mark.as_face(true.x[number].contiguous(), f"marked-{self.seed}-{number}")
            why = ClassDifference(mark.LABELS[int(true.labels[number])], against="none")
            maps = [explainer(network.model, shown, why).values for network in (true, permuted)]
            alike.append(likeness(maps[0], maps[1]))
            chance += [likeness(maps[0], m)[0] for m in unrelated(maps[0], self.draws, rng)]
        rank, sign, ssim = np.mean(alike, 0)
        return Score(
            float(rank),
            baseline=float(np.mean(chance)),
            details={
                "sign": float(sign),
                "ssim": float(ssim),
                "fit_true": true.fit,
                "fit_permuted": permuted.fit,
                "accuracy_true": true.accuracy,
                "accuracy_permuted": permuted.accuracy,
            },
        )
