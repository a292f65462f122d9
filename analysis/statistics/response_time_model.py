"""How many times longer answers take: mixed model of the logarithm, a level for each person.

log t_ij = group_i + b · (question number - mean) + u_i + e_ij, with the person's level u_i and the
answer's chance e_ij normal, fitted by restricted maximum likelihood. Differences of logarithms are
ratios of times, and a group's mean logarithm is its geometric mean time, which a few very long
answers hardly move.

Source: Laird & Ware 1982, Biometrics 38:963; Lo & Andrews 2015, Front. Psychol. 6:1171 (why
logarithms are a choice: effects multiply). Fitted by statsmodels; t on n - g degrees of freedom for
n participants in g groups.

Degenerate data: times of zero or less are left out and counted; no more participants than groups,
a single answer each, or times that are all alike give nan with a note.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import ALL, order
from analysis.estimate import Estimate
from analysis.multiplicity import holm
from analysis.statistics._rates import SEPARATOR, pairs
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = tuple(Scale)
COLUMNS = {
    "participant": "who answered",
    "trial": "which question of this participant",
    "rt_ms": "how long the answer took, milliseconds",
}
OPTIONAL = {"position": "which question it was, from 1: people become faster"}
SOURCE = "Laird & Ware 1982, Biometrics 38:963"
METHOD = "mixed model of log time, participants random, REML, t"


def estimate(
    data: pd.DataFrame, *, within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Geometric mean times, ratios of groups, and how times change from question to question.

    Arguments:
        data: ``participant``, ``trial``, ``rt_ms``, and perhaps ``position``.
        within: column of the groups, or None.
        level: coverage.

    Returns:
        ``geometric_mean_time`` (milliseconds) for everybody or each group, ``time_ratio`` for each
        pair of groups (p adjusted by Holm), and ``time_per_question``: each question takes so many
        times as long as the one before; ``within_participant_share`` is the part of the variance
        that lies within people.
    """
    trials = data.dropna(subset=["participant", "rt_ms"]).drop_duplicates(["participant", "trial"])
    positive = trials[trials["rt_ms"].astype(float) > 0]
    lost = len(trials) - len(positive)
    note = f"{lost} times of zero or less left out" if lost else ""
    names = [ALL]
    if within is not None:
        positive = positive.dropna(subset=[within])
        there = positive[within].astype(str)
        names = [name for name in order(data, within) if (there == name).any()]
    people = positive["participant"].nunique()
    shared = Results(ALL, level, people, len(positive), METHOD, SOURCE, note)
    why = _undefined(positive, people, len(names))
    if why:
        return [shared.give("geometric_mean_time", np.nan, note=why)]
    group = pd.Categorical(positive[within].astype(str), names).codes if within else None
    fit, slope = _fit(positive, group, len(names))
    g, df = len(names), people - len(names)
    quantile = stats.t.ppf(0.5 + level / 2, df)
    mean, covariance = fit.fe_params[:g], fit.cov_params()[:g, :g]
    found = []
    for k, name in enumerate(names):
        here = positive if group is None else positive[group == k]
        each = Results(name, level, here["participant"].nunique(), len(here), METHOD, SOURCE, note)
        half = quantile * np.sqrt(covariance[k, k])
        ends = {"low": np.exp(mean[k] - half), "high": np.exp(mean[k] + half)}
        found.append(each.give("geometric_mean_time", np.exp(mean[k]), **ends))
    found += _ratios(names, mean, covariance, df, shared)
    if slope is not None:
        b, error = slope
        half = stats.t.ppf(0.5 + level / 2, len(positive) - people - 1) * error
        p = 2 * stats.t.sf(abs(b / error), len(positive) - people - 1)
        ends = {"low": np.exp(b - half), "high": np.exp(b + half)}
        found.append(shared.give("time_per_question", np.exp(b), p=p, **ends))
    between = float(np.asarray(fit.cov_re).ravel()[0])
    found.append(shared.give("within_participant_share", fit.scale / (fit.scale + between)))
    return found


def _undefined(trials: pd.DataFrame, people: int, groups: int) -> str:
    if not people:
        return "no participants"
    if people <= groups:
        return f"{people} participants are too few for {groups} groups"
    if len(trials) == people:
        return "a single answer of each participant: nothing varies within people"
    times = trials["rt_ms"].astype(float)
    inside = times.groupby(trials["participant"], observed=True).nunique()
    return "" if inside.max() > 1 else "times do not vary within participants"


def _ratios(
    names: list[str], mean: Any, covariance: Any, df: int, shared: Results
) -> list[Estimate]:
    """Times of one group as multiples of another's, for each pair."""
    places = [(names.index(a), names.index(b)) for a, b in pairs(names)]
    difference = [float(mean[a] - mean[b]) for a, b in places]
    error = [
        float(np.sqrt(covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]))
        for a, b in places
    ]
    single = [2 * stats.t.sf(abs(d / e), df) for d, e in zip(difference, error, strict=True)]
    quantile = stats.t.ppf(0.5 + shared.level / 2, df)
    found = []
    for (a, b), d, e, raw, p in zip(places, difference, error, single, holm(single), strict=True):
        item = f"{names[a]}{SEPARATOR}{names[b]}"
        ends = {"low": np.exp(d - quantile * e), "high": np.exp(d + quantile * e)}
        found.append(shared.give("time_ratio", np.exp(d), item, p=p, p_single=raw, **ends))
    return found


def _fit(trials: pd.DataFrame, group: Any, groups: int) -> tuple[Any, tuple[float, float] | None]:
    """The fitted model, and slope and error of the question's number where it is known."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    y = np.log(trials["rt_ms"].to_numpy(float))
    exog = np.ones((len(y), 1)) if group is None else np.eye(groups)[group]
    position = trials["position"].astype(float) if "position" in trials else pd.Series(dtype=float)
    known = len(position) > 0 and bool(position.notna().all()) and position.nunique() > 1
    if known:
        exog = np.column_stack([exog, position - position.mean()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # people who are no more alike than others: variance 0
        fit = MixedLM(y, exog, groups=trials["participant"].astype(str).to_numpy()).fit(reml=True)
    slope = (float(fit.fe_params[-1]), float(fit.bse_fe[-1])) if known else None
    return fit, slope
