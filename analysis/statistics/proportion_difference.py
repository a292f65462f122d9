"""A share in two independent groups of people: Newcombe's interval, Fisher's exact test.

Difference p_1 - p_2 of two groups, one answer a person. With Wilson's intervals (l, u) of both:

    low = d - √((p_1 - l_1)² + (u_2 - p_2)²),  high = d + √((u_1 - p_1)² + (p_2 - l_2)²)

Source: Newcombe 1998, Statistics in Medicine 17:873, method 10; Fisher 1935.

Degenerate data: a group without people gives nan with a note; groups in which all agree still have
an interval of positive width. Several answers of one person are an error.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import ALL, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.intervals import wilson
from analysis.multiplicity import holm
from analysis.statistics._rates import SEPARATOR, pairs
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS, Scale.SELECTION)
COLUMNS = {"value": "1 picked or right, 0 not; one answer a person (and option)"}
OPTIONAL = {"participant": "who answered, to see that nobody answers twice"}
RANGE = (0, 1)
SOURCE = "Newcombe 1998, Statistics in Medicine 17:873, method 10"


def newcombe(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> tuple[float, float]:
    """Newcombe's hybrid score interval for x1/n1 - x2/n2.

    Example:
        >>> low, high = newcombe(56, 70, 48, 80)  # Newcombe 1998, Table II, (a)
        >>> round(low, 4), round(high, 4)
        (0.0524, 0.3339)
    """
    p1, p2 = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = wilson(x1, n1, level), wilson(x2, n2, level)
    low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
    return float(low), float(p1 - p2 + np.hypot(u1 - p1, p2 - l2))


def estimate(
    data: pd.DataFrame, *, within: str, by: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Compare each pair of groups, for each option.

    Arguments:
        data: ``value`` 0 or 1, ``within``.
        within: column of the groups.
        by: column of what is compared separately, or None.
        level: coverage.

    Returns:
        one estimate for each option and pair of groups; p is Fisher's, adjusted by Holm over the
        pairs of an option; the note gives the counts.

    Errors:
        AnalysisError: several answers of one person, values other than 0 and 1.
    """
    where = "statistic 'proportion_difference'"
    rows = data.dropna(subset=["value", within])
    keys = ["participant", *([by] if by else [])]
    if "participant" in rows and rows.duplicated(keys).any():
        fix = "keep one question, name what differs with by, or use selection_share"
        raise AnalysisError(where, "people answered several times", fix)
    if not rows["value"].isin([0, 1]).all():
        raise AnalysisError(where, "some values are neither 0 nor 1", "write 1 picked, 0 not")
    found = []
    compared = pairs(order(data, within))
    for name in order(data, by) if by else [""]:
        part = rows[rows[by].astype(str) == name] if by else rows
        label = part[within].astype(str)
        count = {g: (int(v.sum()), len(v)) for g, v in part["value"].groupby(label)}
        tables = [(*count.get(a, (0, 0)), *count.get(b, (0, 0))) for a, b in compared]
        raw = [
            stats.fisher_exact(np.array([[x1, n1 - x1], [x2, n2 - x2]])).pvalue
            if n1 and n2
            else np.nan
            for x1, n1, x2, n2 in tables
        ]
        for (a, b), (x1, n1, x2, n2), single, p in zip(
            compared, tables, raw, holm(raw), strict=True
        ):
            method = "Newcombe's hybrid score interval, Fisher's exact test, Holm"
            note = f"{x1} of {n1} and {x2} of {n2}"
            shared = Results(f"{a}{SEPARATOR}{b}", level, n1 + n2, n1 + n2, method, SOURCE, note)
            if not (n1 and n2):
                why = f"no participants in {b if n1 else a}"
                found.append(shared.give("proportion_difference", np.nan, name, p=np.nan, note=why))
                continue
            low, high = newcombe(x1, n1, x2, n2, level)
            value = x1 / n1 - x2 / n2
            found.append(
                shared.give(
                    "proportion_difference", value, name, low=low, high=high, p=p, p_single=single
                )
            )
    if not compared:
        shared = Results(ALL, level, 0, 0, "Newcombe", SOURCE)
        why = "fewer than two groups"
        found.append(shared.give("proportion_difference", np.nan, p=np.nan, note=why))
    return found
