"""Right more often than by guessing: exact binomial test, Wilson and Clopper–Pearson intervals.

Of n answers x are right; by guessing x is Binomial(n, chance). Two-sided p sums the probabilities
of all outcomes that are no more likely than x. Wilson's interval is the score interval;
Clopper–Pearson's never covers less than its level.

Source: Clopper & Pearson 1934, Biometrika 26:404; Wilson 1927, JASA 22:209.

Degenerate data: no answers give nan with a note. Answers of one person resemble each other: with
several of one person the note says that the intervals are too narrow (`selection_share` is not).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.intervals import wilson
from analysis.statistics._results import Results, people
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS, Scale.SELECTION, Scale.PAIRWISE)
COLUMNS = {"value": "1 right or picked, 0 not"}
OPTIONAL = {"participant": "who answered"}
RANGE = (0, 1)
SOURCE = "Clopper & Pearson 1934, Biometrika 26:404; Wilson 1927, JASA 22:209"
SIDES: dict[str, Literal["two-sided", "greater", "less"]] = {
    "two-sided": "two-sided",
    "greater": "greater",
    "less": "less",
}


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    chance: float = 0.5,
    alternative: str = "two-sided",
) -> list[Estimate]:
    """Test and intervals for everybody and for each group.

    Arguments:
        data: ``value`` 0 or 1, a row for each answer.
        by: column of what is tested separately, or None.
        within: column of the groups, or None.
        level: coverage.
        chance: share of right answers by guessing, such as 1/3 for one of three (write .3333333).
        alternative: ``two-sided``, ``greater`` or ``less``.

    Returns:
        for each group and option ``exact_binomial`` (value: share; interval: Clopper–Pearson; p)
        and ``wilson`` (value: share; interval: Wilson).

    Errors:
        AnalysisError: chance outside 0 .. 1, unknown alternative, values other than 0 and 1.

    Example:
        >>> test, score = estimate(pd.DataFrame({"value": [1] * 8 + [0] * 2}))
        >>> round(test.p, 4), round(score.low, 3), round(score.high, 3)
        (0.1094, 0.49, 0.943)
    """
    where = "statistic 'exact_binomial'"
    if not 0 < chance < 1:
        raise AnalysisError(where, f"chance is {chance}", "give a share such as --chance=0.5")
    if alternative not in SIDES:
        fix = f"use one of: {', '.join(SIDES)}"
        raise AnalysisError(where, f"unknown alternative '{alternative}'", fix)
    if not data["value"].dropna().isin([0, 1]).all():
        raise AnalysisError(where, "some values are neither 0 nor 1", "write 1 right, 0 wrong")
    found = []
    for segment, part in groups(data, within):
        for name in order(data, by) if by else [""]:
            rows = (part[part[by].astype(str) == name] if by else part).dropna(subset=["value"])
            n, x = len(rows), int(rows["value"].sum())
            who = people(rows)
            note = "several answers of one person: intervals and p are too sure" if n > who else ""
            method = f"exact binomial test against {chance:g}, {alternative}"
            shared = Results(segment, level, who, n, method, SOURCE, note)
            if n == 0:
                found += [
                    shared.give("exact_binomial", np.nan, name, p=np.nan, note="no answers"),
                    shared.give("wilson", np.nan, name, note="no answers"),
                ]
                continue
            test = stats.binomtest(x, n, chance, SIDES[alternative])
            low, high = stats.binomtest(x, n).proportion_ci(level, "exact")
            found.append(
                shared.give("exact_binomial", x / n, name, low=low, high=high, p=test.pvalue)
            )
            ends = wilson(x, n, level)
            found.append(shared.give("wilson", x / n, name, low=ends[0], high=ends[1]))
    return found
