"""Likert ratings: cumulative link model with proportional odds, by maximum likelihood.

Ratings y in ordered categories 1 .. q; for a row with option (and group) effects β

    P(y <= c) = F(θ_c - x β),  F logistic (or normal)

β > 0 means higher ratings than the reference (the first option, the first group). Standard errors
from the information matrix, or, where participants rated several times, the sandwich over people:
ratings of one person resemble each other.

Source: McCullagh 1980, JRSS B 42:109; Agresti 2010, Analysis of Ordinal Categorical Data, ch. 3.

Degenerate data: all ratings equal, or a single option and group, give nan with a note; so does an
option whose ratings are all above or all below every other (no finite estimate).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit, ndtr

from analysis.data.segments import ALL, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._results import Results, people
from db.scale import Scale

ACCEPTS = (Scale.RATING,)
COLUMNS = {
    "option": "what was rated",
    "value": "the rating, a number of an ordered scale",
}
OPTIONAL = {"participant": "who rated"}
SOURCE = "McCullagh 1980, JRSS B 42:109"
Floats = NDArray[np.float64]
LINKS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "logit": (expit, lambda z: expit(z) * expit(-z)),
    "probit": (ndtr, lambda z: np.exp(-z * z / 2) / np.sqrt(2 * np.pi)),
}


def fit(
    x: Floats, y: NDArray[np.int64], q: int, link: str = "logit"
) -> tuple[Floats, Floats, Floats, float, bool]:
    """Thresholds then effects, their covariance, scores of each row, log likelihood, success.

    Arguments:
        x: [n, p] effects, without intercept.
        y: [n] categories 0 .. q - 1, each used.
        q: number of categories.
        link: ``logit`` or ``probit``.
    """
    cdf, pdf = LINKS[link]
    n, p = x.shape
    row = np.arange(n)

    def parts(point: Floats) -> tuple[Floats, Floats]:
        """Probability of what was rated, and each row's score."""
        cut = np.concatenate([[-np.inf], point[: q - 1], [np.inf]])
        shift = x @ point[q - 1 :]
        upper, lower = cut[y + 1] - shift, cut[y] - shift
        chance = np.maximum(cdf(upper) - cdf(lower), 1e-300)
        up = np.where(np.isfinite(upper), pdf(np.where(np.isfinite(upper), upper, 0.0)), 0.0)
        down = np.where(np.isfinite(lower), pdf(np.where(np.isfinite(lower), lower, 0.0)), 0.0)
        scores = np.zeros((n, q - 1 + p))
        inner = y < q - 1
        scores[row[inner], y[inner]] = up[inner]
        outer = y > 0
        scores[row[outer], y[outer] - 1] -= down[outer]
        scores[:, q - 1 :] = -(up - down)[:, None] * x
        return chance, scores / chance[:, None]

    def loss(point: Floats) -> tuple[float, Floats]:
        if (np.diff(point[: q - 1]) <= 0).any():
            return np.inf, np.zeros_like(point)
        chance, scores = parts(point)
        return -float(np.log(chance).sum()), -scores.sum(axis=0)

    share = np.cumsum(np.bincount(y, minlength=q))[:-1] / n
    start = np.concatenate([stats.logistic.ppf(share), np.zeros(p)])
    point = np.asarray(minimize(loss, start, jac=True, method="BFGS").x)
    hessian = np.eye(len(point))
    for _ in range(20):
        # Newton's steps, with differences of the analytic gradient, to full precision.
        step = 1e-5
        hessian = np.stack(
            [
                (loss(point + step * e)[1] - loss(point - step * e)[1]) / (2 * step)
                for e in np.eye(len(point))
            ]
        )
        hessian = (hessian + hessian.T) / 2
        move = np.linalg.lstsq(hessian, loss(point)[1], rcond=None)[0]
        if not np.isfinite(loss(point - move)[0]):
            break
        point = point - move
        if np.abs(move).max() < 1e-10:
            break
    value, gradient = loss(point)
    values = np.linalg.eigvalsh(hessian)
    good = bool(np.abs(gradient).max() < 1e-5 and values.min() > 1e-6 and np.abs(point).max() < 15)
    inverse = np.asarray(np.linalg.pinv(hessian, hermitian=True), np.float64)
    return point, inverse, parts(point)[1], -value, good


def estimate(
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    link: str = "logit",
) -> list[Estimate]:
    """Effects of options, and of groups, on the ratings.

    Arguments:
        data: ``by``, ``value``, and perhaps ``participant`` and ``within``.
        by: column of the options.
        within: column of groups whose effect is estimated as well, or None.
        level: coverage (Wald).
        link: ``logit`` (proportional odds) or ``probit``.

    Returns:
        ``effect`` of each option and group against the first (log odds ratio for ``logit``),
        ``threshold`` of each step of the scale, ``log_likelihood``.

    Errors:
        AnalysisError: unknown link.
    """
    if link not in LINKS:
        fix = f"use one of: {', '.join(LINKS)}"
        raise AnalysisError("statistic 'cumulative_link'", f"unknown link '{link}'", fix)
    columns = [by, *([within] if within else [])]
    part = data.dropna(subset=["value", *columns])
    levels, y = np.unique(part["value"].to_numpy(float), return_inverse=True)
    named = []
    blocks = []
    for column in columns:
        text = part[column].astype(str).to_numpy()
        there = [name for name in order(part, column) if (text == name).any()]
        named += [f"{column}: {name}" if within else name for name in there[1:]]
        blocks += [(text == name).astype(float) for name in there[1:]]
    who = people(part)
    cluster = "participant" in part and who < len(part)
    errors = "sandwich over participants" if cluster else "information matrix"
    method = f"cumulative link model, {link}, errors: {errors}"
    give = Results(ALL, level, who, len(part), method, SOURCE).give
    why = ""
    if len(part) == 0:
        why = "no answers"
    elif len(levels) < 2:
        why = "all ratings are the same"
    elif not blocks:
        why = "a single option: nothing to compare"
    elif cluster and who < 2:
        why = "one participant: what holds for others cannot be told"
    elif np.linalg.matrix_rank(np.column_stack([np.ones(len(part)), *blocks])) <= len(blocks):
        why = "groups and options cannot be told apart"
    if why:
        return [give("effect", np.nan, p=np.nan, note=why)]
    q = len(levels)
    point, covariance, scores, loglik, good = fit(np.column_stack(blocks), y, q, link)
    if not good:
        why = "no finite estimate: some option's ratings lie all above or all below the others"
        return [give("effect", np.nan, name, p=np.nan, note=why) for name in named]
    if cluster:
        sums = np.zeros((who, len(point)))
        np.add.at(sums, pd.factorize(part["participant"])[0], scores)
        covariance = covariance @ (who / (who - 1) * sums.T @ sums) @ covariance
    error = np.sqrt(np.maximum(np.diag(covariance), 0))
    z = stats.norm.ppf(0.5 + level / 2)
    found = []
    for name, value, e in zip(named, point[q - 1 :], error[q - 1 :], strict=True):
        if e < 1e-9:
            why = "participants do not vary: no error to test with"
            found.append(give("effect", value, name, p=np.nan, note=why))
            continue
        low, high, p = value - z * e, value + z * e, 2 * stats.norm.sf(abs(value / e))
        found.append(give("effect", value, name, low=low, high=high, p=p, error=e))
    for step, value, e in zip(range(q - 1), point, error, strict=False):
        name = f"{levels[step]:g}|{levels[step + 1]:g}"
        found.append(give("threshold", value, name, error=e))
    return [*found, give("log_likelihood", loglik)]
