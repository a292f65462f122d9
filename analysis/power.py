"""How often a planned study finds what is there: power with its uncertainty, and what to plan.

Tables here have one row for each design and analysis (`COLUMNS`); a design is a number of
participants, of questions for each, and a factor on the planted effects. The counts come from
simulated studies, so each power figure is a share of independent trials: Wilson's interval.

Between designs, power is interpolated on the probit scale: the power of a t or chi-square test
with an effect of d standard errors is about Φ(d - z), so Φ⁻¹(power) is about a line in the effect
and in the square root of the number of participants. Before that, power is made to grow with the
sample (isotonic regression), as it does but for chance.

Source: E. B. Wilson 1927, JASA 22:209; J. Cohen, Statistical Power Analysis, 2nd ed. 1988; Barlow
et al., Statistical Inference under Order Restrictions, 1972.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isnan, nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from analysis.intervals import wilson

DESIGN = ["participants", "questions", "effect"]
COLUMNS = [
    *DESIGN, "analysis", "item", "segment", "planted", "studies", "found", "power", "low", "high",
]  # fmt: skip
WHOLE = "any"
"""The ``item`` of a row about the whole analysis: it finds at least one planted difference."""


def with_power(counts: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """The rows of ``counts`` (``found`` of ``studies``) with power and Wilson's interval.

    Example:
        >>> row = with_power(pd.DataFrame({"found": [40], "studies": [50]})).iloc[0]
        >>> round(row["power"], 2), round(row["low"], 3), round(row["high"], 3)
        (np.float64(0.8), np.float64(0.67), np.float64(0.888))
    """
    low, high = wilson(counts["found"], counts["studies"], level)
    power = counts["found"] / counts["studies"]
    return counts.assign(power=power, low=low, high=high)


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """The rows about whole analyses."""
    return table[table["item"] == WHOLE]


class Crossing(NamedTuple):
    """Where a rising curve reaches a target, with the interval that the curve's bands give.

    ``-inf``: before the first point; ``inf``: not within the points.
    """

    value: float
    low: float
    high: float


def crossing(
    x: ArrayLike,
    power: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    target: float,
    *,
    root: bool = False,
) -> Crossing:
    """Where power reaches ``target``.

    Arguments:
        x: [k] numbers of participants or sizes of effect, rising.
        power, low, high: [k] power and its interval.
        target: the power wanted.
        root: interpolate in √x, as for numbers of participants.

    Example:
        >>> found = crossing([50, 100], [0.5, 0.9], [0.4, 0.84], [0.6, 0.94], 0.8, root=True)
        >>> [round(number) for number in found]
        [81, 70, 93]
    """
    places = np.asarray(x, float)
    middle, below, above = (_reach(places, y, target, root) for y in (power, low, high))
    # The upper band reaches the target first.
    return Crossing(middle, above, below)


def _reach(x: NDArray[np.float64], power: ArrayLike, target: float, root: bool) -> float:
    y = rising(power)
    if y[0] >= target:
        return -inf
    if y[-1] < target:
        return inf
    k = int(np.argmax(y >= target))
    scale = np.sqrt(x) if root else x
    before, after, wanted = (
        stats.norm.ppf(np.clip(v, 1e-4, 1 - 1e-4)) for v in (*y[k - 1 : k + 1], target)
    )
    part = (wanted - before) / (after - before)
    place = float(scale[k - 1] + part * (scale[k] - scale[k - 1]))
    return place**2 if root else place


def rising(power: ArrayLike) -> NDArray[np.float64]:
    """The nearest curve that never falls: isotonic regression, equal weights.

    Example:
        >>> rising([0.2, 0.5, 0.4]).tolist()
        [0.2, 0.45, 0.45]
    """
    found: NDArray[np.float64] = optimize.isotonic_regression(np.asarray(power, float)).x
    return found


def detectable(table: pd.DataFrame, target: float) -> pd.DataFrame:
    """The smallest multiple of the planted effects that each design finds with power ``target``.

    Returns:
        participants, questions, analysis, effect, low, high; see `Crossing` for infinities. Empty
        with fewer than two effects in the table.
    """
    rows = []
    for (n, m, analysis), part in whole(table).groupby([*DESIGN[:2], "analysis"], sort=False):
        part = part.sort_values("effect")
        if len(part) > 1:
            found = crossing(part["effect"], part["power"], part["low"], part["high"], target)
            rows.append((n, m, analysis, *found))
    names = [*DESIGN[:2], "analysis", "effect", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def needed(table: pd.DataFrame, target: float) -> pd.DataFrame:
    """The number of participants with which each analysis reaches ``target``, interpolated.

    Returns:
        questions, effect, analysis, participants, low, high.
    """
    rows = []
    for (m, effect, analysis), part in whole(table).groupby(
        ["questions", "effect", "analysis"], sort=False
    ):
        part = part.sort_values("participants")
        if len(part) > 1:
            x, power, low, high = (
                part[name].to_numpy() for name in ("participants", "power", "low", "high")
            )
            found = crossing(x, power, low, high, target, root=True)
            rows.append((m, effect, analysis, *found))
    return pd.DataFrame(
        rows, columns=["questions", "effect", "analysis", "participants", "low", "high"]
    )


def extrapolated(part: pd.DataFrame, target: float) -> float:
    """Where power would reach ``target`` beyond the simulated numbers of participants; roughly.

    Formula: least squares of Φ⁻¹(power) on √n.

    Arguments:
        part: rows of one analysis, number of questions and effect.

    Returns:
        participants; nan with fewer than two numbers, or where power does not grow.
    """
    x = np.sqrt(part["participants"].to_numpy(float))
    y = stats.norm.ppf(np.clip(part["power"].to_numpy(float), 1e-3, 1 - 1e-3))
    if len(x) < 2:
        return nan
    slope, start = np.polyfit(x, y, 1)
    if slope <= 1e-6:
        return nan
    return float((stats.norm.ppf(target) - start) / slope) ** 2


def recommendation(
    table: pd.DataFrame, target: float, questions: int, alpha: float = 0.05
) -> tuple[str, list[str]]:
    """What to plan, in one sentence, and one sentence for each analysis.

    The smallest number of participants with which every analysis reaches ``target`` is advised: at
    the study's own number of questions if that does, else at another. Effects are taken as planted
    (or the largest simulated one).

    Arguments:
        table: from `with_power`.
        target: the power wanted.
        questions: how many the study asks now.
        alpha: level of the tests.
    """
    rows = whole(table)
    effects = sorted(rows["effect"].unique())
    if not effects or effects[-1] == 0:
        none = "No planned analysis tests anything" if rows.empty else "No effect was simulated"
        return f"{none}, so there is no power to speak of: see how wide the intervals are.", []
    effect = 1.0 if 1.0 in effects else effects[-1]
    rows = rows[rows["effect"] == effect]
    names = list(dict.fromkeys(rows["analysis"]))
    each = [
        _advice(rows[rows["analysis"] == name], [name], target, questions, alpha) for name in names
    ]
    scaled = "" if effect == 1 else f"At {effect:g} times the planted effects: "
    every = _advice(rows, names, target, questions, alpha)
    return scaled + every, each if len(names) > 1 else []


def _advice(
    rows: pd.DataFrame, names: Sequence[str], target: float, questions: int, alpha: float
) -> str:
    weakest = rows.loc[rows.groupby(DESIGN[:2])["power"].idxmin()]
    reached = weakest[weakest["power"] >= target]
    own = reached[reached["questions"] == questions]
    if len(reached):
        best = (own if len(own) else reached).sort_values(["participants", "questions"]).iloc[0]
        text = f"With {_design(best)}, {_finds(best, names)}"
        same = weakest[weakest["questions"] == best["questions"]].sort_values("participants")
        fewer = same[same["participants"] < best["participants"]]
        if len(fewer):
            text += f"; {fewer.iloc[-1]['participants']:.0f} are not enough"
        other = reached[reached["participants"] < best["participants"]]
        if len(other):
            cheaper = other.sort_values(["participants", "questions"]).iloc[0]
            text += f", with {_asked(cheaper)} {cheaper['participants']:.0f} are"
        if best["low"] < target:
            text += f" (whether it is {100 * target:.0f} % is not sure: more --studies tell)"
        return f"{text}."
    best = weakest.sort_values(["power", "participants"]).iloc[-1]
    text = f"No design tried reaches {100 * target:.0f} %: with {_design(best)}, "
    text += _finds(best, names)
    if best["power"] <= 2 * alpha:
        return f"{text}, hardly more than by chance: is there a planted difference for it?"
    part = rows[(rows["analysis"] == best["analysis"]) & (rows["questions"] == best["questions"])]
    beyond = extrapolated(part, target)
    most = rows["participants"].max()
    if not isnan(beyond) and most < beyond < 100 * most:
        text += f"; about {float(f'{beyond:.2g}'):.0f} participants would be needed (a rough guess)"
    return f"{text}."


def _design(row: pd.Series[Any]) -> str:
    return f"{row['participants']:.0f} participants and {_asked(row)}"


def _asked(row: pd.Series[Any]) -> str:
    return f"{row['questions']:.0f} question{'' if row['questions'] == 1 else 's'} each"


def _finds(row: pd.Series[Any], names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{row['analysis']} finds a planted difference in {share(row)} of studies"
    return (
        f"each planned analysis finds a planted difference in at least {share(row)} of studies "
        f"(the weakest is {row['analysis']})"
    )


def share(row: pd.Series[Any]) -> str:
    """A power figure in words.

    Example:
        >>> share(pd.Series({"power": 0.82, "low": 0.772, "high": 0.861}))
        '82 % (77–86 %)'
    """
    return f"{100 * row['power']:.0f} % ({100 * row['low']:.0f}–{100 * row['high']:.0f} %)"
