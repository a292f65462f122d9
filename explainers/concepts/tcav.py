"""Tests how much each class depends on concepts that you made, against random pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from explainers.concept_finding.discovery import Discovery, FoundConcept
from explainers.concept_finding.importance import ConceptTest, Importance, holm
from explainers.concept_finding.layer_features import (
    Array,
    as_batch,
    gradients,
    last_map,
    pooled,
)
from explainers.concept_finding.members import members
from explainers.concept_finding.picture_sets import picture_sets, pictures_of
from explainers.concept_finding.pieces import NO_HEAD, Pieces, chips_of, places_of, see
from explainers.concept_finding.segments import Mask
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.parts import part_numbers
from explainers.parameter_checks import Checks
from explainers.problems import Problem, Problems

LEAST = 6
"""Pictures that a concept needs."""
SMALLEST = 0.002
"""Share of the picture below which a facial part shows nothing."""


@dataclass(frozen=True)
class Tcav:
    """TCAV: does a class depend on a concept that somebody gave pictures of?

    Source: Kim et al., Interpretability Beyond Feature Attribution: Quantitative Testing with
    Concept Activation Vectors (TCAV) (2018); survey, Section 5, Fig. 15(b).
    Formula: the share of a class' faces whose logit rises towards the concept's direction in a
    layer (`score`), the mean over random counterparts. Features are means over the layer's
    positions.

    Without ``sets`` the concepts are the facial parts of the faces, each part alone on gray. The
    patches of a concept are pieces of the class' faces that lie furthest along its direction, so
    that one can see what the network takes for it; of facial parts they are the parts themselves.
    A random control, tested like a concept, stands beside them.

    ``p`` compares the concept with random sets of pictures (`prediction_p`), ``p_counterparts`` is
    the paper's t test, which takes scores that share pictures for independent and so calls far more
    random sets significant than it says; ``p_holm`` holds for all concepts of a class and layer.

    Arguments:
        sets: a folder with one folder of pictures for each concept; relative to the study's folder,
            or to where you are.
        random: a folder of random pictures; pieces of the faces when empty.
        pictures: those of ``sets`` and ``random`` are taken ``as_they_are``, or are ``faces`` that
            are aligned like all others.
        layer: a layer, or several with commas between them; empty for the last one with a map.
        classes: which ones; empty for all with two faces or more.
        patches: pieces of each concept that are kept.
        counterparts: random sets from which each concept is told apart.
        null: random sets that are tested as if they were concepts.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, missing folders, files that are no pictures, too
    few pictures, a network without classes, unknown layers and classes, too few faces.

    Example:
        >>> Tcav(layer="dense2,dense3").null
        20
    """

    files: ClassVar[tuple[str, ...]] = ("sets", "random")

    sets: str = ""
    random: str = ""
    pictures: Literal["as_they_are", "faces"] = "as_they_are"
    layer: str = ""
    classes: tuple[str, ...] = ()
    patches: int = 12
    counterparts: int = 10
    null: int = 20
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "tcav")
        for field in ("sets", "random", "layer"):
            checks.text(field)
        checks.choice("pictures", ("as_they_are", "faces"))
        for field, least in (("patches", 2), ("counterparts", 2), ("null", 5), ("batch", 1)):
            checks.whole(field, least)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        faces: Mapping[str, Face],
        seed: int,
        *,
        progress: Progress | None = None,
    ) -> Discovery:
        """Concepts of each layer and class, the most important first, then the control."""
        layers = [name.strip() for name in self.layer.split(",") if name.strip()]
        layers = layers or [last_map(model)]
        chips = chips_of(model, faces)
        classes = members(model, chips, self.classes, 2)
        places = places_of(faces, chips, (8, 20, 45), model.chip_padding, "head")
        parts = {} if self.sets else _parts(model, faces)
        pictures = (
            picture_sets(self.sets, model, self.pictures, LEAST)
            if self.sets
            else {name: [] for name in parts}
        )
        others = pictures_of(self.random, model, self.pictures, 2 * LEAST) if self.random else []
        largest = max(max(len(pictures[name]), len(parts.get(name, ()))) for name in pictures)
        pool_size = len(others) if self.random else len(places)
        if pool_size < 2 * max(largest, self.patches):
            what = f"{pool_size} random pictures are too few for sets of {largest}"
            fix = f"give {2 * max(largest, self.patches)} or more"
            raise Problems.one("tcav: random", what, fix)
        found: list[FoundConcept] = []
        table: list[dict[str, Any]] = []
        for number, layer in enumerate(layers):
            see_here = _share(progress, number, len(layers))
            pieces = see(model, chips, places, layer, "in_place", self.batch, see_here)
            pool = self._features(model, others, layer) if self.random else pieces.features
            test = ConceptTest(pool, self.counterparts, self.null, seed)
            concepts = {
                name: see(model, chips, parts[name], layer)
                if name in parts
                else Pieces((), self._features(model, pictures[name], layer))
                for name in pictures
            }
            for label, names in classes.items():
                steepest = gradients(model, as_batch([chips[n] for n in names]), layer, label)
                rng = np.random.default_rng([seed, number, model.index(label)])
                some = self._of_class(pieces, concepts, test, names, layer, label, rng)
                control = pieces.features[pieces.rows(some[-1].patches)]
                features = [*(each.features for each in concepts.values()), control]
                tested, rows = _tested(some, features, test, steepest)
                found += tested
                table += rows
        checks = {
            "pictures": {
                name: len(parts[name] if name in parts else pictures[name]) for name in pictures
            },
            "random_pictures": pool_size,
            "faces": {label: len(names) for label, names in classes.items()},
        }
        return Discovery(tuple(found), tuple(table), checks)

    def _features(self, model: FaceModel, pictures: list[Array], layer: str) -> Array:
        return pooled(model, as_batch(pictures), layer, self.batch)

    def _of_class(
        self,
        pieces: Pieces,
        concepts: Mapping[str, Pieces],
        test: ConceptTest,
        names: Sequence[str],
        layer: str,
        label: str,
        rng: np.random.Generator,
    ) -> list[FoundConcept]:
        """What shows each concept in the class' faces, and a control."""
        found = []
        for name, concept in concepts.items():
            source = concept if concept.places else pieces
            rows = np.flatnonzero(np.isin(source.faces, names))
            along = source.features[rows] @ test.directions(concept.features).mean(0)
            patches = source.patches(rows, along, self.patches)
            found.append(FoundConcept(layer, label, patches, name))
        rows = rng.permutation(np.flatnonzero(np.isin(pieces.faces, names)))
        drawn = pieces.patches(rows, -np.arange(len(rows)), self.patches)
        return [*found, FoundConcept(layer, label, drawn, random=True)]


