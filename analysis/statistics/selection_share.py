"""How often an option is picked: mean of participant rates, cluster logit-t interval.

Quantity: the expected share of questions in which a person like these picks the option, for the
questions of this study (`new_items` speaks about questions like these). Each participant counts
once, however many questions they answered.

Source: see `analysis.intervals.logit_t`; coverage measured in docs/explanation/statistics.md.

Degenerate data: nobody in a segment gives nan; one person gives their rate without interval;
participants who all have the same rate get Wilson's interval on participants. Each says so in
its note.
"""

from __future__ import annotations

import pandas as pd

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import logit_t
from analysis.statistics._rates import COUNT, answers, rates
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.PAIRWISE, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked",
}
OPTIONAL = COUNT
RANGE = (0, 1)
SOURCE = "Korn & Graubard 1998, Survey Methodology 24:193"


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Share of each option for everybody and for each group.

    Arguments:
        data: ``participant``, ``by``, ``value`` in [0, 1] (1 picked, 0 offered but not picked).
        by: column of the options.
        within: column of the groups, or None.
        level: coverage.

    Returns:
        one estimate for each group and option, in declared order.

    Example:
        >>> frame = pd.DataFrame(
        ...     {"participant": [1, 2, 3, 4], "option": "map", "value": [1, 0, 1, 1]}
        ... )
        >>> [e] = estimate(frame)
        >>> e.item, e.value, round(e.low, 3), round(e.high, 3)
        ('map', 0.75, 0.041, 0.995)
    """
    found = []
    for segment, part in groups(data, within):
        table, counts = rates(part, by), answers(part, by)
        for option in order(data, by):
            share = table[option].dropna().to_numpy()
            value, low, high = (float(number) for number in logit_t(share, level))
            method, note = "mean of participant rates, cluster logit-t", ""
            if len(share) == 0:
                note = "no participants"
            elif len(share) == 1:
                note = "one participant: no interval"
            elif share.min() == share.max():
                method = "mean of participant rates, Wilson on participants"
                note = "all participants have the same rate"
            found.append(
                Estimate(
                    "selection_share",
                    option,
                    segment,
                    value,
                    low,
                    high,
                    level,
                    len(share),
                    counts.get(option, 0),
                    method,
                    SOURCE,
                    note=note,
                )
            )
    return found
