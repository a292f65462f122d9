"""How often an option would be picked for items like these: people and items both sampled.

Model: y_ij = μ + a_i + b_j + e_ij with random participants a, items b and rest e. The three
variances come from three sums of squares (within participants, within items, total), whose
expectations are linear in them for any pattern of who answered what; for complete data they are
the usual analysis-of-variance estimates. Participants see different items here, so no balance is
assumed.

Estimate: the mean of participant rates, Σ w_ij y_ij with w_ij = 1 / (n m_i).
Variance: A + B + C with A = σ²_a Σ_i w_i.², B = σ²_b Σ_j w_.j², C = σ²_e Σ w_ij².
Degrees of freedom (Satterthwaite): (A+B+C)² / ((A+C)²/(n-1) + (B+C)²/(m-1) + C²/ν_e),
ν_e = N - n - m + 1. The t interval is taken on the logit scale.

Source: Gao & Owen 2017, Electronic Journal of Statistics 11:1235 (variances); Satterthwaite 1946,
Biometrics Bulletin 2:110; Clark 1973, J. Verbal Learning 12:335 (why items must be sampled too).

Degenerate data: fewer than two participants or items, or participants who saw one item each,
leave the variances unknown: the interval is nan and the note says why.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.data.segments import groups, order
from analysis.estimate import Estimate
from analysis.intervals import logit_ends
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.PAIRWISE, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered",
    "item": "the question",
    "option": "what was offered",
    "value": "1 picked, 0 offered but not picked",
}
RANGE = (0, 1)
SOURCE = "Gao & Owen 2017, Electronic Journal of Statistics 11:1235; Satterthwaite 1946"

Floats = NDArray[np.float64]


class Crossed(NamedTuple):
    """A mean over participants and items with its error; each field has the leading shape."""

    mean: Floats
    error: Floats
    df: Floats


def crossed(y: ArrayLike) -> Crossed:
    """Mean of participant rates with the error that both participants and items bring.

    Arguments:
        y: [..., n participants, m items], nan where not answered; the pattern of nan is the same
            over the leading dimensions.

    Returns:
        mean, standard error and degrees of freedom, each [...]; error is nan where the variances
        cannot be told apart.

    Example:
        >>> result = crossed([[1, 0, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0]])
        >>> round(float(result.mean), 3), round(float(result.error), 3)
        (0.5, 0.173)
    """
    y = np.asarray(y, float)
    seen = ~np.isnan(y[(0,) * (y.ndim - 2)]) if y.size else np.zeros(y.shape[-2:], bool)
    y, seen = y[..., seen.any(axis=1), :], seen[seen.any(axis=1)]
    y, seen = y[..., :, seen.any(axis=0)], seen[:, seen.any(axis=0)]
    unknown = np.full(y.shape[:-2], np.nan)
    n, m = seen.shape
    if n == 0:
        return Crossed(unknown, unknown, unknown)
    per_person, per_item, total = seen.sum(1), seen.sum(0), int(seen.sum())
    weight = seen / (n * per_person[:, None])
    filled = np.where(seen, y, 0.0)
    mean = (filled * weight).sum((-2, -1))

    squares = (filled**2).sum((-2, -1))
    rows, items = filled.sum(-1), filled.sum(-2)
    sums = np.stack(
        [
            squares - (rows**2 / per_person).sum(-1),
            squares - (items**2 / per_item).sum(-1),
            squares - rows.sum(-1) ** 2 / total,
        ],
        axis=-1,
    )
    expected = np.array(
        [
            [0, total - n, total - n],
            [total - m, 0, total - m],
            [total - (per_person**2).sum() / total, total - (per_item**2).sum() / total, total - 1],
        ],
        float,
    )
    df_rest = total - n - m + 1
    if n < 2 or m < 2 or df_rest < 1 or np.linalg.matrix_rank(expected) < 3:
        return Crossed(mean, unknown, unknown)
    variances = np.maximum(sums @ np.linalg.inv(expected).T, 0.0)
    a = variances[..., 0] * (weight.sum(1) ** 2).sum()
    b = variances[..., 1] * (weight.sum(0) ** 2).sum()
    c = variances[..., 2] * (weight**2).sum()
    whole = a + b + c
    spread = (a + c) ** 2 / (n - 1) + (b + c) ** 2 / (m - 1) + c**2 / df_rest
    with np.errstate(invalid="ignore", divide="ignore"):
        return Crossed(mean, np.sqrt(whole), whole**2 / spread)


def estimate(
    data: pd.DataFrame, *, by: str = "option", within: str | None = None, level: float = 0.95
) -> list[Estimate]:
    """Share of each option for people and items like these.

    Arguments:
        data: ``participant``, ``item``, ``by``, ``value`` in [0, 1].
        by: column of the options.
        within: column of the groups, or None.
        level: coverage.

    Returns:
        one estimate for each group and option, in declared order.
    """
    found = []
    for segment, part in groups(data, within):
        answered = part.dropna(subset=["value"]).astype({"value": float})
        for option in order(data, by):
            rows = answered[answered[by] == option]
            table = rows.pivot_table(
                index="participant", columns="item", values="value", observed=True
            )
            result = (
                crossed(table.to_numpy(float)) if len(rows) else Crossed(*[np.array(np.nan)] * 3)
            )
            low, high = logit_ends(result.mean, result.error, result.df, level)
            note = _note(*table.shape, result)
            found.append(
                Estimate(
                    "new_items",
                    option,
                    segment,
                    float(result.mean),
                    float(low),
                    float(high),
                    level,
                    len(table),
                    len(rows),
                    "two-way crossed logit-t, Satterthwaite",
                    SOURCE,
                    note=note,
                )
            )
    return found


def _note(participants: int, items: int, result: Crossed) -> str:
    if participants == 0:
        return "no participants"
    if participants == 1:
        return "one participant: no interval"
    if items == 1:
        return "one item: it says nothing about others"
    if np.isnan(result.error):
        return "too few answers per participant to tell people from items: no interval"
    if result.error == 0:
        return "all answers are the same: no interval for new items"
    return ""
