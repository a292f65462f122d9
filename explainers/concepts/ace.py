"""Cuts faces into pieces, groups those that the network sees as alike, and tests each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from explainers.concept_finding.clusters import clusters
from explainers.concept_finding.discovery import Discovery, FoundConcept
from explainers.concept_finding.importance import ConceptTest, holm
from explainers.concept_finding.layer_features import as_batch, gradients, last_map
from explainers.concept_finding.members import members
from explainers.concept_finding.pieces import Pieces, chips_of, part_name, places_of, see
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.problems import Problems

FEWEST = 3
"""Faces that a class needs: what one or two share is no concept."""


@dataclass(frozen=True)
class Ace:
    """ACE: concepts are clusters of face pieces, ranked by how much a class depends on them.

    Source: Ghorbani, Wexler, Zou & Kim, Towards Automatic Concept-based Explanations (2019);
    survey, Section 5, Fig. 15(c).
    Formula: superpixels at several resolutions (`segments`) → mean activations of a layer → k-means
    (`clusters`) → TCAV score of each cluster against random pieces (`ConceptTest`). The faces of a
    class are those that the network puts there. Beside each concept stands a control with as many
    pieces of the same class at random, tested like it.

    The share of random sets that ``p`` calls significant is what it says; Kim et al.'s own test
    (``p_counterparts``) calls far more of them so. ``p_holm`` holds for all concepts of a class.

    Arguments:
        layer: where pieces are compared; empty for the last layer with a map.
        classes: whose concepts; empty for all classes with three faces or more.
        pieces: about how many superpixels at each resolution.
        region: pieces of the whole ``picture``, or none that are mostly background or clothes
            (``head``), where facial parts are known.
        show: how the network sees a piece: ``in_place``, or ``enlarged`` to fill the picture as in
            the paper. A network for aligned faces knows a mouth only where mouths are.
        clusters: how many are looked for in a class.
        least: a concept with fewer pieces is none.
        most: the pieces nearest to the centre that are kept.
        counterparts: random sets from which each concept is told apart.
        null: random sets that are tested as if they were concepts.
        batch: how many pieces go through the network at once.

    Errors: Problems for parameters out of range, a network without classes, unknown layers and
    classes, classes with too few faces.

    Example:
        >>> Ace(pieces=(5,), clusters=2).least
        6
    """

    layer: str = ""
    classes: tuple[str, ...] = ()
    pieces: tuple[int, ...] = (8, 20, 45)
    region: Literal["picture", "head"] = "head"
    show: Literal["in_place", "enlarged"] = "in_place"
    clusters: int = 12
    least: int = 6
    most: int = 12
    counterparts: int = 10
    null: int = 20
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "ace")
        checks.text("layer")
        checks.choice("region", ("picture", "head"))
        checks.choice("show", ("in_place", "enlarged"))
        for field, least in (("clusters", 2), ("least", 2), ("counterparts", 2), ("null", 5)):
            checks.whole(field, least)
        checks.whole("batch", 1)
        checks.whole("most", self.least if isinstance(self.least, int) else 2)
        counts = self.pieces
        if not counts or not all(isinstance(n, int) and n >= 2 for n in counts):
            checks.add(
                "pieces", f"must be whole numbers of at least 2, not {counts!r}", "write [8, 20]"
            )
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        faces: Mapping[str, Face],
        seed: int,
        *,
        progress: Progress | None = None,
    ) -> Discovery:
        """Concepts of each class, the most important first, then their controls."""
        layer = self.layer or last_map(model)
        chips = chips_of(model, faces)
        classes = members(model, chips, self.classes, FEWEST)
        places = places_of(faces, chips, self.pieces, model.chip_padding, self.region)
        if len(places) < 2 * self.most:
            what = f"{len(places)} pieces are too few to draw random sets of {self.most}"
            raise Problems.one("ace: pieces", what, "write larger numbers, or give more faces")
        pieces = see(model, chips, places, layer, self.show, self.batch, progress)
        test = ConceptTest(pieces.features, self.counterparts, self.null, seed)
        found: list[FoundConcept] = []
        checks: dict[str, Any] = {"pieces": len(places)}
        for label, names in classes.items():
            steepest = gradients(model, as_batch([chips[name] for name in names]), layer, label)
            of_class = np.flatnonzero(np.isin(pieces.faces, names))
            rng = np.random.default_rng([seed, model.index(label)])
            concepts = [
                FoundConcept(layer, label, patches, part_name(patches, faces, model.chip_padding))
                for patches in self._groups(pieces, of_class, seed)
            ]
            checks[label] = {"faces": len(names), "pieces": len(of_class), "kept": len(concepts)}
            controls = []
            for concept in concepts:
                rows = rng.permutation(of_class)
                patches = pieces.patches(rows, -np.arange(len(rows)), len(concept.patches))
                controls.append(FoundConcept(layer, label, patches, random=True))
            found += _tested(concepts, pieces, test, steepest)
            found += _tested(controls, pieces, test, steepest)
        return Discovery(tuple(found), tuple(_rows(found)), checks)

    def _groups(self, pieces: Pieces, rows: Any, seed: int) -> list[Any]:
        """The patches of each cluster that is kept."""
        features = pieces.features[rows]
        groups = []
        names = [pieces.faces[row] for row in rows]
        for group in clusters(features, names, self.clusters, self.least, seed):
            centre = features[group].mean(0)
            away = np.linalg.norm(features[group] - centre, axis=1)
            patches = pieces.patches(rows[group], -away, self.most)
            if len(patches) >= self.least:
                groups.append(patches)
        return groups


def _tested(
    concepts: Sequence[FoundConcept], pieces: Pieces, test: ConceptTest, steepest: Any
) -> list[FoundConcept]:
    """The concepts with their scores, the most important first."""
    results = [
        test.importance(pieces.features[pieces.rows(concept.patches)], steepest)
        for concept in concepts
    ]
    held = holm([result.p for result in results])
    tested = []
    for concept, result, p in zip(concepts, results, held, strict=True):
        scores = asdict(result)
        scores = {"importance": scores.pop("score"), **scores, "p_holm": p}
        tested.append(
            FoundConcept(
                concept.layer,
                concept.target,
                concept.patches,
                concept.name,
                concept.random,
                scores,
            )
        )
    order = ("importance", "sensitivity")
    return sorted(tested, key=lambda concept: [-concept.scores[name] for name in order])


def _rows(concepts: Sequence[FoundConcept]) -> list[dict[str, Any]]:
    rows, numbers = [], dict[tuple[str, bool], int]()
    for concept in concepts:
        kind = concept.target, concept.random
        numbers[kind] = numbers.get(kind, 0) + 1
        word = "random" if concept.random else "concept"
        rows.append(
            {
                "concept": f"{concept.target} {word} {numbers[kind]}",
                "class": concept.target,
                "layer": concept.layer,
                "name": concept.name,
                "random": concept.random,
                "patches": len(concept.patches),
                "faces": len({patch.face for patch in concept.patches}),
                **concept.scores,
            }
        )
    return rows
