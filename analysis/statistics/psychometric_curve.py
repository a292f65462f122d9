"""How well people do along a stimulus level: psychometric function with guessing and lapses.

The probability of a right answer at level x is

    ψ(x) = γ + (1 - γ - λ) F((x - threshold) (F⁻¹(.95) - F⁻¹(.05)) / width)

with γ the guess rate (1/m of m alternatives, fixed), λ the lapse rate between 0 and a bound, F the
normal or logistic distribution: the threshold is where F = .5, the width leads from .05 to .95.
Maximum likelihood. Intervals: by profile likelihood where each row is a person's only answer or
one person answered; with several participants they are drawn again (cluster bootstrap, percentile).

Source: Wichmann & Hill 2001, Perception & Psychophysics 63:1293; Schütt, Harmeling, Macke &
Wichmann 2016, Vision Research 122:105 (threshold and width).

Degenerate data: fewer than three levels, or performance that is the same at all levels, give nan
with a note.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit, ndtr, ndtri, xlogy

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS,)
COLUMNS = {
    "x": "level of the stimulus",
    "value": "1 right, 0 wrong; with a column count, the share of right answers",
}
OPTIONAL = {
    "participant": "who answered",
    "count": "how many answers the row stands for; 1 if there is no such column",
}
RANGE = (0, 1)
SOURCE = "Wichmann & Hill 2001, Perception & Psychophysics 63:1293"
Floats = NDArray[np.float64]
# Distribution function and half the way from F = .05 to F = .95.
CORES = {"normal": (ndtr, float(ndtri(0.95))), "logistic": (expit, float(logit(0.95)))}


def psi(
    x: ArrayLike,
    threshold: float,
    width: float,
    guess: float,
    lapse: float,
    core: str = "normal",
) -> Floats:
    """The psychometric function at levels x.

    Example:
        >>> psi([0.0, 5.0], threshold=0.0, width=1.0, guess=0.5, lapse=0.0).tolist()
        [0.75, 1.0]
    """
    cumulative, half = CORES[core]
    steps = (np.asarray(x, float) - threshold) * 2 * half / width
    return np.asarray(guess + (1 - guess - lapse) * cumulative(steps), float)


def fit(
    x: ArrayLike,
    right: ArrayLike,
    count: ArrayLike,
    guess: float = 0.5,
    lapse_max: float = 0.06,
    core: str = "normal",
    fixed: float | None = None,
    exact: bool = True,
) -> tuple[float, float, float, float]:
    """Threshold, width, lapse rate and log likelihood at their maximum.

    Arguments:
        x: [n] levels; a falling curve has a negative width.
        right: [n] right answers, may be fractional.
        count: [n] all answers.
        guess: share of right answers by guessing.
        lapse_max: largest lapse rate, 0 for none.
        core: ``normal`` or ``logistic``.
        fixed: a threshold that is held, or None.
        exact: polish the maximum to full precision; resamples need not be.
    """
    level, hits, total = (np.asarray(a, float) for a in (x, right, count))
    cumulative, half = CORES[core]
    middle, scale = float(np.average(level, weights=total)), float(np.ptp(level))
    unit = (level - middle) / scale
    held = None if fixed is None else (fixed - middle) / scale

    def loss(point: Floats) -> float:
        place, steep, lapse = (held if held is not None else point[0]), point[1], point[2]
        p = guess + (1 - guess - lapse) * cumulative((unit - place) * steep * 2 * half)
        p = np.clip(p, 1e-12, 1 - 1e-12)
        return -float((xlogy(hits, p) + xlogy(total - hits, 1 - p)).sum())

    up = float(np.cov(unit, hits / total, aweights=total)[0, 1]) >= 0
    best: tuple[float, Floats] | None = None
    for steep in (1.5, 5.0) if exact else (2.5,):
        start = np.array([0.0, steep if up else -steep, lapse_max / 4])
        bounds = [(-3.0, 3.0), (1e-3, 1e3) if up else (-1e3, -1e-3), (0.0, lapse_max)]
        found = minimize(loss, start, bounds=bounds, method="L-BFGS-B")
        if exact:
            options: Any = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 2000, "maxfev": 2000}
            found = minimize(loss, found.x, bounds=bounds, method="Nelder-Mead", options=options)
        if best is None or found.fun < best[0]:
            best = (float(found.fun), np.asarray(found.x))
    assert best is not None
    place, steep, lapse = best[1]
    threshold = middle + scale * (place if held is None else held)
    return float(threshold), float(scale / steep), float(lapse), -best[0]


def profile(
    loglik: Callable[[float], float], best: float, top: float, step: float, level: float
) -> tuple[float, float]:
    """Ends of the profile likelihood interval around ``best``; nan where it is open."""
    drop = stats.chi2.ppf(level, 1) / 2
    ends = []
    for side in (-1, 1):
        inner, outer = best, best + side * step
        for _ in range(12):
            if loglik(outer) < top - drop:
                ends.append(
                    float(brentq(lambda t: loglik(t) - top + drop, inner, outer, xtol=step * 1e-5))
                )
                break
            inner, outer = outer, outer + side * step
        else:
            ends.append(np.nan)
    return ends[0], ends[1]


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    guess: float = 0.5,
    lapse_max: float = 0.06,
    core: str = "normal",
    resamples: int = 200,
    seed: int = 0,
) -> list[Estimate]:
    """Curve for everybody and for each group, of each option.

    Arguments:
        data: ``x``, ``value``, and perhaps ``participant`` and ``count``.
        by: column of what has a curve of its own, or None.
        within: column of the groups, or None.
        level: coverage.
        guess: share of right answers by guessing, 1/m.
        lapse_max: largest lapse rate.
        core: ``normal`` or ``logistic``.
        resamples, seed: of the bootstrap over participants.

    Returns:
        ``threshold`` (with interval), ``width``, ``lapse`` and ``log_likelihood``.

    Errors:
        AnalysisError: unknown core, rates outside 0 .. 1.
    """
    where = "statistic 'psychometric_curve'"
    if core not in CORES:
        fix = f"use one of: {', '.join(CORES)}"
        raise AnalysisError(where, f"unknown core '{core}'", fix)
    if not (0 <= guess < 1 and 0 <= lapse_max < 1 - guess):
        what = f"guess {guess} and lapse_max {lapse_max} leave nothing to learn"
        raise AnalysisError(where, what, "give rates such as --guess=0.5 --lapse_max=0.06")
    found = []
    for segment, whole in groups(data, within):
        for name in order(data, by) if by else [""]:
            part = whole[whole[by].astype(str) == name] if by else whole
            part = part.dropna(subset=["x", "value"])
            part = part.assign(n=part.get("count", 1.0))
            part = part[part["n"] > 0].assign(right=lambda d: d["value"] * d["n"])
            who = part["participant"].nunique() if "participant" in part else 1
            cluster = who > 1
            how = f"{resamples} resamples of participants" if cluster else "profile likelihood"
            method = f"maximum likelihood, {core}, guess {guess:g}, lapse <= {lapse_max:g}, {how}"
            give = Results(segment, level, who, int(part["n"].sum()), method, SOURCE).give
            table = part.groupby("x")[["right", "n"]].sum()
            why = _why_not(table, guess)
            if why:
                found.append(give("threshold", np.nan, name, note=why))
                found.append(give("width", np.nan, name, note=why))
                continue
            x, right, n = table.index.to_numpy(float), table["right"], table["n"]
            model = fit(x, right, n, guess, lapse_max, core)
            threshold, width, lapse, top = model
            if cluster:
                drawn = _resampled(part, guess, lapse_max, core, resamples, seed)
                tail = [(1 - level) / 2, (1 + level) / 2]
                low, high = np.quantile(drawn[:, 0], tail)
                ends = tuple(np.quantile(drawn[:, 1], tail))
            else:
                step = float(np.ptp(x)) / 8
                low, high = profile(
                    lambda t, x=x, right=right, n=n: fit(  # type: ignore[misc]
                        x, right, n, guess, lapse_max, core, t
                    )[3],
                    threshold,
                    top,
                    step,
                    level,
                )
                ends = (np.nan, np.nan)
            note = ""
            if np.isnan(low) or np.isnan(high):
                low = high = np.nan
                note = "the data do not bound the threshold"
            found += [
                give("threshold", threshold, name, low=low, high=high, note=note),
                give("width", width, name, low=ends[0], high=ends[1]),
                give("lapse", lapse, name),
                give("log_likelihood", top, name),
            ]
    return found


def _why_not(table: pd.DataFrame, guess: float) -> str:
    if len(table) == 0:
        return "no answers"
    if len(table) < 3:
        return "fewer than three levels: threshold and width cannot be told apart"
    share = (table["right"] / table["n"]).to_numpy()
    if np.ptp(share) == 0:
        return "the share of right answers is the same at all levels"
    if share.max() <= guess:
        return "no level has more right answers than guessing gives"
    return ""


def _resampled(
    part: pd.DataFrame, guess: float, lapse_max: float, core: str, resamples: int, seed: int
) -> Floats:
    right = part.pivot_table(index="participant", columns="x", values="right", aggfunc="sum")
    n = part.pivot_table(index="participant", columns="x", values="n", aggfunc="sum")
    hits, total = right.fillna(0).to_numpy(float), n.fillna(0).to_numpy(float)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        rows = rng.integers(len(hits), size=len(hits))
        r, t = hits[rows].sum(axis=0), total[rows].sum(axis=0)
        there = t > 0
        if there.sum() > 2 and np.ptp(r[there] / t[there]) > 0:
            x = n.columns.to_numpy(float)[there]
            found.append(fit(x, r[there], t[there], guess, lapse_max, core, exact=False)[:2])
    return np.array(found) if found else np.full((1, 2), np.nan)
