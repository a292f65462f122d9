"""Choose all that apply, for one question: do groups tick differently (Bilder–Loughin, Rao–Scott).

Each person ticks any of J options; a table of ticks by groups counts a person several times and
its chi-square misleads. With n_g of n people in group g of G, p_gj the share of group g that ticks
j, and p_j the share of all:

    X² = Σ_j X²_j,  X²_j = Σ_g n_g (p_gj - p_j)² / (p_j (1 - p_j))

Under independence X² is a weighted sum of chi-squares (1 df each). The weights λ are eigenvalues of
the covariance of the terms whose squares X² sums; it is estimated from people, tick patterns being
multinomial within each group. Second-order Rao–Scott: with m = (G - 1) J, X² m / Σλ² against
chi-square on m² / Σλ² degrees of freedom.

Source: Bilder & Loughin 2004, Biometrics 60:241; Thomas & Decady 2004, Int. J. Testing 4:43;
Rao & Scott 1984, Annals of Statistics 12:46.

Degenerate data: options that all or none ticked say nothing and are left out with a note; fewer
than two groups with people give nan with a note. Several questions of one person are an error:
`interaction` is made for them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.data.segments import ALL, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION,)
COLUMNS = {
    "participant": "who answered (one question each)",
    "option": "what was offered",
    "value": "1 ticked, 0 offered but not ticked",
}
RANGE = (0, 1)
SOURCE = "Bilder & Loughin 2004, Biometrics 60:241; Rao & Scott 1984"


def rao_scott(ticks: ArrayLike, group: ArrayLike) -> tuple[np.ndarray, float, float, float]:
    """Pearson's X² of each option, and the corrected sum with its degrees of freedom and p.

    The last three are nan if all people of a group tick alike, in every group.

    Arguments:
        ticks: [n, J] 0 or 1; no column is all 0 or all 1.
        group: [n] the group of each person, at least two groups.

    Example:
        >>> each, total, df, p = rao_scott([[1, 0], [1, 1], [0, 1], [1, 1]], ["a", "a", "b", "b"])
        >>> each.round(3).tolist()
        [1.333, 1.333]
    """
    y = np.asarray(ticks, float)
    names, codes = np.unique(np.asarray(group), return_inverse=True)
    size = np.bincount(codes).astype(float)
    share = np.zeros((len(names), y.shape[1]))
    np.add.at(share, codes, y)
    share /= size[:, None]
    mean = y.mean(axis=0)
    each = (size[:, None] * (share - mean) ** 2).sum(axis=0) / (mean * (1 - mean))
    weight = size / len(y)
    # What each person adds to the terms of X²: [n, G, J].
    member = (codes[:, None] == np.arange(len(names))) - weight
    terms = member[:, :, None] * (y - share[codes])[:, None, :]
    flat = (terms / np.sqrt(weight[:, None] * mean * (1 - mean))).reshape(len(y), -1)
    squares = float(((flat.T @ flat / len(y)) ** 2).sum())  # of a symmetric matrix: Σλ²
    if squares <= 1e-12:
        return each, np.nan, np.nan, np.nan
    m = (len(names) - 1) * y.shape[1]
    total, df = float(each.sum() * m / squares), m**2 / squares
    return each, total, df, float(stats.chi2.sf(total, df))


def estimate(
    data: pd.DataFrame, *, within: str, by: str = "option", level: float = 0.95
) -> list[Estimate]:
    """Do the groups tick alike.

    Arguments:
        data: ``participant``, ``by``, ``value``, ``within``.
        within: column of the groups.
        by: column of the options.
        level: recorded; tests have no interval.

    Returns:
        ``rao_scott`` (value: corrected X², p), ``rao_scott_df``, ``pearson_sum`` (uncorrected X²,
        no p: it has none), for each option ``pearson`` (X²_j, p adjusted by Bonferroni), and
        ``bonferroni`` (value: largest X²_j, p: least adjusted p).

    Errors:
        AnalysisError: a participant with several answers for an option.
    """
    rows = data.dropna(subset=["value", by, within])
    if rows.duplicated(["participant", by]).any():
        what = "participants answered several questions; this test is for a single one"
        raise AnalysisError(
            "statistic 'multiple_response'", what, "keep one question, or use interaction"
        )
    table = rows.pivot(index="participant", columns=by, values="value").astype(float)
    names = [name for name in order(data, by) if name in table]
    table = table[names].dropna()
    left_out = rows["participant"].nunique() - len(table)
    person = rows.drop_duplicates("participant").set_index("participant")[within]
    group = person.reindex(table.index).astype(str)
    varied = [name for name in names if table[name].nunique() > 1]
    constant = [name for name in names if name not in varied]
    told = [f"{', '.join(constant)} ticked by all or by nobody: left out"] if constant else []
    if left_out:
        told.append(f"{left_out} participants left out who were not offered every option")
    g = group.nunique()
    method = f"second-order Rao–Scott over options, by {within}"
    shared = Results(ALL, level, len(table), len(rows), method, SOURCE, "; ".join(told))
    if g < 2 or not varied:
        why = "fewer than two groups have participants" if g < 2 else "nothing varies"
        return [
            shared.give("rao_scott", np.nan, p=np.nan, note=why),
            shared.give("bonferroni", np.nan, p=np.nan, note=why),
        ]
    each, total, df, p = rao_scott(table[varied], group)
    adjusted = np.minimum(stats.chi2.sf(each, g - 1) * len(varied), 1.0)
    why = f"{df:.4g} degrees of freedom"
    if np.isnan(total):
        why = "the people of each group tick alike: no error to test with"
    return [
        shared.give("rao_scott", total, p=p, note=why),
        shared.give("rao_scott_df", df, note=why),
        shared.give("pearson_sum", each.sum(), note="uncorrected: has no p value"),
        *(
            shared.give("pearson", value, name, p=q, note=f"{g - 1} degrees of freedom, Bonferroni")
            for name, value, q in zip(varied, each, adjusted, strict=True)
        ),
        shared.give("bonferroni", each.max(), p=adjusted.min()),
    ]
