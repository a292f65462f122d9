"""Truncated contrastive excitation backprop: contrast among the units that win most, for faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._excitation import excite, truncated
from explainers.target import Target, on_scale


@dataclass(frozen=True)
class TruncatedContrastiveExcitationBackprop:
    """tcEBP: the positive contrast, among the units that hold most of the winning probability.

    Source: Castanon & Byrne, Visualizing and Quantifying Discriminative Features for Face
    Recognition (2018); as in Williford et al., Explainable Face Recognition (2020); survey,
    Section 2.2.
    Formula: ``H = max(0, M (P - P'))`` with ``P`` and ``P'`` of sum 1, the probabilities of the
    target and of its dual (``contrastive_excitation_backprop``), and ``M = 0`` for the units with
    the least ``P`` that together hold ``percentile`` percent of it, else 1. So units that hardly
    excite the target cannot win by contrast alone.

    Arguments:
        layer: whose map is read and enlarged; "" for the picture, where black cannot win.
        percentile: how much of the target's probability is cut off, in percent.

    Returns: not negative, [S, S], sum 1. The checks hold the target's ``score``, the ``side`` of
    the map, ``conserved`` and ``conserved_dual``, and how much of the target's probability is more
    than its dual's at the units that are kept (``contrast``), from 0 to 1.
    Errors: as ``contrastive_excitation_backprop``; Problems for a percentile out of range.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> method = TruncatedContrastiveExcitationBackprop("dense1", percentile=20.0)
        >>> method(expression.load(), face, ClassScore("happy")).kind
        'unsigned'
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "unsigned"

    layer: str = ""
    percentile: float = 20.0

    def __post_init__(self) -> None:
        checks = Checks(self, "truncated_contrastive_excitation_backprop")
        checks.text("layer")
        checks.number("percentile", 0.0, 100.0)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Where the target's winners lie rather than its dual's, [S, S]."""
        method = "truncated_contrastive_excitation_backprop"
        excitation = excite(model, face, on_scale(target, "logit"), self.layer, method)
        winning, against = excitation.winning(), excitation.dual()
        contrast = truncated(winning, against, self.percentile)
        if progress is not None:
            progress(1, 1)
        checks = {
            "conserved": float(winning.sum()),
            "conserved_dual": float(against.sum()),
            "contrast": float(contrast.sum()),
        }
        return excitation.explanation(contrast, "unsigned", checks)
