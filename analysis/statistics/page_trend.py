"""Do values rise over ordered options, within people: Page's L.

The options stand in a predicted order (the declared order of the column, first expected lowest).
Each participant's values are ranked, ties get mean ranks; with R_j the rank sums:

    L = Σ j R_j;  z = (L - n k (k+1)²/4) / √(n k² (k+1) (k²-1) / 144)

Source: Page 1963, JASA 58:216. p is exact for small n and k without ties (scipy), else normal.

Degenerate data: nobody, fewer than three options, or nothing but ties give nan with a note.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import groups
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._rates import complete
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.RANKING, Scale.RATING, Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who judged",
    "option": "the ordered options, judged by everybody",
    "value": "a number; only its order within a participant counts",
}
SOURCE = "Page 1963, JASA 58:216"


def estimate(
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    sequence: str = "",
) -> list[Estimate]:
    """Page's L for everybody and for each group, one-sided: values rise.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the ordered options.
        within: column of the groups, or None.
        level: recorded; tests have no interval.
        sequence: the options from expected lowest to highest, separated by commas; the declared
            order of the column if empty.

    Errors:
        AnalysisError: ``sequence`` does not name every option once.
    """
    found = []
    for segment, part in groups(data, within):
        table, left_out = complete(part, by)
        if sequence and len(table):
            named = [name.strip() for name in sequence.split(",")]
            if sorted(named) != sorted(table.columns):
                fix = f"name each once: {', '.join(table.columns)}"
                raise AnalysisError(
                    "statistic 'page_trend'", f"sequence '{sequence}' does not fit", fix
                )
            table = table[named]
        n, k = table.shape
        ranks = stats.rankdata(np.round(table.to_numpy(float), 12), axis=1)
        why = ""
        if n == 0:
            why = "no participants"
        elif k < 3:
            why = "fewer than three options: a trend needs three"
        elif np.ptp(ranks) == 0:
            why = "every participant ranks all options alike"
        method = "Page's L, one-sided: values rise in the order of the options"
        count = int(part["value"].notna().sum())
        shared = Results(segment, level, n, count, method, SOURCE, left_out)
        if why:
            found.append(shared.give("page_trend", np.nan, p=np.nan, note=why))
            continue
        tied = any(len(set(row)) < k for row in ranks)
        # The exact distribution of scipy is quick only for small tables.
        exact = not tied and n <= 12 and k <= 6
        if n == 1:
            exact = False
        value = float((ranks.sum(axis=0) * np.arange(1, k + 1)).sum())
        if exact:
            p = stats.page_trend_test(ranks, ranked=True, method="exact").pvalue
        else:
            spread = np.sqrt(n * k**2 * (k + 1) * (k**2 - 1) / 144)
            p = stats.norm.sf((value - n * k * (k + 1) ** 2 / 4) / spread)
        note = "exact p" if exact else "normal approximation"
        found.append(shared.give("page_trend", value, p=p, note=note))
    return found
