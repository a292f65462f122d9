"""Ratings of two groups of people: which tends to be higher (Brunner–Munzel).

Relative effect P(X < Y) + P(X = Y)/2 of two groups' values, estimated from mid-ranks: with R the
ranks in both groups together, p = (mean R_y - mean R_x)/N + 1/2. Variances may differ and ties are
allowed; t with Satterthwaite's degrees of freedom for test and interval. Each participant counts
once, with the mean of their values.

Source: Brunner & Munzel 2000, Biometrical Journal 42:17.

Degenerate data: a group of fewer than two people, or groups that do not overlap at all (the
variance is 0), give no p value and no interval; the note says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import ALL, order
from analysis.estimate import Estimate
from analysis.multiplicity import holm
from analysis.statistics._rates import SEPARATOR, pairs
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.RATING, Scale.RANKING, Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {"value": "a number; only its order counts"}
OPTIONAL = {"participant": "who answered; without it each row is a person"}
SOURCE = "Brunner & Munzel 2000, Biometrical Journal 42:17"


def brunner_munzel(x: ArrayLike, y: ArrayLike) -> tuple[float, float, float]:
    """Relative effect P(X < Y) + P(X = Y)/2, its standard error and degrees of freedom.

    Arguments:
        x, y: values of both groups.

    Returns:
        error and df are nan with fewer than two values in a group or without overlap.

    Example:
        >>> effect, error, df = brunner_munzel([1, 2, 3, 2], [2, 3, 4, 4])
        >>> round(effect, 3)
        0.844
    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    n, m = len(a), len(b)
    ranks = stats.rankdata(np.concatenate([a, b]))
    inner_a, inner_b = stats.rankdata(a), stats.rankdata(b)
    effect = float((ranks[n:].mean() - ranks[:n].mean()) / (n + m) + 0.5)
    if n < 2 or m < 2:
        return effect, np.nan, np.nan
    # Placements: how much of the other group lies below each value.
    va = float((ranks[:n] - inner_a).var(ddof=1)) / (m * m * n)
    vb = float((ranks[n:] - inner_b).var(ddof=1)) / (n * n * m)
    if va + vb <= 1e-15:
        return effect, np.nan, np.nan
    df = (va + vb) ** 2 / (va**2 / (n - 1) + vb**2 / (m - 1))
    return effect, float(np.sqrt(va + vb)), df


def estimate(
    data: pd.DataFrame, *, within: str, by: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Compare each pair of groups, for each option.

    Arguments:
        data: ``value``, ``within``, and perhaps ``participant``.
        within: column of the groups.
        by: column of what is compared separately, or None.
        level: coverage.

    Returns:
        one estimate for each option and pair of groups ``a - b``: the value is the probability
        that somebody of b gives a higher value than somebody of a (ties half); .5 is no tendency;
        p adjusted by Holm over the pairs of an option.
    """
    found = []
    compared = pairs(order(data, within))
    for name in order(data, by) if by else [""]:
        part = data[data[by].astype(str) == name] if by else data
        part = part.dropna(subset=["value", within])
        rows = len(part)
        if "participant" in part:
            part = (
                part.groupby(["participant", within], observed=True)["value"].mean().reset_index()
            )
        label = part[within].astype(str)
        values = {g: v.to_numpy(float) for g, v in part["value"].groupby(label)}
        tests = []
        for a, b in compared:
            x, y = values.get(a, np.array([])), values.get(b, np.array([]))
            whole = brunner_munzel(x, y) if len(x) and len(y) else (np.nan, np.nan, np.nan)
            tests.append((len(x), len(y), *whole))
        raw = [2 * stats.t.sf(abs(e - 0.5) / s, df) for _, _, e, s, df in tests]
        for (a, b), (n, m, effect, error, df), single, p in zip(
            compared, tests, raw, holm(raw), strict=True
        ):
            method = "Brunner–Munzel, t with Satterthwaite's df, Holm"
            shared = Results(f"{a}{SEPARATOR}{b}", level, n + m, rows, method, SOURCE)
            low = high = np.nan
            note = f"t on {df:.4g} degrees of freedom"
            if n == 0 or m == 0:
                note = f"no participants in {b if n else a}"
            elif n < 2 or m < 2:
                note = "a group of one participant: nothing to test with"
            elif np.isnan(error):
                note = "values of one group are all equal or all apart: no error to test with"
            else:
                half = stats.t.ppf(0.5 + level / 2, df) * error
                low, high = max(effect - half, 0.0), min(effect + half, 1.0)
            found.append(
                shared.give(
                    "brunner_munzel",
                    effect,
                    name,
                    low=low,
                    high=high,
                    p=p,
                    p_single=single,
                    error=error,
                    note=note,
                )
            )
    if not compared:
        shared = Results(ALL, level, 0, len(data), "Brunner–Munzel", SOURCE)
        found.append(shared.give("brunner_munzel", np.nan, p=np.nan, note="fewer than two groups"))
    return found
