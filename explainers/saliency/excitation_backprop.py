"""Excitation backprop: which units win, if each passes its win on to what excited it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.saliency._excitation import excite
from explainers.target import Target, on_scale


@dataclass(frozen=True)
class ExcitationBackprop:
    """EBP: the probability that a unit wins when winners are drawn from the target downwards.

    Source: Zhang et al., Top-down Neural Attention by Excitation Backprop (2016); survey, eq. 3.
    Formula: ``P(a_j) = sum_i P(a_j | a_i) P(a_i)`` with ``P(a_j | a_i) = w_ij a_j / sum_k w_ik
    a_k`` over positive weights; 0 for the others. A unit with a negative value cannot win. The
    first layer is excited by the picture's difference from black. Branches that are added share by
    their positive values, and batch normalisation is part of the layer before it.

    The start is the gradient of the target at the output of the last layer of weights, scaled to
    absolute sum 1: for a class that is 1 for its logit and 0 for the others. Where the gradient is
    negative, the unit's dual starts, which has the negated weights: what speaks against the unit.
    So the map does not depend on the sign that training happened to give a number of an embedding.
    A target that reads the picture on several ways, such as a unit inside a residual block, starts
    at itself.

    Arguments:
        layer: whose map is read and enlarged; "" for the picture, where black cannot win. The paper
            reads a layer in the middle (a pooling), where maps are smoother.

    Returns: not negative, [S, S], sum 1, colour channels or the layer's channels summed. The checks
    hold the target's ``score``, the ``side`` of the map, and the sum of probabilities that reached
    it (``conserved``): 1 unless units were excited by their bias or by negative units alone.
    Errors: Problems for a network without layers of weights, a layer that does not exist, has no
    map or is not reached, and a target that does not change with the picture.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> explanation = ExcitationBackprop("dense1")(expression.load(), face, ClassScore("happy"))
        >>> round(float(explanation.values.sum()), 4)
        1.0
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "unsigned"

    layer: str = ""

    def __post_init__(self) -> None:
        checks = Checks(self, "excitation_backprop")
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
        """Where winners of the target lie, [S, S]."""
        target = on_scale(target, "logit")
        excitation = excite(model, face, target, self.layer, "excitation_backprop")
        winning = excitation.winning()
        if progress is not None:
            progress(1, 1)
        return excitation.explanation(winning, "unsigned", {"conserved": float(winning.sum())})
