"""Faces with one part of another person: does the map find the part that makes the difference?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch

from explainers.explanation import Explainer, Explanation
from explainers.face import Array, Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.face_names import RENDERED
from explainers.faithfulness.fidelity_score import Score
from explainers.faithfulness.inpainted_triplets import InpaintedTriplet, inpainted_triplets
from explainers.fidelity._expected_parts import check_parts
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.target import Target


@dataclass(frozen=True)
class InpaintingGame:
    """Inpainting game for faces, with operating curves.

    Source: Williford, May & Byrne, Explainable Face Recognition (2020), Section 5; survey, Section
    2.5. A probe, its mate and an inpainted non-mate, which is the mate with one part of another
    person, are explained by `Triplet`. Pixels count as found when their saliency is above a
    threshold; they are taken from the probe's inpainted twin, and the network says whether this
    blend is still the mate or already the non-mate.
    Formula: the curve's abscissa ``x`` is the false alarm rate, the share of pixels found among
    those that are equal in both pictures; its ordinate ``identity`` the share of triplets whose
    blend became the non-mate; the value is the area under it. Thresholds are set for each map so
    that false alarm rates are ``(k / steps)^2``; pixels of equal saliency come in random order.
    The curve ``hits`` is the share of the exchanged pixels that were found.

    The measured explanation serves only as a reminder of the method: each triplet gets its own.
    The triplets are those that this network tells apart (`inpainted_triplets`).

    Arguments:
        parts: what is exchanged, one at a time.
        margin: the least difference of cosines with which the network tells probe and twin.
        each: triplets for each face and part.
        donors: faces (with part maps) whose parts are taken; empty: the shipped ones.
        steps: thresholds.
        repeats: random maps for the baseline.
        seed: of random maps and of the order of equal pixels.
        batch: pictures in one forward pass.

    Returns: areas in [0, 1]. Details: ``triplets``, the area under ``hits`` (``hits_area``) and the
    ordinate at a false alarm rate of 5 % (``identity_at_5_percent``).
    Errors: Problems for parameters out of range, faces without part maps, or when there is no part
    by which the network tells this face and another one.

    Example:
        >>> from explainers.models import recognition
        >>> from explainers.saliency.occlusion import Occlusion
        >>> model, faces = recognition.load(), load_faces(RENDERED, Path(), ["f01", "f02"])
        >>> how, game = Occlusion(window=50, stride=50), InpaintingGame(("nose",), donors=faces)
        >>> (triplet,) = game.triplets(model, faces[0])
        >>> map = how(model, triplet.probe, triplet.target)
        >>> 0 <= game(model, faces[0], triplet.target, map, how).value <= 1
        True
    """

    better: ClassVar[Literal["higher", "lower"]] = "higher"
    needs: ClassVar[tuple[str, ...]] = ("explainer", "faces", "parts")

    parts: tuple[str, ...] = ("brows", "eyes", "nose", "mouth")
    margin: float = 0.01
    each: int = 1
    donors: tuple[Face, ...] = ()
    steps: int = 20
    repeats: int = 5
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "inpainting_game")
        checks.number("margin")
        for name in ("each", "steps", "repeats", "batch"):
            checks.whole(name, least=1)
        check_parts(checks, self.parts)
        if not self.parts:
            checks.add("parts", "is empty", "write parts: [brows, eyes, nose, mouth]")
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face,
        target: Target,
        explanation: Explanation,
        explainer: Explainer,
    ) -> Score:
        """Play the game for all parts of one face."""
        triplets = self.triplets(model, face)
        rng = np.random.default_rng(self.seed)
        own, random = [], []
        for triplet in triplets:
            values = explainer(model, triplet.probe, triplet.target).values
            own.append(self.play(model, triplet, values, rng))
            for _ in range(self.repeats):
                noise = rng.random(values.shape).astype(np.float32)
                random.append(self.play(model, triplet, noise, rng))
        x = self.false_alarms()
        (identity, hits), (by_chance, _) = np.mean(own, 0), np.mean(random, 0)
        curves = {"x": x, "identity": identity, "hits": hits, "random_identity": by_chance}
        return Score(
            float(np.trapezoid(identity, x)),
            baseline=float(np.trapezoid(by_chance, x)),
            curve={name: tuple(curve.tolist()) for name, curve in curves.items()},
            details={
                "triplets": len(triplets),
                "parts": " ".join(triplet.part for triplet in triplets),
                "hits_area": float(np.trapezoid(hits, x)),
                "identity_at_5_percent": float(np.interp(0.05, x, identity)),
            },
        )

    def triplets(self, model: FaceModel, face: Face) -> list[InpaintedTriplet]:
        """The triplets of a face that this network tells apart."""
        donors = self.donors or load_faces(RENDERED, Path())
        found = list(inpainted_triplets(model, [face], donors, self.parts, self.margin, self.each))
        if not found:
            raise Problems.one(
                f"inpainting_game: {model.name}, {face.id}",
                "the network tells this face from none that differs in one part by the margin "
                f"{self.margin:g}",
                "use a smaller margin, more parts, or another face",
            )
        return found

    def false_alarms(self) -> Array:
        """The false alarm rates at which the game is played, denser where they are small."""
        return np.asarray(np.linspace(0, 1, self.steps + 1) ** 2)

    def play(
        self, model: FaceModel, triplet: InpaintedTriplet, values: Array, rng: np.random.Generator
    ) -> Array:
        """For each false alarm rate whether the blend is the non-mate, and the hits, [2, K]."""
        found = salient(values, triplet.region, self.false_alarms(), rng)
        probe, twin = model.prepare([triplet.probe, triplet.twin])
        masks = torch.from_numpy(found).to(probe.device)
        difference = []
        with torch.no_grad():
            for some in torch.split(masks, self.batch):
                blends = torch.where(some[:, None], twin, probe)
                difference.append(triplet.target(model, blends))
        identity = (torch.cat(difference) < 0).cpu().numpy()
        return np.stack([identity, found[:, triplet.region].mean(1)])


def salient(values: Array, region: Array, rates: Array, rng: np.random.Generator) -> Array:
    """The pixels above thresholds with given false alarm rates outside ``region``.

    Arguments:
        values, region: [S, S].
        rates: [K], in [0, 1].
        rng: for the order of pixels with the same saliency.

    Returns: bool, [K, S, S].

    Example:
        >>> values, region = np.array([[4.0, 3.0], [2.0, 1.0]]), np.eye(2, dtype=bool)
        >>> salient(values, region, np.array([0.0, 0.5]), np.random.default_rng(0)).tolist()
        [[[True, False], [False, False]], [[True, True], [False, False]]]
    """
    flat = values.ravel()
    order = np.lexsort((rng.permutation(flat.size), -flat))
    ranks = np.empty(flat.size, int)
    ranks[order] = np.arange(flat.size)
    outside = np.append(np.sort(ranks[~region.ravel()]), flat.size)
    limits = outside[np.rint(rates * (len(outside) - 1)).astype(int)]
    return np.asarray(ranks < limits[:, None]).reshape(len(rates), *values.shape)
