"""Logistic regression with soft labels and balanced classes: the best direction for a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Direction:
    """A weighted sum of K features that is positive where a word is more likely than not.

    Arguments:
        weights: of the features in units of their spread, [K].
        bias: added to the sum.
        middle, spread: mean and standard deviation of each feature where it was learnt, [K].
    """

    weights: Array
    bias: float
    middle: Array
    spread: Array

    def __call__(self, features: Array) -> Array:
        """``sum_k w_k (x_k - m_k) / s_k + b``, [..., K] → [...]."""
        scaled = self.weights / self.spread
        return features @ scaled + (self.bias - float(self.middle @ scaled))


def loss(parameters: Array, features: Array, labels: Array, penalty: float) -> tuple[float, Array]:
    """Balanced logistic loss and its gradient.

    Source: Fong & Vedaldi, Net2Vec (2018), section 3 (per-location binary cross-entropy with
    ``alpha`` for the balance of the two classes).
    Formula: ``- mean_p [alpha y_p log s(z_p) + (1 - alpha) (1 - y_p) log s(-z_p)] + penalty |w|^2 /
    2`` with ``z = x w + b``, the logistic function ``s`` and ``alpha = 1 - mean y``.

    Arguments:
        parameters: the K weights and the bias, [K + 1].
        features: [P, K].
        labels: the word's share of each place, in [0, 1], [P].
    """
    weights, bias = parameters[:-1], parameters[-1]
    z = features @ weights + bias
    alpha = 1 - labels.mean()
    for_, against = alpha * labels, (1 - alpha) * (1 - labels)
    value = (for_ * np.logaddexp(0, -z) + against * np.logaddexp(0, z)).mean()
    slope = (against * expit(z) - for_ * expit(-z)) / len(z)
    gradient = np.append(features.T @ slope + penalty * weights, slope.sum())
    return float(value + penalty * (weights @ weights) / 2), gradient


def fit(features: Array, labels: Array, penalty: float) -> Direction:
    """The direction with the least balanced logistic loss.

    The loss is convex, so it depends on nothing but the data. Features are brought to one spread
    first, so that the penalty weighs all of them alike.

    Arguments:
        features: [P, K].
        labels: in [0, 1], [P]; not all the same.
        penalty: weight of the squared weights.

    Example:
        >>> features = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
        >>> direction = fit(features, np.array([0.0, 0.0, 1.0, 1.0]), penalty=1e-3)
        >>> (direction(features) > 0).tolist()
        [False, False, True, True]
    """
    middle = features.mean(0, dtype=float)
    spread = features.std(0, dtype=float)
    spread[spread < 1e-12] = 1.0
    scaled = (features - middle) / spread
    start = np.zeros(features.shape[1] + 1)
    found = minimize(loss, start, (scaled, labels.astype(float), penalty), "L-BFGS-B", jac=True)
    return Direction(found.x[:-1], float(found.x[-1]), middle, spread)
