"""Concept activation vectors: the direction in a layer that leads to a concept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Array = npt.NDArray[Any]

HELD_OUT = 1 / 3
"""Share of the pictures on which the accuracy is measured."""
STEPS, EXACT = 100, 1e-8
"""Of Newton's method: how many at most, and the slope for each picture that counts as none."""


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
    """Weights and offset of a logistic regression in the features' own units.

    Formula: the w, b with the least ``|w|^2 / 2 + sum_i log(1 + exp(-t_i (w . x_i + b)))``, t_i = 1
    or -1, by Newton's method. The weights lie in the span of the pictures, of which there are fewer
    than channels, so that they are looked for there.
    """
    # One scale for all channels: the direction is to be that of the features as they are.
    scale, middle = float(features.std(0).mean()) or 1.0, features.mean(0)
    axes, lengths, turn = np.linalg.svd((features - middle) / scale, full_matrices=False)
    x = np.column_stack([axes * lengths, np.ones(len(truth))])
    ridge = np.append(np.ones(len(lengths)), 0.0)
    found = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = expit(x @ found)
        slope = x.T @ (p - truth) + ridge * found
        if np.abs(slope).max() < EXACT * len(truth):
            break
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(ridge + 1e-12), slope)
        part = 1.0
        while part > 1e-6 and _loss(found - part * step, x, truth, ridge) > (
            _loss(found, x, truth, ridge) + 1e-12
        ):
            part /= 2
        found = found - part * step
    weights = found[:-1] @ turn / scale
    return weights, float(found[-1] - weights @ middle)


def _loss(parameters: Array, x: Array, truth: Array, ridge: Array) -> float:
    z = x @ parameters
    return float((np.logaddexp(0, z) - truth * z).sum() + ridge @ parameters**2 / 2)
