"""Rankings: Plackett–Luce worths, also from top-n rankings and with ties.

A ranking is a sequence of choices: the best of all, then the best of the rest, and so on; an
option i is taken from the set A with probability π_i / Σ_A π. Options that were offered but not
ranked (``value`` empty) stand below all ranked ones, in unknown order (top-n); options without a
row were not offered and say nothing. Options of equal rank are taken together: a set S has the
weight δ_|S| (Π_S π)^(1/|S|) (Davidson's ties, extended).
Maximum likelihood; standard errors from the information matrix, or the sandwich over people.

Source: Luce 1959; Plackett 1975, Applied Statistics 24:193; Hunter 2004, Annals of Statistics
32:384; Turner, van Etten, Firth & Kosmidis 2020, Computational Statistics 35:1027 (ties).

Degenerate data: options that no ranking connects, or that are always first or always last, have no
finite worth: all values are nan and the note names them.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _worths
from analysis.statistics._choices import fit, obstacle
from analysis.statistics._results import Results, people
from db.scale import Scale

ACCEPTS = (Scale.RANKING,)
COLUMNS = {
    "trial": "which ranking; with a column participant, of this participant",
    "option": "what was ranked, a row for each that was offered",
    "value": "its rank, 1 best, equal ranks are ties; empty: offered, below all ranked ones",
}
OPTIONAL = {"participant": "who ranked"}
RANGE = (1, 1_000_000)
SOURCE = "Hunter 2004, Annals of Statistics 32:384; Turner et al. 2020, Comput. Stat. 35:1027"
_MOST = 2_000_000  # alternatives (sets that could have been taken) that are written out


def estimate(
    data: pd.DataFrame,
    *,
    by: str = "option",
    within: str | None = None,
    level: float = 0.95,
    reference: str | None = None,
    errors: str = "information",
) -> list[Estimate]:
    """Worths of the options for everybody and for each group.

    Arguments:
        data: ``trial``, ``by``, ``value``, and perhaps ``participant``.
        by: column of the options.
        within: column of the groups, or None.
        level: coverage (Wald).
        reference: the option whose log worth is 0; the first if None.
        errors: ``information`` or ``participants``.

    Returns:
        for each group: ``worth`` and ``log_worth`` of each option with standard errors, ``ties_2``
        and so on (δ) where there are ties, ``log_likelihood``, and ``equal_worths`` (Wald).

    Errors:
        AnalysisError: an option twice in a ranking, or too many options tied to be written out.

    Example:
        >>> frame = pd.DataFrame(
        ...     {"trial": [1, 1, 2, 2, 3, 3], "option": list("ababab"), "value": [1, 2, 1, 2, 2, 1]}
        ... )
        >>> [round(e.value, 3) for e in estimate(frame) if e.quantity == "worth"]
        [0.667, 0.333]
    """
    offered = set(data[by].dropna().astype(str))
    names = [name for name in order(data, by) if name in offered]
    reference = _worths.check("plackett_luce", names, reference, errors)
    m = len(names)
    method = "Plackett–Luce, maximum likelihood, errors " + (
        "from the information matrix" if errors == "information" else "clustered by participant"
    )
    found = []
    for segment, part in groups(data, within):
        rankings, whose = _rankings(part, by, names)
        repeated = "participant" in part and len(set(whose)) < len(whose)
        independent = repeated and errors == "information"
        note = "rankings of one person taken as independent" if independent else ""
        shared = Results(segment, level, people(part, "trial"), len(rankings), method, SOURCE, note)
        why = obstacle(names, _above(rankings, m))
        if not why and errors == "participants" and len(set(whose)) < 2:
            why = "fewer than two participants"
        if why:
            found += _worths.nothing(names, shared, why)
            continue
        deepest = max((len(tied) for ranking in rankings for tied in ranking[:-1]), default=1)
        features, choice, taken, cluster = _written_out(rankings, whose, m, deepest)
        model = fit(features, choice, taken, cluster if errors == "participants" else None)
        if not model.converged or not model.identified:
            why = "the likelihood has no single finite maximum"
            found += _worths.nothing(names, shared, why)
            continue
        extras = [(f"ties_{size}", True) for size in range(2, deepest + 1)]
        found += _worths.estimates(model, names, reference, extras, shared)
        found.append(_worths.equal_worths(model, m, shared))
    return found


Ranking = list[list[int]]


def _rankings(part: pd.DataFrame, by: str, names: list[str]) -> tuple[list[Ranking], list[str]]:
    """Each ranking as sets of options from best to worst; the last set was taken by nobody."""
    keys = [key for key in ("participant", "trial") if key in part]
    rows = part.dropna(subset=[by])
    if twice := int(rows.duplicated([*keys, by]).sum()):
        fix = "give one row for each option of a ranking"
        what = f"{twice} options stand twice in a ranking"
        raise AnalysisError("statistic 'plackett_luce'", what, fix)
    number = {name: n for n, name in enumerate(names)}
    codes = np.array([number[str(name)] for name in rows[by]], int)
    values = rows["value"].to_numpy(float)
    found, whose = [], []
    for places in (
        rows.reset_index(drop=True).groupby(keys, sort=False, observed=True).indices.values()
    ):
        code, rank = codes[places], values[places]
        sets = [code[rank == r].tolist() for r in np.unique(rank[~np.isnan(rank)])]
        if np.isnan(rank).any() and sets:
            sets.append(code[np.isnan(rank)].tolist())
        elif sets:
            sets.append([])
        if len(code) > 1 and sets:
            found.append(sets)
            whose.append(str(rows[keys[0]].iloc[places[0]]))
    return found, whose


def _above(rankings: list[Ranking], m: int) -> NDArray[np.float64]:
    above = np.zeros((m, m))
    for sets in rankings:
        for n, tied in enumerate(sets):
            for lower in sets[n + 1 :]:
                above[np.ix_(tied, lower)] += 1
            if n < len(sets) - 1:
                above[np.ix_(tied, tied)] += 1
    return above


def _written_out(
    rankings: list[Ranking], whose: list[str], m: int, deepest: int
) -> tuple[Any, NDArray[np.int64], NDArray[np.bool_], NDArray[np.str_]]:
    members: list[tuple[int, ...]] = []
    choice: list[int] = []
    taken: list[bool] = []
    cluster: list[str] = []
    for sets, person in zip(rankings, whose, strict=True):
        left = [code for tied in sets for code in tied]
        for tied in sets[:-1]:
            if len(left) < 2:
                break
            sizes = range(1, min(deepest, len(left)) + 1)
            if len(members) + sum(comb(len(left), size) for size in sizes) > _MOST:
                what = f"{deepest} options of equal rank among {len(left)} make too many sets"
                fix = "break the ties, or rank fewer options at a time"
                raise AnalysisError("statistic 'plackett_luce'", what, fix)
            hit = set(tied)
            for size in sizes:
                for group in combinations(left, size):
                    members.append(group)
                    choice.append(len(cluster))
                    taken.append(size == len(tied) and set(group) == hit)
            cluster.append(person)
            left = [code for code in left if code not in hit]
    entries = [
        (row, column, share)
        for row, group in enumerate(members)
        for column, share in [
            *((code, 1 / len(group)) for code in group),
            *([(m + len(group) - 2, 1.0)] if len(group) > 1 else []),
        ]
    ]
    rows, columns, shares = zip(*entries, strict=True)
    features = coo_array((shares, (rows, columns)), (len(members), m + deepest - 1)).tocsr()
    return features[:, 1:], np.array(choice), np.array(taken), np.array(cluster)
