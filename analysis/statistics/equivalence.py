"""Are two options alike within stated bounds: two one-sided paired t tests (TOST).

Not finding a difference is no proof of likeness. With d_i the difference of a participant's mean
values for two options, mean d and standard error s/√n, and bounds low < 0 < high:

    t_low = (d - low) / (s/√n),  t_high = (d - high) / (s/√n)

p of equivalence is the larger of P(T > t_low) and P(T < t_high), T with n - 1 degrees of freedom;
it is below α exactly if the 1 - 2α interval lies within the bounds.

Source: Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657; Lakens 2017, Soc. Psychol. Personal.
Sci. 8:355.

Degenerate data: fewer than two participants, or all with the same difference, leave no error to
test with: p is nan and the note says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._rates import SEPARATOR, pairs, rates
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.RATING)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "a number; the mean of a participant's numbers counts",
}
SOURCE = "Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657"


def tost(differences: ArrayLike, low: float, high: float) -> tuple[float, float, float, float]:
    """Both one-sided t tests of paired differences: t_low, p_low, t_high, p_high.

    Arguments:
        differences: [n] one for each participant.
        low, high: the bounds, low < high.

    Returns:
        all nan if n < 2 or the differences do not vary.

    Example:
        >>> [round(number, 3) for number in tost([.1, -.1, .2, 0, -.1], -.3, .3)]
        [5.488, 0.003, -4.802, 0.004]
    """
    d = np.asarray(differences, float)
    n = len(d)
    if n < 2 or np.ptp(d) <= 1e-12 * np.abs(d).max():
        return np.nan, np.nan, np.nan, np.nan
    error = d.std(ddof=1) / np.sqrt(n)
    t_low, t_high = (d.mean() - low) / error, (d.mean() - high) / error
    p_low, p_high = stats.t.sf(t_low, n - 1), stats.t.cdf(t_high, n - 1)
    return float(t_low), float(p_low), float(t_high), float(p_high)


def estimate(
    data: pd.DataFrame,
    *,
    low: float,
    high: float,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
) -> list[Estimate]:
    """Test each pair of options for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        low, high: differences between these are too small to matter; declare them before the data.
        by: column of the options.
        within: column of the groups, or None.
        level: 1 - α; the interval given is that of coverage 1 - 2α.

    Returns:
        for each group and pair: ``equivalence`` (value: mean difference, the 1 - 2α interval, p of
        equivalence), ``t_low`` and ``t_high`` (the one-sided tests), ``t_test`` (the usual
        two-sided paired t test).

    Errors:
        AnalysisError: low is not below high.
    """
    if not low < high:
        fix = "give --low below --high, such as --low=-0.1 --high=0.1"
        raise AnalysisError("statistic 'equivalence'", f"low {low} is not below high {high}", fix)
    found = []
    for segment, part in groups(data, within):
        table = rates(part, by)
        for first, second in pairs(order(data, by)):
            both = table[[first, second]].dropna()
            d = (both[first] - both[second]).to_numpy(float)
            n = len(d)
            t_low, p_low, t_high, p_high = tost(d, low, high)
            count = int((part[by].isin([first, second]) & part["value"].notna()).sum())
            note = ""
            if n < 2:
                note = f"{'one participant' if n else 'no participants'}: nothing to test"
            elif np.isnan(t_low):
                note = "all participants have the same difference: no error to test with"
            method = f"two one-sided paired t tests, bounds {low:g} .. {high:g}, {n - 1} df"
            make = Results(segment, level, n, count, method, SOURCE, note).give
            pair = f"{first}{SEPARATOR}{second}"
            mean = d.mean() if n else np.nan
            error = half = t = np.nan
            if not np.isnan(t_low):
                error = d.std(ddof=1) / np.sqrt(n)
                half, t = stats.t.ppf(level, n - 1) * error, mean / error
            found += [
                make(
                    "equivalence",
                    mean,
                    pair,
                    low=mean - half,
                    high=mean + half,
                    p=max(p_low, p_high),
                    error=error,
                    note=f"interval of coverage {2 * level - 1:.3g}",
                ),
                make("t_low", t_low, pair, p=p_low),
                make("t_high", t_high, pair, p=p_high),
                make("t_test", t, pair, p=2 * stats.t.sf(abs(t), max(n - 1, 1))),
            ]
    return found
