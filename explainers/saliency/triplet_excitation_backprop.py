"""Triplet excitation backprop: what in a face makes it match its mate and not a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from explainers.explanation import Explanation, Kind, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.saliency._excitation import excite, shares, truncated
from explainers.target import Target, embeddings
from explainers.targets.triplet import Triplet

CONTRASTS = ("none", "contrastive", "truncated")


@dataclass(frozen=True)
class TripletExcitationBackprop:
    """Triplet EBP: excitation backprop that starts from a probe's embedding.

    Source: Williford, May & Byrne, Explainable Face Recognition (2020); survey, Section 2.2.
    Formula: with embeddings ``m`` of the mate and ``n`` of the non-mate at unit length, the probe's
    embedding ``e`` is classified by ``e . m`` and ``e . n``, two units on top of the network. The
    triplet loss ``e . n - e . m`` has the negative gradient ``m - n``, where excitation starts
    (``none``); or it starts at ``m`` and at ``n`` and their probabilities are contrasted, as they
    are (``contrastive``: ``P_m - P_n``) or where the mate's are large (``truncated``: as
    ``truncated_contrastive_excitation_backprop``). A start is scaled to absolute sum 1; where it is
    negative, the embedding's unit starts with negated weights.

    Arguments:
        layer: whose map is read and enlarged; "" for the picture, where black cannot win.
        contrast: ``none``, ``contrastive`` or ``truncated``.
        percentile: for ``truncated``: how much of the mate's probability is cut off, in percent.

    Returns: [S, S], absolute sum 1; signed if ``contrastive``, else not negative. The checks hold
    the triplet's ``score``, the ``side`` of the map and the probability that reached it
    (``conserved``).
    Errors: Problems for any target but a triplet, for a network whose last layer is not what it
    puts out, and as ``excitation_backprop``.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> a, b, c = load_faces("rendered", None, ["f01", "f02", "f03"])
        >>> method = TripletExcitationBackprop("conv64_3", contrast="truncated")
        >>> method(recognition.load(), a, Triplet(mate=b, non_mate=c)).values.shape
        (150, 150)
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"
    targets: ClassVar[tuple[str, ...]] = ("triplet",)

    layer: str = ""
    contrast: Literal["none", "contrastive", "truncated"] = "truncated"
    percentile: float = 20.0

    def __post_init__(self) -> None:
        checks = Checks(self, "triplet_excitation_backprop")
        checks.text("layer")
        checks.choice("contrast", CONTRASTS)
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
        """Where the probe is like its mate rather than like the non-mate, [S, S]."""
        method = "triplet_excitation_backprop"
        if not isinstance(target, Triplet):
            raise Problems.one(
                f"{method}: target",
                f"must be a triplet of faces, not {type(target).__name__}",
                "write a triplet with mate and non_mate, or use excitation_backprop",
            )
        excitation = excite(model, face, target, self.layer, method)
        with torch.no_grad(), evaluating(model.network):
            both = embeddings(model, model.prepare([target.mate, target.non_mate]))
        mate, other = both[:1], both[1:]
        if excitation.last is None or excitation.gradient.shape != mate.shape:
            raise Problems.one(
                f"model {model.name}",
                "does not put out what its last layer of weights puts out, where a triplet starts",
                "use excitation_backprop, contrastive or not, with the same target",
            )
        kind: Kind = "unsigned"
        if self.contrast == "none":
            values = winning = excitation.winning(mate - other)
        else:
            winning, against = excitation.winning(mate), excitation.winning(other)
            if self.contrast == "truncated":
                values = truncated(winning, against, self.percentile)
            else:
                values, kind = shares(winning) - shares(against), "signed"
        if progress is not None:
            progress(1, 1)
        return excitation.explanation(values, kind, {"conserved": float(winning.sum())})
