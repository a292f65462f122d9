"""How much more often one option is picked than another by the same people: paired t interval.

Quantity: share of the first option minus share of the second, within participants; the item is
written ``first - second``. This is what "people prefer A over B" is judged by.

Source: see `analysis.intervals.difference_t`.

Degenerate data: nobody gives nan; one person gives no interval; where all participants have the
same difference, the interval allows for the people unlike them that n people can miss.
"""

from __future__ import annotations

import pandas as pd

from analysis.estimate import Estimate
from analysis.intervals import difference_t
from analysis.segments import groups, order
from analysis.statistics._rates import SEPARATOR, pairs, rates
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.RATING)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked; a rating",
}
SOURCE = "Student 1908, Biometrika 6:1"


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Difference of each pair of options for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value``.
        by: column of the options.
        within: column of the groups, or None.
        level: coverage of each interval.

    Returns:
        one estimate for each group and pair, in declared order.
    """
    found = []
    # Shares differ by at most 1, ratings by at most the range that was used.
    values = data["value"].astype(float)
    scale = max(1.0, float(values.max() - values.min())) if values.notna().any() else 1.0
    for segment, part in groups(data, within):
        table = rates(part, by)
        for first, second in pairs(order(data, by)):
            both = table[[first, second]].dropna()
            difference = (both[first] - both[second]).to_numpy()
            ends = difference_t(difference / scale, level)
            value, low, high = (float(number) * scale for number in ends)
            note = ""
            if len(both) == 0:
                note = "no participants"
            elif len(both) == 1:
                note = "one participant: no interval"
            elif difference.min() == difference.max():
                note = "all participants have the same difference"
            count = int(part[by].isin([first, second]).sum())
            found.append(
                Estimate(
                    "paired_difference",
                    f"{first}{SEPARATOR}{second}",
                    segment,
                    value,
                    low,
                    high,
                    level,
                    len(both),
                    count,
                    "mean paired difference of participant rates, t",
                    SOURCE,
                    note=note,
                )
            )
    return found
