"""Two factors without normality: aligned rank transform, groups between and options within people.

For each effect (group, option, interaction) all other effects are taken out of the values, the
aligned values are ranked, and the split-plot analysis of variance of these ranks tests that effect:

    aligned = value - cell mean + estimated effect
    group: F on g - 1 and n - g;  option: k - 1 and (n - g)(k - 1);
    interaction: (g - 1)(k - 1) and (n - g)(k - 1) degrees of freedom

Source: Higgins & Tashtoush 1994; Wobbrock, Findlater, Gergen & Higgins 2011, CHI '11:143.

Degenerate data: fewer than two groups or options, or no more people than groups, give nan with a
note; so does an effect whose ranks do not vary within people. Participants without a value for
every option are left out and counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.statistics._rates import complete
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.RATING, Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered, to everybody",
    "value": "a number; the mean of a participant's numbers counts",
}
SOURCE = "Wobbrock et al. 2011, CHI '11:143; Higgins & Tashtoush 1994"
Effect = tuple[float, int, int, float]


def art(values: ArrayLike, group: ArrayLike) -> dict[str, Effect]:
    """F, both degrees of freedom and p of ``group``, ``option`` and ``interaction``.

    Arguments:
        values: [n, k] a row for each person, a column for each option.
        group: [n] the group of each person.

    Returns:
        F and p are nan where the ranks leave no error to test with.
    """
    y = np.asarray(values, float)
    names, codes = np.unique(np.asarray(group), return_inverse=True)
    n, k = y.shape
    g = len(names)
    cells = _cells(y, codes, g)
    row, column, grand = y.mean(axis=1), y.mean(axis=0), y.mean()
    means = np.array([row[codes == c].mean() for c in range(g)])
    effects = {
        "group": np.repeat((means - grand)[:, None], k, axis=1),
        "option": np.repeat((column - grand)[None, :], g, axis=0),
        "interaction": cells - means[:, None] - column[None, :] + grand,
    }
    found: dict[str, Effect] = {}
    for name, effect in effects.items():
        # Equal numbers computed in different orders must stay ties.
        aligned = np.round(y - cells[codes] + effect[codes], 9)
        ranks = stats.rankdata(aligned).reshape(n, k)
        found[name] = _split_plot(ranks, codes, g)[name]
    return found


def _cells(y: NDArray[np.float64], codes: NDArray[np.int64], g: int) -> NDArray[np.float64]:
    return np.array([y[codes == c].mean(axis=0) for c in range(g)])


def _split_plot(y: NDArray[np.float64], codes: NDArray[np.int64], g: int) -> dict[str, Effect]:
    n, k = y.shape
    size = np.bincount(codes).astype(float)
    row = y.mean(axis=1)
    means = np.array([row[codes == c].mean() for c in range(g)])
    between = k * (size * (means - row.mean()) ** 2).sum()
    people = k * ((row - means[codes]) ** 2).sum()
    inside = y - row[:, None]
    cells = _cells(inside, codes, g)
    rest = ((inside - cells[codes]) ** 2).sum()
    # Type III: unweighted means of the groups.
    option = (cells.mean(axis=0) ** 2).sum() * g**2 / (1 / size).sum()
    weighted = (size[:, None] * cells).sum(axis=0) / n
    interaction = (size[:, None] * (cells - weighted) ** 2).sum()
    df_people, df_rest = n - g, (n - g) * (k - 1)
    return {
        "group": _f(between, g - 1, people, df_people),
        "option": _f(option, k - 1, rest, df_rest),
        "interaction": _f(interaction, (g - 1) * (k - 1), rest, df_rest),
    }


def _f(effect: float, df: int, error: float, df_error: int) -> Effect:
    if df_error < 1 or error <= 1e-9:
        return np.nan, df, df_error, np.nan
    f = (effect / df) / (error / df_error)
    return float(f), df, df_error, float(stats.f.sf(f, df, df_error))


def estimate(
    data: pd.DataFrame, *, within: str, by: str = "option", level: float = 0.95
) -> list[Estimate]:
    """Test groups, options and their interaction.

    Arguments:
        data: ``participant``, ``by``, ``value``, ``within``.
        within: column of the groups of people, the same for all rows of a participant.
        by: column of the options.
        level: recorded; tests have no interval.

    Returns:
        quantity ``aligned_rank_transform``, item ``within``, ``by`` and ``within x by``: value is
        F, the note gives the degrees of freedom.
    """
    table, left_out = complete(data.dropna(subset=[within]), by)
    person = data.drop_duplicates("participant").set_index("participant")[within]
    group = person.reindex(table.index).astype(str)
    n, (k, g) = len(table), (table.shape[1], group.nunique())
    method = f"aligned rank transform, {within} between and {by} within participants"
    shared = Results(ALL, level, n, int(data["value"].notna().sum()), method, SOURCE, left_out)
    items = {"group": within, "option": by, "interaction": f"{within} x {by}"}
    why = ""
    if g < 2:
        why = "fewer than two groups have participants"
    elif k < 2:
        why = "fewer than two options"
    elif n <= g:
        why = f"{n} participants are too few for {g} groups"
    if why:
        return [
            shared.give("aligned_rank_transform", np.nan, item, p=np.nan, note=why)
            for item in items.values()
        ]
    return [
        shared.give(
            "aligned_rank_transform",
            f,
            items[name],
            p=p,
            note=f"F on {df} and {rest} degrees of freedom"
            if f == f
            else "the ranks do not vary within groups: no error to test with",
        )
        for name, (f, df, rest, p) in art(table, group).items()
    ]
