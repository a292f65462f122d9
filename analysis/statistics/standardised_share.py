"""Do groups still differ when they are alike in something else: standardised shares, reversals.

Groups may differ in make-up: more users among the young, say. Direct standardisation gives each
group the make-up of everybody, with w_s the share of all participants in stratum s and p_gs the
mean of participants' rates in group g and stratum s:

    standardised share of g = Σ_s w_s p_gs,  error² = Σ_s w_s² s²_gs / n_gs

t interval on the logit scale with Satterthwaite's degrees of freedom. A pair of groups whose pooled
and standardised differences have opposite signs is flagged (Simpson's paradox).

Source: Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, chapter 19;
Bickel, Hammel & O'Connell 1975, Science 187:398.

Degenerate data: a stratum of which a group has nobody cannot be compared; it is left out for all
groups and named in the note. Without common strata the standardised share is nan; with a single
participant in a stratum, or without variation, there is no interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data.segments import order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.intervals import logit_ends, logit_t
from analysis.statistics._rates import COUNT, SEPARATOR, pairs, rates
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS, Scale.PAIRWISE)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked or right, 0 not",
}
OPTIONAL = COUNT
RANGE = (0, 1)
SOURCE = "Fleiss, Levin & Paik 2003, chapter 19; Bickel et al. 1975, Science 187:398"


def estimate(
    data: pd.DataFrame,
    *,
    within: str,
    over: str,
    by: str = "option",
    level: float = 0.95,
) -> list[Estimate]:
    """Pooled and standardised share of each option in each group, and each pair's reversal flag.

    Arguments:
        data: ``participant``, ``by``, ``value``, ``within``, ``over``.
        within: column of the groups.
        over: column of the strata, the same for all rows of a participant.
        by: column of the options.
        level: coverage.

    Returns:
        ``pooled_share`` and ``standardised_share`` for each group and option, and for each pair of
        groups ``reversal``: the standardised difference, whose note begins with "reversed" if the
        pooled one has the other sign.

    Errors:
        AnalysisError: no column ``over``, or participants in several strata.
    """
    where = "statistic 'standardised_share'"
    if over not in data:
        fix = f"use one of: {', '.join(map(str, data.columns))}"
        raise AnalysisError(where, f"needs the column '{over}'", fix)
    known = data.dropna(subset=["participant", within, over])
    if (known.groupby("participant", observed=True)[[within, over]].nunique() > 1).any(axis=None):
        fix = "name a column that describes people, such as a background question"
        raise AnalysisError(where, "participants belong to several groups or strata", fix)
    person = known.drop_duplicates("participant").set_index("participant")
    group, stratum = person[within].astype(str), person[over].astype(str)
    table = rates(known, by)
    names = order(data, within)
    found: list[Estimate] = []
    for option in table.columns:
        share = table[option].dropna()
        g, s = group.reindex(share.index), stratum.reindex(share.index)
        size = pd.crosstab(s, g).reindex(columns=[n for n in names if (g == n).any()])
        common = list(size.index[(size > 0).all(axis=1)])
        lost = [name for name in size.index if name not in common]
        weight = s[s.isin(common)].value_counts(normalize=True).reindex(common)
        pooled: dict[str, float] = {}
        standard: dict[str, float] = {}
        for name in names:
            values = share[g == name].to_numpy(float)
            n, note = len(values), f"strata left out: {', '.join(lost)}" if lost else ""
            shared = Results(name, level, n, n, f"standardised over {over}", SOURCE)
            mean, low, high = (float(number) for number in logit_t(values, level))
            pooled[name] = mean
            why = "" if n else "no participants"
            found.append(shared.give("pooled_share", mean, option, low=low, high=high, note=why))
            if not n or not common:
                why = "no participants" if not n else "no stratum has people of every group"
                found.append(shared.give("standardised_share", np.nan, option, note=why))
                continue
            cells = [share[(g == name) & (s == c)].to_numpy(float) for c in common]
            mean = float(sum(w * cell.mean() for w, cell in zip(weight, cells, strict=True)))
            standard[name] = mean
            low, high, error = _interval(mean, weight.to_numpy(float), cells, level)
            if np.isnan(low):
                note = "; ".join(t for t in (note, "strata too small for an interval") if t)
            found.append(
                shared.give(
                    "standardised_share", mean, option, low=low, high=high, error=error, note=note
                )
            )
        for a, b in pairs([name for name in names if name in standard]):
            adjusted, crude = standard[a] - standard[b], pooled[a] - pooled[b]
            n = int(g.isin([a, b]).sum())
            shared = Results(f"{a}{SEPARATOR}{b}", level, n, n, f"standardised over {over}", SOURCE)
            told = f"pooled difference {crude:+.4g}"
            flag = f"reversed: {told}" if crude * adjusted < 0 else told
            found.append(shared.give("reversal", adjusted, option, note=flag))
    return found


def _interval(
    mean: float, weight: np.ndarray, cells: list[np.ndarray], level: float
) -> tuple[float, float, float]:
    if min(len(cell) for cell in cells) < 2:
        return np.nan, np.nan, np.nan
    part = np.array([cell.var(ddof=1) / len(cell) for cell in cells]) * weight**2
    if part.sum() <= 0:
        return np.nan, np.nan, np.nan
    df = part.sum() ** 2 / sum(p**2 / (len(c) - 1) for p, c in zip(part, cells, strict=True))
    error = float(np.sqrt(part.sum()))
    low, high = logit_ends(mean, error, df, level)
    return float(low), float(high), error
