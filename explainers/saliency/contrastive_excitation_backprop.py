"""Contrastive excitation backprop: what excites the target less what excites its opposite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._excitation import excite, shares
from explainers.target import Target, on_scale


@dataclass(frozen=True)
class ContrastiveExcitationBackprop:
    """cEBP: winning probabilities of the target less those of its dual.

    Source: Zhang et al., Top-down Neural Attention by Excitation Backprop (2016), Section 3.4;
    survey, Section 2.2.
    Formula: ``H = P / sum P - P' / sum P'``, where ``P'`` are the winning probabilities of the
    target's dual, whose weights in the last layer are the negated ones. Because probabilities
    depend linearly on the start, it is the same to subtract at any layer.

    Arguments:
        layer: whose map is read and enlarged; "" for the picture, where black cannot win.

    Returns: signed, [S, S], absolute sum 1; positive speaks for the target. The checks hold the
    target's ``score``, the ``side`` of the map, the probability that reached it from the target
    and from its dual (``conserved``, ``conserved_dual``), and the total variation distance of the
    two maps (``distance``): 0 if they are the same, 1 if no unit wins in both.
    Errors: as ``excitation_backprop``, and Problems for a target that is not read from one last
    layer.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> method = ContrastiveExcitationBackprop("dense1")
        >>> method(expression.load(), face, ClassScore("happy")).kind
        'signed'
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    layer: str = ""

    def __post_init__(self) -> None:
        checks = Checks(self, "contrastive_excitation_backprop")
        checks.text("layer")
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
        target = on_scale(target, "logit")
        excitation = excite(model, face, target, self.layer, "contrastive_excitation_backprop")
        winning, against = excitation.winning(), excitation.dual()
        difference = shares(winning) - shares(against)
        if progress is not None:
            progress(1, 1)
        checks = {
            "conserved": float(winning.sum()),
            "conserved_dual": float(against.sum()),
            "distance": float(difference.abs().sum() / 2),
        }
        return excitation.explanation(difference, "signed", checks)
