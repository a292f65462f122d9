"""How much a class depends on a concept, and whether a random set of pictures does as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from explainers.concept_finding.directions import accuracy, direction

Array = npt.NDArray[Any]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Importance:
    """What TCAV says of one concept, class and layer.

    Arguments:
        score: share of the class' faces whose logit rises towards the concept, [0, 1]; the mean
            over random counterparts.
        low, high: 95 % interval of the score over random counterparts (t, cut off at 0 and 1). It
            is that of this very set of pictures.
        sensitivity: how far the logit rises, to first order, when the mean activation goes from
            random pictures' to the concept's along its direction; the mean over faces and
            counterparts.
        p: of the sensitivity, against random sets as large (`prediction_p`); two-sided.
        p_counterparts: of the score, by Kim et al.'s t test (`counterparts_p`). It takes scores
            that share the concept's pictures for independent, so that it calls far more random
            sets significant than it says.
        accuracy: how well the layer tells the concept from random pictures; held-out, 0.5 is
            chance.
    """

    score: float
    low: float
    high: float
    sensitivity: float
    p: float
    p_counterparts: float
    accuracy: float


class ConceptTest:
    """Concept activation vectors of sets of pictures, and of random sets to compare them with.

    Source: Kim et al., Interpretability Beyond Feature Attribution: Quantitative Testing with
    Concept Activation Vectors (TCAV) (2018), Sections 3.2 to 3.5.

    Arguments:
        pool: features of pictures from which random ones are drawn, [P, C].
        counterparts: how many random sets each concept is told apart from.
        null: how many random sets are tested as if they were concepts.
        seed: of the random sets.

    Errors: ValueError where the pool has fewer than twice as many pictures as a concept.
    """

    def __init__(self, pool: Array, counterparts: int = 10, null: int = 20, seed: int = 0) -> None:
        self._pool = pool
        self._counterparts = counterparts
        self._null = null
        self._seed = seed
        self._random = cache(self._random_directions)

    def directions(self, concept: Array) -> Array:
        """The way from each counterpart to the concept along its direction, [counterparts, C].

        Formula: ``d = v (v . (mean of the concept - mean of the counterpart))`` with the concept
        activation vector ``v``. A random set has a direction as well, but hardly a way to go.

        Arguments:
            concept: features of its pictures, [n, C].
        """
        against = self._sets(len(concept), self._counterparts, 0)
        ways = []
        for random in (self._pool[rows] for rows in against):
            vector = direction(concept, random)
            ways.append(vector * (vector @ (concept.mean(0) - random.mean(0))))
        return np.stack(ways)

    def accuracy(self, concept: Array) -> float:
        """How well the layer tells the concept from its counterparts, the mean over them."""
        against = self._sets(len(concept), self._counterparts, 0)
        return float(np.mean([accuracy(concept, self._pool[rows], self._seed) for rows in against]))

    def importance(self, concept: Array, gradients: Array) -> Importance:
        """How much a class depends on the concept.

        Arguments:
            concept: features of its pictures, [n, C].
            gradients: of the class' logit for each of its faces, [M, C].
        """
        vectors = self.directions(concept)
        scores, rises = score(vectors, gradients), sensitivity(vectors, gradients)
        random = self._random(len(concept))
        random_scores = score(random[:, 0], gradients)
        random_rises = [float(sensitivity(each, gradients).mean()) for each in random]
        low, high = _interval(scores)
        return Importance(
            score=float(scores.mean()),
            low=low,
            high=high,
            sensitivity=float(rises.mean()),
            p=prediction_p(float(rises.mean()), random_rises),
            p_counterparts=counterparts_p(scores, random_scores),
            accuracy=self.accuracy(concept),
        )

    def _random_directions(self, size: int) -> Array:
        """Of random sets of ``size`` pictures, [null, counterparts, C]."""
        sets = self._sets(size, self._null, 1)
        return np.stack([self.directions(self._pool[rows]) for rows in sets])

    def _sets(self, size: int, count: int, kind: int) -> list[Array]:
        if len(self._pool) < 2 * size:
            raise ValueError(f"{len(self._pool)} random pictures for a concept of {size}")
        rng = np.random.default_rng([self._seed, kind, size])
        return [rng.choice(len(self._pool), size, replace=False) for _ in range(count)]


def score(vectors: Array, gradients: Array) -> Array:
    """TCAV scores: the share of faces whose logit rises along each direction, [R, C] → [R].

    Source: Kim et al. (2018), eq. 1 and 2.
    Formula: ``|{x in class: g(x) . v > 0}| / |{x in class}|``.

    Example:
        >>> score(np.array([[1.0, 0.0]]), np.array([[2.0, 9.0], [1.0, 0.0], [-1.0, 5.0]])).round(3)
        array([0.667])
    """
    return (vectors @ gradients.T > 0).mean(1)


def sensitivity(vectors: Array, gradients: Array) -> Array:
    """How far the logit rises along each way, the mean over faces, [R, C] → [R].

    Formula: ``mean_x g(x) . d``: the directional derivative of eq. 1 before it is cut down to its
    sign. Where a network is almost linear from the layer on, the sign is the same for all faces,
    and every random set has a score of 0 or 1.

    Example:
        >>> sensitivity(np.array([[1.0, 0.0]]), np.array([[3.0, 4.0], [2.0, 0.0]]))
        array([2.5])
    """
    return (vectors @ gradients.T).mean(1)


def prediction_p(value: float, random: Sequence[float]) -> float:
    """Whether one value could be one more of the random values, two-sided.

    Source: Crawford & Howell, Comparing an individual's test score against norms derived from small
    samples (1998).
    Formula: ``t = (value - mean) / (s sqrt(1 + 1 / K))`` on ``K - 1`` degrees of freedom.

    Where all random values are equal, p is 1 for the same value and 0 for another.

    Example:
        >>> round(prediction_p(4.0, [0.0, 1.0, 2.0]), 3), prediction_p(1.0, [1.0, 1.0])
        (0.122, 1.0)
    """
    count, mean, spread = len(random), float(np.mean(random)), float(np.std(random, ddof=1))
    if spread < 1e-12:
        return float(abs(value - mean) < 1e-12)
    t = (value - mean) / (spread * (1 + 1 / count) ** 0.5)
    return float(2 * stats.t.sf(abs(t), count - 1))


def counterparts_p(scores: Array, random: Array) -> float:
    """Kim et al.'s test: do the scores of a concept differ from those of random sets?

    Source: Kim et al. (2018), Section 3.5: a two-sided t test of scores over repeated random sets.
    Formula: Welch's t test.

    Where neither set of scores varies, p is 1 for equal means and 0 for others.

    Example:
        >>> counterparts_p(np.array([1.0, 1.0]), np.array([0.5, 0.5]))
        0.0
    """
    if scores.std() < 1e-12 and random.std() < 1e-12:
        return float(abs(scores.mean() - random.mean()) < 1e-12)
    (mean, spread, n), (mean2, spread2, n2) = (
        (float(x.mean()), float(x.std(ddof=1)), len(x)) for x in (scores, random)
    )
    test = stats.ttest_ind_from_stats(mean, spread, n, mean2, spread2, n2, equal_var=False)
    return float(test.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """p values that hold for all of them together.

    Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure (1979).
    Formula: the k-th smallest of m times ``m + 1 - k``, never smaller than the one before, at most
    1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    factors = len(order) - np.arange(len(order))
    held = np.minimum(np.maximum.accumulate(np.asarray(p_values)[order] * factors), 1.0)
    adjusted = np.empty(len(order))
    adjusted[order] = held
    return [float(p) for p in adjusted]


def _interval(scores: Array) -> tuple[float, float]:
    """t interval of the mean, within [0, 1]."""
    mean = scores.mean()
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, len(scores) - 1) * stats.sem(scores)
    return float(max(mean - reach, 0)), float(min(mean + reach, 1))
