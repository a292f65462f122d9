"""How long an answer takes: median over participants of their own median, order-statistic interval.

Source: see `analysis.intervals.median_order`. Times are in milliseconds, without the time in which
the page was hidden. Each participant counts once.

Degenerate data: fewer than six participants leave no interval at 95 %.
"""

from __future__ import annotations

import pandas as pd

from analysis.data.segments import groups
from analysis.estimate import Estimate
from analysis.intervals import median_order
from db.scale import Scale

ACCEPTS = tuple(Scale)
COLUMNS = {
    "participant": "who answered",
    "trial": "which question of this participant",
    "rt_ms": "how long the answer took, milliseconds",
}
SOURCE = "Conover 1999, Practical Nonparametric Statistics, section 3.2"


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Median time of an answer for everybody and for each group.

    Arguments:
        data: ``participant``, ``trial``, ``rt_ms``.
        by: not used: options of one question are answered together.
        within: column of the groups, or None.
        level: coverage.

    Returns:
        one estimate for each group, in milliseconds.
    """
    found = []
    for segment, part in groups(data, within):
        trials = part.dropna(subset=["rt_ms"]).drop_duplicates(["participant", "trial"])
        medians = trials.groupby("participant", observed=True)["rt_ms"].median()
        value, low, high = median_order(medians.to_numpy(float), level)
        note = "" if low == low else "too few participants for an interval"
        found.append(
            Estimate(
                "response_time",
                "",
                segment,
                value,
                low,
                high,
                level,
                len(medians),
                len(trials),
                "median of participant medians, order statistics",
                SOURCE,
                note=note if len(medians) else "no participants",
            )
        )
    return found
