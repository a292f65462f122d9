"""Paired comparisons: Bradley–Terry worths with Davidson's ties and an order effect.

Each trial shows two options i and j; worths π sum to 1. With ties and j shown second:

    P(i) : P(j) : P(tie) = π_i e^γ : π_j : ν √(π_i π_j)

ν = 0 without ties; γ > 0 says that the option shown first is preferred (it is estimated where the
column ``option_position`` is there; a tie is not touched by it, as in Davidson & Beaver).
Maximum likelihood; standard errors from the information matrix, which takes each comparison as
independent; ``errors="participants"`` gives the sandwich over people instead.

Source: Bradley & Terry 1952, Biometrika 39:324; Davidson 1970, JASA 65:317; Davidson & Beaver 1977,
Biometrics 33:693; Ford 1957 (when the maximum exists).

Degenerate data: options that no comparison connects, or options that always win or always lose,
have no finite worth: all values are nan and the note names them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.segments import groups, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics import _worths
from analysis.statistics._choices import Fit, fit, obstacle
from analysis.statistics._rates import join_notes
from analysis.statistics._results import Results, people
from db.scale import Scale

ACCEPTS = (Scale.PAIRWISE,)
COLUMNS = {
    "trial": "which comparison; with a column participant, of this participant",
    "option": "the two options compared, a row each",
    "value": "1 preferred, 0 not, .5 both rows of a tie",
}
OPTIONAL = {
    "participant": "who compared",
    "option_position": "1 shown first (left), 2 second: then the order effect is estimated",
}
RANGE = (0, 1)
SOURCE = "Bradley & Terry 1952; Davidson 1970, JASA 65:317; Davidson & Beaver 1977"


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
        data: ``trial``, ``by``, ``value``, and perhaps ``participant``, ``option_position``.
        by: column of the options.
        within: column of the groups, or None.
        level: coverage (Wald).
        reference: the option whose log worth is 0; the first if None.
        errors: ``information`` or ``participants``.

    Returns:
        for each group: ``worth`` and ``log_worth`` of each option with standard errors, ``ties``
        (ν) and ``order_effect`` (γ) where they are estimated, ``log_likelihood``, and
        ``equal_worths`` (Wald's chi-square).

    Errors:
        AnalysisError: a trial without exactly two options, or values that do not add up to 1.

    Example:
        >>> frame = pd.DataFrame(
        ...     {"trial": [1, 1, 2, 2, 3, 3], "option": list("ababab"), "value": [1, 0, 1, 0, 0, 1]}
        ... )
        >>> [round(e.value, 3) for e in estimate(frame) if e.quantity == "worth"]
        [0.667, 0.333]
    """
    compared = set(data.loc[data["value"].notna(), by].dropna().astype(str))
    names = [name for name in order(data, by) if name in compared]
    reference = _worths.check("bradley_terry", names, reference, errors)
    found = []
    for segment, part in groups(data, within):
        pairs = _pairs(part, by, names)
        m = len(names)
        first, second, taken = pairs["first"], pairs["second"], pairs["outcome"]
        beats = np.zeros((m, m))
        np.add.at(beats, (first, second), taken != 1)
        np.add.at(beats, (second, first), taken != 0)
        method = "Bradley–Terry, maximum likelihood, errors " + (
            "from the information matrix" if errors == "information" else "clustered by participant"
        )
        repeated = "participant" in part and pairs["participant"].duplicated().any()
        independent = repeated and errors == "information"
        note = "comparisons of one person taken as independent" if independent else ""
        shared = Results(segment, level, people(part, "trial"), len(pairs), method, SOURCE, note)
        why = obstacle(names, beats)
        if not why and errors == "participants" and people(part) < 2:
            why = "fewer than two participants"
        if why:
            found += _worths.nothing(names, shared, why)
            continue
        tied, ordered = bool((taken == 2).any()), bool(pairs["ordered"].all())
        whose = pairs["participant"] if errors == "participants" else None
        model = _fit(pairs, m, tied, ordered, whose)
        if ordered and not model.identified:
            ordered = False
            model = _fit(pairs, m, tied, ordered, whose)
            same = "options always stood in the same order: the order effect cannot be told"
            shared = replace(shared, note=join_notes(shared.note, same))
        if not model.converged:
            found += _worths.nothing(names, shared, "the likelihood has no finite maximum")
            continue
        extras = [("ties", True)] * tied + [("order_effect", False)] * ordered
        found += _worths.estimates(model, names, reference, extras, shared)
        found.append(_worths.equal_worths(model, m, shared))
    return found


def _fit(pairs: pd.DataFrame, m: int, tied: bool, ordered: bool, whose: Any) -> Fit:
    row = np.arange(len(pairs))
    features = np.zeros((len(pairs), 3, m + 2))
    features[row, 0, pairs["first"]] = features[row, 1, pairs["second"]] = 1
    features[row, 2] = (features[:, 0] + features[:, 1]) / 2
    features[:, 2, m] = 1
    features[:, 0, m + 1] = 1
    kept = np.array([False] + [True] * (m - 1) + [tied, ordered])
    sides = 3 if tied else 2
    flat = features[:, :sides][:, :, kept].reshape(len(pairs) * sides, -1)
    chosen = (np.arange(sides) == pairs["outcome"].to_numpy()[:, None]).ravel()
    return fit(flat, np.repeat(row, sides), chosen, whose)


def _pairs(part: pd.DataFrame, by: str, names: list[str]) -> pd.DataFrame:
    """One row for each comparison: codes of both options, outcome 0 first, 1 second, 2 tie."""
    keys = [key for key in ("participant", "trial") if key in part]
    rows = part.dropna(subset=["value", by])
    number = {name: n for n, name in enumerate(names)}
    rows = rows.assign(code=[number[str(name)] for name in rows[by]])
    placed = "option_position" in rows
    if placed:
        rows = rows.sort_values("option_position", kind="stable")
    grouped = rows.groupby(keys, sort=False, observed=True)
    size = grouped["value"].size()
    total = grouped["value"].sum()
    sound = (size == 2) & (total == 1) & (grouped["code"].nunique() == 2)
    wrong = size[~(sound & grouped["value"].first().isin([0, 0.5, 1]))]
    if len(wrong):
        trial = wrong.index[0]
        fix = "give two rows for each trial: 1 and 0, or .5 and .5 for a tie"
        what = f"trial {trial} is no comparison of two options"
        raise AnalysisError("statistic 'bradley_terry'", join_notes(what, _more(len(wrong))), fix)
    ends = grouped.agg(
        first=("code", "first"),
        second=("code", "last"),
        value=("value", "first"),
        **({"places": ("option_position", "nunique")} if placed else {}),
    ).reset_index()
    outcome = np.select([ends["value"] == 1, ends["value"] == 0], [0, 1], 2)
    return pd.DataFrame(
        {
            "participant": ends["participant"] if "participant" in ends else ends["trial"],
            "first": ends["first"].astype(int),
            "second": ends["second"].astype(int),
            "outcome": outcome,
            "ordered": (ends["places"] == 2) if placed else False,
        }
    )


def _more(count: int) -> str:
    return f"{count - 1} more trials are none either" if count > 1 else ""
