"""Concept activation vectors: the direction in a layer that leads to a concept."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[Any]

HELD_OUT = 1 / 3
"""Share of the pictures on which the accuracy is measured."""


@dataclass(frozen=True, eq=False)
class Direction:
    """A concept activation vector.

    Arguments:
        vector: unit vector [C], towards the concept.
        accuracy: share of held-out pictures on the right side; 0.5 is chance.
    """

    vector: Array
    accuracy: float


def cav(concept: Array, random: Array, seed: int = 0) -> Direction:
    """The concept activation vector of a set of pictures against a random set.

    Source: Kim et al., Interpretability Beyond Feature Attribution: Quantitative Testing with
    Concept Activation Vectors (TCAV) (2018), Section 3.2.
    Formula: ``v = w / |w|`` with the weights ``w`` of a logistic regression (ridge 1 on features of
    unit variance) that tells the concept (1) from random (0). It is fitted to all pictures; the
    accuracy is that of another fit, on the third that it did not see.

    Arguments:
        concept: features of the concept's pictures, [n, C].
        random: features of random pictures, [m, C].
        seed: of which pictures are held out.

    Example:
        >>> found = cav(np.array([[8.0, 0], [9, 0]] * 3), np.array([[0.0, 0], [1, 0]] * 3))
        >>> found.vector.round(6).tolist(), found.accuracy
        ([1.0, 0.0], 1.0)
    """
    return Direction(direction(concept, random), accuracy(concept, random, seed))


def accuracy(concept: Array, random: Array, seed: int = 0) -> float:
    """The accuracy of `cav` alone: share of held-out pictures on the right side."""
    features = np.concatenate([concept, random])
    truth = np.repeat([1, 0], [len(concept), len(random)])
    rng = np.random.default_rng(seed)
    held = np.zeros(len(truth), bool)
    for kind in (1, 0):
        (rows,) = np.nonzero(truth == kind)
        held[rng.permutation(rows)[: max(1, round(HELD_OUT * len(rows)))]] = True
    weights, offset = _fit(features[~held], truth[~held])
    return float(((features[held] @ weights + offset > 0) == truth[held]).mean())


def direction(concept: Array, random: Array) -> Array:
    """The vector of `cav` alone, [C]; zero where the two sets are the same."""
    features = np.concatenate([concept, random])
    weights, _ = _fit(features, np.repeat([1, 0], [len(concept), len(random)]))
    length = np.linalg.norm(weights)
    return weights / length if length > 1e-12 else np.zeros_like(weights)


def _fit(features: Array, truth: Array) -> tuple[Array, float]:
    """Weights and offset of a logistic regression in the features' own units."""
    # One scale for all channels: the direction is to be that of the features as they are.
    scale = float(features.std(0).mean()) or 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        fitted = LogisticRegression(max_iter=1000).fit(features / scale, truth)
    return fitted.coef_[0] / scale, float(fitted.intercept_[0])