def _parts(model: FaceModel, faces: Mapping[str, Face]) -> dict[str, list[tuple[str, Mask]]]:
    """Where each facial part is, of parts that enough faces show."""
    found: dict[str, list[tuple[str, Mask]]] = {}
    for name, face in faces.items():
        parts = face.chip_parts(model.input_size, model.chip_padding)
        if parts is None:
            what = "its facial parts are not known"
            raise Problems.one(f"face {name}", what, "give pictures of concepts: sets: my-concepts")
        for part, number in part_numbers().items():
            mask = parts == number
            if part not in NO_HEAD and mask.mean() >= SMALLEST:
                found.setdefault(part, []).append((name, mask))
    shown = {part: places for part, places in found.items() if len(places) >= LEAST}
    if not shown:
        what = f"no facial part is seen in {LEAST} faces or more"
        raise Problems([Problem("faces", what, "give more faces, or sets: my-concepts")])
    return shown


def _tested(
    concepts: Sequence[FoundConcept],
    features: Sequence[Array],
    test: ConceptTest,
    steepest: Array,
) -> tuple[list[FoundConcept], list[dict[str, Any]]]:
    """The concepts of one class and layer with their scores, and a row of the table for each.

    Arguments:
        concepts: the last one is the control.
    """
    results: list[Importance] = [test.importance(each, steepest) for each in features]
    held = [*holm([result.p for result in results[:-1]]), results[-1].p]
    scored = []
    for concept, result, p in zip(concepts, results, held, strict=True):
        scores = {**asdict(result), "p_holm": p}
        row = {
            "concept": concept.name or "random",
            "class": concept.target,
            "layer": concept.layer,
            "name": concept.name,
            "random": concept.random,
            **scores,
        }
        told = FoundConcept(
            concept.layer, concept.target, concept.patches, concept.name, concept.random, scores
        )
        scored.append((told, row))
    scored.sort(key=lambda pair: [pair[0].random, -pair[1]["score"], -pair[1]["sensitivity"]])
    return [concept for concept, _ in scored], [row for _, row in scored]


def _share(progress: Progress | None, number: int, count: int) -> Progress | None:
    """The progress of one layer among several."""
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, count * total)
