"""Which pairs of options differ: McNemar's test for clustered pairs, with Holm's adjustment.

Each question answered by a participant is a matched pair (was A picked? was B picked?); pairs of
one participant belong together. With b_k (only A) and c_k (only B) discordant pairs among the n_k
pairs of participant k = 1 .. K:

- Durkalski (default): X² = (Σ (b_k - c_k)/n_k)² / Σ ((b_k - c_k)/n_k)²
- Obuchowski: X² = (K-1)/K · (Σ (b_k - c_k))² / Σ (b_k - c_k)²; here participants with many
  questions weigh more

each against chi-square with one degree of freedom.

Source: Durkalski et al. 2003, Statistics in Medicine 22:2417; Obuchowski 1998, Statistics in
Medicine 17:1495; Holm 1979.

Degenerate data: without a participant whose ticks differ there is nothing to test; p is nan, never
0, and the note says so. Fewer than two participants: the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.multiplicity import holm
from analysis.statistics._rates import SEPARATOR, pairs
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered",
    "trial": "which question of this participant",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked",
}
RANGE = (0, 1)
SOURCE = "Durkalski et al. 2003, Statistics in Medicine 22:2417; Obuchowski 1998; Holm 1979"


def durkalski(only_first: ArrayLike, only_second: ArrayLike, pairs: ArrayLike) -> float:
    """Durkalski's chi-square (1 df) from one count for each participant; nan if undefined.

    Arguments:
        only_first: [K] pairs in which only the first option was picked.
        only_second: [K] pairs in which only the second was picked.
        pairs: [K] all pairs of the participant, > 0.

    Example:
        >>> round(durkalski([2, 1, 0, 3], [0, 1, 0, 1], [4, 4, 4, 4]), 3)
        2.0
    """
    d = (np.asarray(only_first, float) - np.asarray(only_second, float)) / np.asarray(pairs, float)
    below = float((d**2).sum())
    return float(d.sum() ** 2 / below) if len(d) > 1 and below > 0 else np.nan


def obuchowski(only_first: ArrayLike, only_second: ArrayLike, pairs: ArrayLike) -> float:
    """Obuchowski's chi-square (1 df); arguments as for `durkalski`; nan if undefined.

    With both variances taken under the null (one common share), ``pairs`` cancels out.

    Example:
        >>> round(obuchowski([2, 1, 0, 3], [0, 1, 0, 1], [4, 4, 4, 4]), 3)
        1.5
    """
    d = np.asarray(only_first, float) - np.asarray(only_second, float)
    below = float((d**2).sum())
    if len(d) < 2 or below == 0:
        return np.nan
    return float(d.sum() ** 2 / below) * (len(d) - 1) / len(d)


TESTS = {"durkalski": durkalski, "obuchowski": obuchowski}


def estimate(
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    test: str = "durkalski",
) -> list[Estimate]:
    """Test each pair of options for everybody and for each group; Holm within each group.

    Arguments:
        data: ``participant``, ``trial``, ``by``, ``value`` (0 or 1).
        by: column of the options.
        within: column of the groups, or None.
        level: recorded; tests have no interval.
        test: ``durkalski`` or ``obuchowski``.

    Returns:
        one estimate for each group and pair: ``value`` is the chi-square, ``p`` is adjusted by
        Holm over the pairs of the group; the note gives the raw p.

    Errors:
        AnalysisError: unknown ``test``.
    """
    if test not in TESTS:
        fix = f"use one of: {', '.join(TESTS)}"
        raise AnalysisError("statistic 'clustered_mcnemar'", f"unknown test '{test}'", fix)
    found = []
    for segment, part in groups(data, within):
        picked = (
            part.dropna(subset=["value"])
            .astype({"value": float})
            .pivot_table(index=["participant", "trial"], columns=by, values="value", observed=True)
            .reindex(columns=order(data, by))
        )
        tests = [
            _test(picked[[first, second]].dropna(), test)
            for first, second in pairs(order(data, by))
        ]
        adjusted = holm([raw for _, raw, *_ in tests])
        for (first, second), (value, raw, people, rows), p in zip(
            pairs(order(data, by)), tests, adjusted, strict=True
        ):
            note = f"p before Holm's adjustment {raw:.4g}"
            if np.isnan(raw):
                note = (
                    "fewer than two participants" if people < 2 else "no participant's ticks differ"
                )
            found.append(
                Estimate(
                    "clustered_mcnemar",
                    f"{first}{SEPARATOR}{second}",
                    segment,
                    value,
                    np.nan,
                    np.nan,
                    level,
                    people,
                    rows,
                    f"clustered McNemar ({test.capitalize()}), chi-square 1 df, Holm",
                    SOURCE,
                    p=float(p),
                    note=note,
                    p_single=raw,
                )
            )
    return found


def _test(both: pd.DataFrame, test: str) -> tuple[float, float, int, int]:
    first, second = both.iloc[:, 0], both.iloc[:, 1]
    counts = pd.DataFrame(
        {"only_first": (first > second), "only_second": (second > first), "pairs": 1}
    )
    counts = counts.groupby(level="participant", observed=True).sum()
    value = TESTS[test](counts["only_first"], counts["only_second"], counts["pairs"])
    return value, float(stats.chi2.sf(value, 1)), len(counts), len(both)
