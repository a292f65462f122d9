"""Learns which combination of units stands for a word, beside the best single unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from explainers.concept_finding.combining import Learnt, classify, segment
from explainers.concept_finding.discovery import Discovery, FoundConcept
from explainers.concept_finding.importance import holm
from explainers.concept_finding.layer_maps import LayerMaps, layer_maps
from explainers.concept_finding.peaks import random_control, strongest_patches, typical_patches
from explainers.concept_finding.truth import truth_of
from explainers.concept_finding.vocabulary import check_words, find_words
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.problems import Problems

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Net2vec:
    """Net2Vec: a word is a direction among the units of a layer, learnt from where it is true.

    Source: Fong & Vedaldi, Net2Vec (2018); survey, Section 5.
    Formula: a part is segmented by ``M(x) = up(sum_k w_k a_k(x) + b) > 0`` with the ``w`` of
    balanced logistic regression over all positions (`logistic.loss`), an attribute classified by
    the sign of the same sum over mean activations. Beside it stands the single unit that does best,
    at the threshold of network dissection (``single``); and both at the threshold that has the best
    IoU where they learnt (``_tuned``), since a combination must not win by its threshold alone. All
    figures are from faces that were not learnt from: each face is left out once.

    ``p`` says whether an attribute is told beyond chance, after Holm's correction over all of them;
    ``nearest`` is the word whose direction is most alike (cosine).

    Arguments:
        layer: whose units; the model's own layer when empty.
        words: of the vocabulary; all whose truth is known when empty.
        attributes: a CSV file of face, word, value with truths about your faces.
        activations: what is combined: each unit's value (``raw``), or, as in the paper, whether it
            is above its threshold (``thresholded``).
        quantile: share of positions in which a unit is above its threshold.
        penalty: weight of the squared weights; larger spreads a word over more units.
        folds: groups of faces, each of which is left out once.
        least: IoU above which a part is a concept of the layer.
        patches: of each concept, at most, one of a face.
        batch: how many faces go through the network at once.

    Errors: Problems for parameters out of range, unknown words and layers, a layer without a map,
    fewer faces than folds, faces of which nothing is known.

    Example:
        >>> Net2vec(words=("mouth",)).activations
        'raw'
    """

    files: ClassVar[tuple[str, ...]] = ("attributes",)

    layer: str = ""
    words: tuple[str, ...] = ()
    attributes: str = ""
    activations: Literal["raw", "thresholded"] = "raw"
    quantile: float = 0.005
    penalty: float = 0.001
    folds: int = 3
    least: float = 0.04
    patches: int = 8
    batch: int = 16

    def __post_init__(self) -> None:
        checks = Checks(self, "net2vec")
        checks.text("layer")
        checks.text("attributes")
        checks.choice("activations", ("raw", "thresholded"))
        checks.number("quantile", least=1e-6, most=0.5)
        checks.number("penalty", least=1e-9)
        checks.number("least", most=1.0)
        checks.whole("folds", least=2)
        checks.whole("patches", least=1)
        checks.whole("batch", least=1)
        check_words(checks, self.words)
        checks.done()
        object.__setattr__(self, "words", tuple(self.words))

    def __call__(
        self,
        model: FaceModel,
        faces: Mapping[str, Face],
        seed: int,
        *,
        progress: Progress | None = None,
    ) -> Discovery:
        """The words that the layer knows, parts first, each with a control; a row for each word."""
        if len(faces) < self.folds:
            what = f"{len(faces)} faces cannot be left out in {self.folds} groups"
            raise Problems.one("net2vec: folds", what, "give more faces, or write fewer folds")
        words = find_words(self.words)
        truth = truth_of(faces, model.input_size, model.chip_padding, words, self.attributes)
        maps = layer_maps(model, faces, self.layer, self.batch)
        rng = np.random.default_rng(seed)
        learnt: list[Learnt] = []
        total = len(truth.parts) + len(truth.attributes)
        how: dict[str, Any] = {"folds": self.folds, "penalty": self.penalty}
        cut: dict[str, Any] = {"quantile": self.quantile}
        cut["thresholded"] = self.activations == "thresholded"
        for index, word in enumerate(truth.parts + truth.attributes):
            if word.kind == "part":
                mask = truth.mask(index)
                learnt.append(segment(maps, word.name, truth.known(), mask, rng, **how, **cut))
            else:
                true = truth.truths[index - len(truth.parts)]
                learnt.append(classify(maps, word.name, true, rng, **how))
            if progress is not None:
                progress(index + 1, total)
        learnt = _held(learnt)
        table = _table(learnt)
        drawn = sum(face.parts is None for face in faces.values())
        checks = {"faces": len(faces), "faces_with_drawn_parts": drawn}
        return Discovery(tuple(self._concepts(maps, learnt, rng)), tuple(table), checks)

    def _holds(self, figures: Mapping[str, Any]) -> bool:
        """Whether the layer knows the word: enough overlap of a part, accuracy beyond chance."""
        p = figures["p"]
        return bool(figures["combined_tuned"] > self.least if p is None else p < 0.05)

    def _concepts(
        self, maps: LayerMaps, learnt: list[Learnt], rng: np.random.Generator
    ) -> list[FoundConcept]:
        known = [one for one in learnt if self._holds(one.figures)]
        found = []
        for one in sorted(known, key=lambda one: (one.measure != "iou", -one.figures["combined"])):
            answers = maps.on_picture(one.response)
            if one.measure == "iou":
                patches = strongest_patches(answers, maps.faces, one.cut, self.patches)
            else:  # a face is told by the mean over its positions
                whole = one.response.mean((1, 2))
                patches = typical_patches(answers, whole, maps.faces, self.patches)
            if patches:
                scores = {k: v for k, v in one.figures.items() if v is not None}
                found.append(FoundConcept(maps.layer, "", patches, one.word, scores=scores))
        return found + [random_control(concept, maps.faces, rng) for concept in found]


def _held(learnt: list[Learnt]) -> list[Learnt]:
    """The same with p values that hold for all attributes together."""
    tested = [index for index, one in enumerate(learnt) if one.figures["p"] is not None]
    held = list(learnt)
    for index, p in zip(tested, holm([learnt[i].figures["p"] for i in tested]), strict=True):
        held[index] = replace(learnt[index], figures=learnt[index].figures | {"p": p})
    return held


def _table(learnt: list[Learnt]) -> list[dict[str, Any]]:
    directions = np.array([one.weights for one in learnt])
    lengths = np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
    cosines = (directions / lengths) @ (directions / lengths).T
    np.fill_diagonal(cosines, -np.inf)
    rows = []
    for one, cosine in zip(learnt, cosines, strict=True):
        alone = len(learnt) == 1
        nearest = int(cosine.argmax())
        rows.append(
            {
                "word": one.word,
                "measure": one.measure,
                **one.figures,
                "unit": one.unit,
                "nearest": "" if alone else learnt[nearest].word,
                "cosine": None if alone else float(cosine[nearest]),
            }
        )
    return rows
