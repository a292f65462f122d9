"""A single question: which pairs of options differ (exact McNemar, with Holm's adjustment).

With b participants who pick only the first and c who pick only the second option, b is
Binomial(b + c, 1/2) if both are picked equally often; p = min(1, 2 P(X <= min(b, c))).

Source: McNemar 1947, Psychometrika 12:153; Holm 1979, Scand. J. Statist. 6:65.

Degenerate data: without a participant who picks exactly one of the two (b + c = 0) there is nothing
to test; p is nan, never 0, and the note says so. Several questions of one person are an error:
`clustered_mcnemar` is made for them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import groups
from analysis.estimate import Estimate
from analysis.multiplicity import holm
from analysis.statistics._rates import SEPARATOR, pairs
from analysis.statistics._results import Results
from analysis.statistics._single import single
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered (one question each)",
    "option": "what was offered",
    "value": "1 picked or right, 0 not",
}
RANGE = (0, 1)
SOURCE = "McNemar 1947, Psychometrika 12:153; Holm 1979"


def exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p value; nan without discordant participants.

    Example:
        >>> round(exact(1, 8), 5)
        0.03906
    """
    n = only_first + only_second
    return float(stats.binomtest(only_first, n, 0.5).pvalue) if n else np.nan


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Test each pair of options for everybody and for each group; Holm within each group.

    Arguments:
        data: ``participant``, ``by``, ``value`` (0 or 1).
        by: column of the options.
        within: column of the groups, or None.
        level: recorded; the test has no interval.

    Returns:
        value: difference of the two shares, (b - c) / n; p adjusted by Holm; the note gives b, c
        and the raw p.

    Errors:
        AnalysisError: a participant with several values for an option.
    """
    found = []
    for segment, part in groups(data, within):
        table, left_out = single(part, by, "exact_mcnemar", "clustered_mcnemar")
        n = len(table)
        shared = Results(segment, level, n, 2 * n, "exact McNemar, Holm", SOURCE, left_out)
        compared = pairs(list(table.columns))
        counts = [
            (int((table[a] > table[b]).sum()), int((table[b] > table[a]).sum()))
            for a, b in compared
        ]
        raw = [exact(b, c) for b, c in counts]
        for (first, second), (b, c), p, adjusted in zip(
            compared, counts, raw, holm(raw), strict=True
        ):
            note = f"{b} picked only the first, {c} only the second; p before Holm {p:.4g}"
            if np.isnan(p):
                note = "nobody picked exactly one of the two" if n else "no participants"
            value = (b - c) / n if n else np.nan
            found.append(
                shared.give(
                    "exact_mcnemar",
                    value,
                    f"{first}{SEPARATOR}{second}",
                    p=adjusted,
                    p_single=p,
                    note=note,
                )
            )
        if not compared:
            why = "fewer than two options" if n else "no participants"
            found.append(shared.give("exact_mcnemar", np.nan, p=np.nan, note=why))
    return found
