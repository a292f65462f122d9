"""Are concepts recognised: share of right choices against chance, people and concepts crossed.

Model: right or wrong y_ij of participant i about concept j has random participants and random
concepts, with the variances of `new_items` (one value for each pair: the mean of its answers). With
p the mean of participants' rates and s² the variance that both bring, the answers are worth
n' = p (1 - p) / s² independent ones, and Wilson's interval and score test on n' answers are given,
with t on Satterthwaite's degrees of freedom ν in place of z:

    (p + t²/2n' ± t √(p(1-p)/n' + t²/4n'²)) / (1 + t²/n'),   T = (p - c) / √(c (1 - c)/n') ~ t[ν]

c is the chance of a right answer by guessing, the mean over the answers. It speaks about people
and concepts like these; for one concept, or one person, about the other alone:

- one concept: each person's rate counts once, Wilson's interval with n people, exact binomial test;
- one person: Clopper–Pearson interval and exact binomial test over the concepts.

Source: Gao & Owen 2017, Electronic Journal of Statistics 11:1235 (variances); Korn & Graubard 1998,
Survey Methodology 24:193 (n'); Wilson 1927; Clopper & Pearson 1934. Coverage is measured in
tests/recovery/test_analysis_concepts.py.

Degenerate data: no answers give nan with a note; where all answers are the same, or people and
concepts cannot be told apart, n' is the smaller number of people and of concepts, and the note says
so.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.intervals import wilson
from analysis.multiplicity import holm
from analysis.statistics._results import Results
from analysis.statistics.new_items import crossed
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS,)
COLUMNS = {
    "participant": "who answered",
    "concept": "what was asked about",
    "value": "1 right, 0 wrong",
}
OPTIONAL = {"chance": "the share that is right by guessing, such as .5; else the option chance"}
RANGE = (0, 1)
SOURCE = "Gao & Owen 2017; Korn & Graubard 1998, Survey Methodology 24:193; Wilson 1927"
_ROUNDED = 0.005  # a chance that is written as .17 or .1667 is 1/6
EXACT = "Clopper & Pearson 1934, Biometrika 26:404"


def estimate(
    data: pd.DataFrame,
    *,
    by: str | None = None,
    within: str | None = None,
    level: float = 0.95,
    chance: float | None = None,
) -> list[Estimate]:
    """Share of right choices for everybody and for each group.

    Arguments:
        data: see `COLUMNS`; a row for each answer.
        by: column of what is looked at separately (``concept``, ``layer``, ``family``, ``option``
            for the kind of test), or None.
        within: column of the groups of people, or None.
        level: coverage.
        chance: share that is right by guessing, such as 1/6 = .166667; the column ``chance`` of
            the answers if None.

    Returns:
        ``choice_accuracy`` for each group and each value of ``by``: the share, its interval, and
        p against chance (two-sided), by Holm's method over the values of ``by`` within a group;
        ``p_single`` is not adjusted.

    Errors:
        AnalysisError: chance is not known, or not in 0 .. 1.

    Example:
        >>> frame = pd.DataFrame({"participant": [1, 1, 2, 2], "concept": ["a", "b", "a", "b"],
        ...                       "value": [1, 1, 1, 0]})
        >>> round(estimate(frame, chance=.5)[0].value, 3)
        0.75
    """
    _check(data, chance)
    found = []
    for segment, part in groups(data, within):
        here = [
            _one(part if by is None else part[part[by].astype(str) == name], name, segment, level,
                 chance)
            for name in (order(data, by) if by else [""])
        ]  # fmt: skip
        found += _adjusted(here)
    return found


def _check(data: pd.DataFrame, chance: float | None) -> None:
    where = "statistic 'choice_accuracy'"
    fix = "give the share that is right by guessing: --chance=0.166667 for one of six"
    if chance is None and "chance" not in data:
        raise AnalysisError(where, "does not know how often guessing is right", fix)
    known = [chance] if chance is not None else data.loc[data["value"].notna(), "chance"]
    numbers = pd.to_numeric(pd.Series(known, dtype=object), errors="coerce")
    if len(numbers) and not numbers.between(0, 1, inclusive="neither").all():
        raise AnalysisError(where, "has a chance that is not between 0 and 1", fix)


def _one(
    part: pd.DataFrame, name: str, segment: str, level: float, chance: float | None
) -> Estimate:
    rows = part.dropna(subset=["participant", "concept", "value"])
    table = rows.pivot_table(
        index="participant", columns="concept", values="value", observed=True
    ).to_numpy(float)
    people, concepts = table.shape if len(rows) else (0, 0)
    if not people:
        shared = Results(segment, level, 0, 0, "share of right choices", SOURCE)
        return shared.give("choice_accuracy", np.nan, name, p=np.nan, note="no answers")
    own = float(pd.to_numeric(rows["chance"]).mean()) if "chance" in rows else np.nan
    by_guess = own if chance is None else chance
    against = f"against chance {by_guess:.3g}"
    doubt = ""
    if abs(by_guess - own) > _ROUNDED:  # such as a plan of six pictures where five were shown
        doubt = f"guessing was right in {own:.3g} of these answers, not in {by_guess:.3g}"

    def give(value: float, ends: tuple[float, float], p: float, how: str, note: str) -> Estimate:
        source = EXACT if how.startswith("Clopper") else SOURCE
        shared = Results(segment, level, people, len(rows), f"{how}, {against}", source)
        low, high = ends
        note = "; ".join(filter(None, (doubt, note)))
        return shared.give("choice_accuracy", value, name, low=low, high=high, p=p, note=note)

    if people == 1:
        n, right = len(rows), round(float(rows["value"].sum()))
        test = stats.binomtest(right, n, by_guess)
        low, high = test.proportion_ci(level, "exact")
        note = "one participant: it says nothing about others"
        return give(right / n, (low, high), test.pvalue, "Clopper–Pearson, exact test", note)
    if concepts == 1:
        rates = np.nanmean(table, axis=1)
        value = float(rates.mean())
        ends = tuple(float(end) for end in wilson(rates.sum(), people, level))
        p = stats.binomtest(round(float(rates.sum())), people, by_guess).pvalue
        return give(value, (ends[0], ends[1]), p, "Wilson over people, exact test", "")
    result = crossed(table)
    value, df = float(np.clip(result.mean, 0.0, 1.0)), float(result.df)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = value * (1 - value) / float(result.error) ** 2 if result.error > 0 else np.nan
    note = ""
    if not np.isfinite(worth) or worth <= 0 or not np.isfinite(df):
        worth = float(min(people, concepts))
        df = worth - 1
        kind = (
            "all answers are the same"
            if np.nanmin(table) == np.nanmax(table)
            else "people and concepts run together"
        )
        note = f"{kind}: interval as of {worth:.0f} independent answers"
    return give(value, *_score(value, worth, df, by_guess, level), "crossed Wilson-t", note)


def _score(
    value: float, worth: float, df: float, chance: float, level: float
) -> tuple[tuple[float, float], float]:
    t2 = float(stats.t.ppf(0.5 + level / 2, df)) ** 2
    middle = (value + t2 / (2 * worth)) / (1 + t2 / worth)
    spread = value * (1 - value) / worth + t2 / (4 * worth**2)
    half = float(np.sqrt(t2 * spread)) / (1 + t2 / worth)
    statistic = (value - chance) / np.sqrt(chance * (1 - chance) / worth)
    p = 2 * float(stats.t.sf(abs(statistic), df))
    return (max(middle - half, 0.0), min(middle + half, 1.0)), p


def _adjusted(found: list[Estimate]) -> list[Estimate]:
    if len(found) < 2:
        return found
    single = [np.nan if e.p is None else e.p for e in found]
    return [replace(e, p=float(p), p_single=e.p) for e, p in zip(found, holm(single), strict=True)]
