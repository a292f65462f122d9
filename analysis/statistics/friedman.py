"""Rankings or ratings of all options by each person: Friedman, Kendall's W, Nemenyi.

Each participant's values (means over their questions) are ranked over the k options, ties get mean
ranks. With R_j the rank sums of n participants and T = Σ (t³ - t) over all ties:

    Q = (12 Σ R_j² - 3 n² k (k+1)²) / (n k (k+1) - T/(k-1)), chi-square on k - 1 df
    W = Q / (n (k - 1)): 0 no agreement, 1 all rank alike
    Nemenyi: |R_i/n - R_j/n| / √(k (k+1) / (12 n)), studentized range of k, infinite df

Source: Friedman 1937, JASA 32:675; Kendall & Babington Smith 1939; Nemenyi 1963; Hollander & Wolfe
1999, sections 7.1 and 7.3; Demšar 2006, JMLR 7:1.

Degenerate data: where every participant ranks all options alike (ties only) there is nothing to
test; p is nan with a note. Participants without a value for every option are left out and counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import groups
from analysis.estimate import Estimate
from analysis.statistics._rates import SEPARATOR, complete, pairs
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.RANKING, Scale.RATING, Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who judged",
    "option": "what was judged, by everybody",
    "value": "a rank (1 best) or a rating; only its order within a participant counts",
}
SOURCE = "Friedman 1937, JASA 32:675; Kendall & Babington Smith 1939; Nemenyi 1963"


def friedman(table: ArrayLike) -> tuple[float, float, float]:
    """Friedman's chi-square corrected for ties, its p value, and Kendall's W.

    Arguments:
        table: [n, k] a row for each participant.

    Returns:
        nan if there is nobody, a single option, or nothing but ties.
    """
    x = np.asarray(table, float)
    n, k = x.shape
    if n == 0 or k < 2:
        return np.nan, np.nan, np.nan
    ranks = stats.rankdata(np.round(x, 12), axis=1)
    spread = (ranks**2).sum() - n * k * (k + 1) ** 2 / 4
    if spread <= 0:
        return np.nan, np.nan, np.nan
    sums = ranks.sum(axis=0)
    q = float((k - 1) * ((sums**2).sum() - n**2 * k * (k + 1) ** 2 / 4) / spread)
    return q, float(stats.chi2.sf(q, k - 1)), q / (n * (k - 1))


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """All three for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the options.
        within: column of the groups, or None.
        level: recorded; tests have no interval.

    Returns:
        for each group ``friedman`` (chi-square), ``kendall_w``, and for each pair ``nemenyi``
        (value: difference of mean ranks, p adjusted by Nemenyi over all pairs).
    """
    found = []
    for segment, part in groups(data, within):
        table, left_out = complete(part, by)
        n, k = table.shape
        q, p, w = friedman(table)
        why = ""
        if np.isnan(q):
            why = "no participants" if n == 0 else "every participant ranks all options alike"
            why = "fewer than two options" if n and k < 2 else why
        count = int(part["value"].notna().sum())
        method = f"Friedman with ties, chi-square {max(k - 1, 0)} df"
        give = Results(segment, level, n, count, method, SOURCE, left_out).give
        found += [give("friedman", q, p=p, note=why), give("kendall_w", w, note=why)]
        if n == 0:
            continue
        ranks = stats.rankdata(np.round(table.to_numpy(float), 12), axis=1).mean(axis=0)
        error = np.sqrt(k * (k + 1) / (12 * n))
        column = dict(zip(table.columns, ranks, strict=True))
        for first, second in pairs(list(table.columns)):
            d = column[first] - column[second]
            tail = (
                np.nan if why else min(1.0, stats.studentized_range.sf(abs(d) / error, k, np.inf))
            )
            found.append(give("nemenyi", d, f"{first}{SEPARATOR}{second}", p=tail, note=why))
    return found
