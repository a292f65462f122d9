"""One word learnt from the units of a layer, and how well it is known for faces not learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom

from explainers.concept_finding.cuts import best_accuracy_cuts, best_iou_cuts
from explainers.concept_finding.layer_maps import LayerMaps
from explainers.concept_finding.logistic import fit

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was learnt of one word.

    Arguments:
        word: its name.
        measure: ``iou`` of a part, ``balanced accuracy`` of an attribute.
        figures: those of ``NAMES`` in that measure, for faces not learnt from, and ``p`` of an
            attribute (Fisher's exact test, one-sided); None where it does not apply.
        unit: the single unit that is best for all faces together.
        weights: of the units, learnt from all faces, in units of their spread, [K].
        response: the combination at each position, [N, h, w].
        cut: above which the combination says that the word is there.
    """

    word: str
    measure: str
    figures: dict[str, Any]
    unit: int
    weights: Array
    response: Array
    cut: float


NAMES = ("single", "single_tuned", "combined", "combined_tuned")
"""What is measured of a word."""


@dataclass(frozen=True, eq=False)
class _Segmenter:
    """What tells where a part is, each way of saying so with its cut."""

    weights: Array
    response: Array
    single: int
    tuned: int
    cuts: dict[str, float]

    def says(self, maps: LayerMaps, faces: Array) -> dict[str, Mask]:
        """Where the part is said to be, [n, S, S]."""
        of = {"single": maps.values[faces, self.single], "combined": self.response[faces]}
        of |= {"single_tuned": maps.values[faces, self.tuned], "combined_tuned": of["combined"]}
        return {name: maps.on_picture(of[name]) > self.cuts[name] for name in NAMES}


def segment(
    maps: LayerMaps,
    word: str,
    known: Mask,
    mask: Mask,
    rng: np.random.Generator,
    *,
    folds: int,
    quantile: float,
    penalty: float,
    thresholded: bool = False,
) -> Learnt:
    """A part, from where it is in the faces.

    Arguments:
        known: the faces whose parts are known, [N].
        mask: where the part is, [N, S, S].
        folds: groups of faces, each of which is left out once.
        quantile: share of positions in which a unit is above its threshold.
        penalty: of the squared weights.
        thresholded: whether units are combined as above or below their threshold.
    """
    # A position's label is the part's share of the pixels that it stands for.
    down, across = (each / np.maximum(each.sum(0), 1e-12) for each in (maps.rows, maps.columns))
    shares = down.T @ mask.astype(np.float32) @ across

    def learn(faces: Array) -> _Segmenter:
        return _learn(maps, shares, faces, quantile, penalty, thresholded)

    overlaps = {name: np.zeros(2) for name in NAMES}
    people = np.flatnonzero(known)
    for learners, left in _folds(people, folds, rng):
        if mask[learners].any():
            for name, said in learn(learners).says(maps, left).items():
                overlaps[name] += (said & mask[left]).sum(), (said | mask[left]).sum()
        else:  # nothing to learn from, so nothing is found
            for name in NAMES:
                overlaps[name] += 0, mask[left].sum()
    all_ = learn(people)
    figures = {name: float(both / max(either, 1)) for name, (both, either) in overlaps.items()}
    cut = all_.cuts["combined_tuned"]
    response = all_.response.astype(np.float32)
    return Learnt(word, "iou", figures | {"p": None}, all_.single, all_.weights, response, cut)


def _learn(
    maps: LayerMaps, shares: Array, faces: Array, quantile: float, penalty: float, thresholded: bool
) -> _Segmenter:
    some = maps.of(faces)
    units = some.values.swapaxes(0, 1).reshape(some.values.shape[1], -1)
    labels = shares[faces].ravel()
    thresholds = some.thresholds(quantile)
    hits = units > thresholds[:, None]
    inside = hits @ labels
    single = int((inside / (labels.sum() + hits.sum(1) - inside)).argmax())
    cuts, ious = best_iou_cuts(units, labels)
    tuned = int(ious.argmax())
    places = np.moveaxis(maps.values, 1, -1)
    features = (places > thresholds if thresholded else places).astype(float)
    direction = fit(features[faces].reshape(-1, len(units)), labels, penalty)
    response = direction(features)
    (cut,), _ = best_iou_cuts(response[faces].reshape(1, -1), labels)
    best = (float(thresholds[single]), float(cuts[tuned]), 0.0, float(cut))
    cuts_of = dict(zip(NAMES, best, strict=True))
    return _Segmenter(direction.weights, response, single, tuned, cuts_of)


def classify(
    maps: LayerMaps, word: str, true: Array, rng: np.random.Generator, *, folds: int, penalty: float
) -> Learnt:
    """An attribute, from which faces have it.

    Arguments:
        true: 1 true, 0 false, NaN not known, [N]; two faces at least of either.
    """
    means = maps.values.mean((2, 3)).astype(float)
    has, has_not = np.flatnonzero(true == 1), np.flatnonzero(true == 0)
    parts = min(folds, len(has), len(has_not))
    right: dict[str, list[Any]] = {"single": [], "combined": []}
    tested: list[int] = []
    pairs = zip(_folds(has, parts, rng), _folds(has_not, parts, rng), strict=True)
    for (learn_has, left_has), (learn_not, left_not) in pairs:
        faces, left = np.append(learn_has, learn_not), np.append(left_has, left_not)
        cuts, sides, accuracies = best_accuracy_cuts(means[faces].T, true[faces] == 1)
        unit = int(accuracies.argmax())
        tested += left.tolist()
        right["single"] += ((means[left, unit] - cuts[unit]) * sides[unit] > 0).tolist()
        direction = fit(means[faces], true[faces], penalty)
        right["combined"] += (direction(means[left]) > 0).tolist()
    truth = true[tested] == 1
    figures: dict[str, Any] = dict.fromkeys(NAMES)
    for name, answers in right.items():
        said = np.array(answers)
        figures[name] = float((said[truth].mean() + (~said[~truth]).mean()) / 2)
    said = np.array(right["combined"])
    chance = hypergeom(len(said), int(truth.sum()), int(said.sum()))
    figures["p"] = float(chance.sf((said & truth).sum() - 1))
    everyone = np.append(has, has_not)
    direction = fit(means[everyone], true[everyone], penalty)
    _, _, accuracies = best_accuracy_cuts(means[everyone].T, true[everyone] == 1)
    response = direction(np.moveaxis(maps.values, 1, -1).astype(float)).astype(np.float32)
    return Learnt(
        word,
        "balanced accuracy",
        figures,
        int(accuracies.argmax()),
        direction.weights,
        response,
        0.0,
    )


def _folds(faces: Array, folds: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """The faces to learn from and those left out, each face left out once."""
    groups = np.array_split(rng.permutation(faces), folds)
    for group in groups:
        yield np.setdiff1d(faces, group), group
