"""Choices among alternatives: maximum likelihood of the conditional logit model.

In each choice exactly one of several alternatives is taken; alternative a has features x_a and is
taken with probability exp(x_a β) / Σ exp(x_b β). Bradley–Terry, Davidson's ties, order effects and
Plackett–Luce are all of this form. The log likelihood is concave: Newton's steps find its maximum.

Source: McFadden 1974, Conditional logit analysis of qualitative choice behavior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
_STEPS = 100
_ENOUGH = 1e-10


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Arguments:
        beta: [p] the coefficients.
        covariance: [p, p] inverse information, or the sandwich over clusters.
        loglik: the log likelihood at ``beta``.
        converged: whether the steps came to rest; otherwise the numbers mean nothing.
        identified: whether a single ``beta`` is best.
    """

    beta: Floats
    covariance: Floats
    loglik: float
    converged: bool
    identified: bool


def fit(features: Any, choice: ArrayLike, taken: ArrayLike, cluster: Any = None) -> Fit:
    """Coefficients of the conditional logit model.

    Arguments:
        features: [rows, p] dense or sparse, one row for each alternative of each choice.
        choice: [rows] number of the choice, 0 .. C - 1.
        taken: [rows] True for the one alternative that was taken.
        cluster: [C] whose choice it was; then the covariance is the sandwich over these people
            times m / (m - 1), otherwise the inverse of the information matrix.
    """
    x = csr_array(features, dtype=float)  # an alternative names few options
    sets = np.asarray(choice)
    hit = np.asarray(taken, bool)
    count = int(sets.max()) + 1
    beta = np.zeros(x.shape[1])
    value, gradient, information, scores = _derivatives(x, sets, hit, beta, count)
    converged = False
    for _ in range(_STEPS):
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        size = 1.0
        while True:
            tried = _derivatives(x, sets, hit, beta + size * step, count)
            if tried[0] >= value - 1e-9 or size < 1e-6:
                break
            size /= 2
        beta = beta + size * step
        value, gradient, information, scores = tried
        if np.abs(size * step).max(initial=0.0) < _ENOUGH * (1 + np.abs(beta).max(initial=0.0)):
            converged = True
            break
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True), np.float64)
    if cluster is not None:
        names, codes = np.unique(np.asarray(cluster), return_inverse=True)
        sums = np.zeros((len(names), x.shape[1]))
        np.add.at(sums, codes, scores)
        scale = len(names) / (len(names) - 1) if len(names) > 1 else np.nan
        covariance = covariance @ (scale * sums.T @ sums) @ covariance
    full = np.linalg.matrix_rank(information, tol=1e-9, hermitian=True) == x.shape[1]
    return Fit(beta, covariance, value, converged, bool(full))


def _derivatives(
    x: Any, sets: NDArray[Any], hit: NDArray[np.bool_], beta: Floats, count: int
) -> tuple[float, Floats, Floats, Floats]:
    utility = x @ beta
    top = np.full(count, -np.inf)
    np.maximum.at(top, sets, utility)
    weight = np.exp(utility - top[sets])
    total = np.bincount(sets, weight, count)
    share = weight / total[sets]
    loglik = float(((utility - top[sets]) - np.log(total[sets]))[hit].sum())
    gather = coo_array((share, (sets, np.arange(len(sets)))), (count, len(sets))).tocsr()
    expected = (gather @ x).toarray()
    scores = np.zeros_like(expected)
    scores[sets[hit]] = x[np.flatnonzero(hit)].toarray()
    scores -= expected
    information = (x.T @ diags_array(share) @ x).toarray() - expected.T @ expected
    return loglik, scores.sum(axis=0), information, scores


def obstacle(names: list[str], beats: ArrayLike) -> str:
    """Why no finite worths exist; empty if they do.

    Arguments:
        names: the m options.
        beats: [m, m] how often the row's option was put above, or level with, the column's.

    The maximum exists if and only if no set of options is always above all others (Ford 1957).

    Example:
        >>> obstacle(["a", "b", "c"], [[0, 2, 1], [1, 0, 1], [0, 0, 0]])
        "'c' is below all others whenever compared: its worth has no finite estimate"
        >>> obstacle(["a", "b", "c", "d"], [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
        'no comparison connects a, b with c, d: their worths cannot be compared'
    """
    wins = np.asarray(beats, float) > 0
    if len(names) < 2:
        return "fewer than two options"
    if not wins.any():
        return "nothing was compared"
    parts, label = connected_components(wins, directed=False)
    if parts > 1:
        sets = [", ".join(n for n, p in zip(names, label, strict=True) if p == k) for k in range(2)]
        rest = "" if parts == 2 else f" (and {parts - 2} more such groups)"
        return (
            f"no comparison connects {sets[0]} with {sets[1]}{rest}: "
            "their worths cannot be compared"
        )
    parts, label = connected_components(wins, directed=True, connection="strong")
    if parts == 1:
        return ""
    ends = []
    for k in range(parts):
        inside = label == k
        up, down = wins[inside][:, ~inside].any(), wins[~inside][:, inside].any()
        if not (up and down):
            ends.append((int(inside.sum()), bool(down), inside))
    size, below, inside = min(ends, key=lambda end: end[:2])
    group = ", ".join(f"'{n}'" for n, here in zip(names, inside, strict=True) if here)
    verb, whose = ("is", "its") if size == 1 else ("are", "their")
    side = "below" if below else "above"
    return (
        f"{group} {verb} {side} all others whenever compared: {whose} worth has no finite estimate"
    )
