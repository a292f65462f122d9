"""How well what a unit answers to agrees with a word: intersection over union."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom

from explainers.concept_finding.layer_maps import LayerMaps
from explainers.concept_finding.truth import Truth

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Alignment:
    """Every unit of a basis against every word.

    Arguments:
        thresholds: above which a unit answers, [K].
        parts: IoU of pixels, [K, P].
        shares: how much of the pictures each part is, [P].
        ceilings: the largest IoU that a unit can have with each part if it answers in as many
            pixels as the quantile says, [P].
        chances: the IoU of a unit that answers in as many pixels wherever they are, [P].
        attributes: IoU of faces, [K, A].
        p: the probability of as much overlap of faces by chance, [K, A].
    """

    thresholds: Array
    parts: Array
    shares: Array
    ceilings: Array
    chances: Array
    attributes: Array
    p: Array


def align(maps: LayerMaps, truth: Truth, quantile: float) -> Alignment:
    """Compare each unit with each word.

    Source: Bau, Zhou, Khosla, Oliva & Torralba, Network Dissection (2017), section 2.
    Formula: ``M_k = up(A_k) > T_k`` with ``T_k`` from ``P(A_k > T_k) <= quantile`` over all
    positions of all faces and bilinear ``up``; ``IoU_kc = sum |M_k & L_c| / sum |M_k | L_c|`` over
    the pixels of all faces with a part map. An attribute is a truth about a face, so its sums are
    over faces, and a face counts as answered where ``M_k`` is not empty. With few faces such an
    overlap is easily had by chance; ``p`` is that of Fisher's exact test, one-sided.
    """
    thresholds = maps.thresholds(quantile)
    known = truth.known()
    numbers = truth.map[known]
    areas = np.array([(numbers == number).sum() for number in truth.numbers], float)
    shares = np.maximum(areas / max(numbers.size, 1), 1e-12)
    parts, answered = [], []
    for unit, threshold in enumerate(thresholds):
        hits = maps.on_picture(maps.values[:, unit]) > threshold
        inside = np.bincount(numbers[hits[known]], minlength=256)
        overlap = inside[truth.numbers]
        parts.append(overlap / np.maximum(inside.sum() + areas - overlap, 1))
        answered.append(hits.any((1, 2)))
    return Alignment(
        thresholds,
        np.array(parts).reshape(len(thresholds), -1),
        shares,
        np.minimum(quantile, shares) / np.maximum(quantile, shares),
        quantile * shares / (quantile + shares - quantile * shares),
        *_faces(np.array(answered), truth.truths),
    )


def _faces(answered: Array, truths: Array) -> tuple[Array, Array]:
    """IoU and p value of answered faces [K, N] with the truths [A, N]; each [K, A]."""
    true, told = truths == 1, ~np.isnan(truths)
    hit, faces = answered.astype(int), told.astype(int)
    overlap = hit @ true.T.astype(int)
    drawn = hit @ faces.T
    has = true.sum(1)
    union = drawn + has - overlap
    iou = overlap / np.maximum(union, 1)
    return iou, hypergeom.sf(overlap - 1, faces.sum(1), has, drawn)
