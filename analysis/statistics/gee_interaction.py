"""Do groups of people prefer differently: marginal logistic model (GEE), errors for few people.

The odds of picking an option depend on option, group and their interaction; the answers of one
participant are equally alike (exchangeable working correlation). The sandwich covariance is Mancl &
DeRouen's, which does not shrink with few participants, and all interaction terms together are
tested by Wald's F on q and n - p degrees of freedom (n participants, p coefficients, q of them of
the interaction).

Source: Liang & Zeger 1986, Biometrika 73:13; Mancl & DeRouen 2001, Biometrics 57:126. Fitted by
statsmodels. It rejects a little too often (docs/explanation/statistics.md): `interaction` is the
default; this one also gives the size of each difference.

Degenerate data: fewer than two groups or options, no more participants than coefficients, or an
option that a group picked always or never (its odds are zero or infinite) give nan with a note.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import ALL, order
from analysis.estimate import Estimate
from analysis.statistics._rates import SEPARATOR
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.SELECTION, Scale.CORRECTNESS)
COLUMNS = {
    "participant": "who answered",
    "option": "what was offered",
    "value": "1 picked or right, 0 not",
}
RANGE = (0, 1)
SOURCE = "Liang & Zeger 1986, Biometrika 73:13; Mancl & DeRouen 2001, Biometrics 57:126"
METHOD = "GEE, exchangeable, Mancl–DeRouen covariance, Wald F"


def design(option: Any, group: Any, options: int, groups: int) -> np.ndarray:
    """Treatment coding: 1, options, groups, then their products; the first of each is the standard.

    Arguments:
        option, group: [N] numbers of each answer's option and group.
        options, groups: how many there are.

    Returns:
        [N, options · groups].

    Example:
        >>> design([1], [1], 2, 2).tolist()
        [[1.0, 1.0, 1.0, 1.0]]
    """
    a = np.eye(options)[np.asarray(option)][:, 1:]
    b = np.eye(groups)[np.asarray(group)][:, 1:]
    both = (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)
    return np.column_stack([np.ones(len(a)), a, b, both])


def estimate(
    data: pd.DataFrame, *, within: str, by: str = "option", level: float = 0.95
) -> list[Estimate]:
    """The test of the interaction, and how many times the odds differ.

    Arguments:
        data: ``participant``, ``by``, ``within``, ``value`` (0 or 1).
        within: column of the groups, the same for all rows of a participant.
        by: column of the options.
        level: coverage of the ratios' intervals.

    Returns:
        ``gee_interaction`` (value: F), then for each group but the first and each option but the
        first ``odds_ratio``: the odds of the option against the first option, in that group, as a
        multiple of the same in the first group; 1 is no difference.
    """
    rows = data.dropna(subset=["participant", "value", within, by])
    options = [name for name in order(data, by) if (rows[by].astype(str) == name).any()]
    groups = [name for name in order(data, within) if (rows[within].astype(str) == name).any()]
    people = rows["participant"].nunique()
    shared = Results(ALL, level, people, len(rows), METHOD, SOURCE)
    why = _undefined(rows, by, within, options, groups, people)
    if why:
        return [shared.give("gee_interaction", np.nan, p=np.nan, note=why)]
    fit = _fit(rows, by, within, options, groups)
    p, q = len(fit.params), (len(options) - 1) * (len(groups) - 1)
    theta, covariance, df = fit.params[-q:], fit.cov_params()[-q:, -q:], people - p
    f = float(theta @ np.linalg.solve(covariance, theta)) / q
    test = f"F on {q} and {df} degrees of freedom"
    found = [shared.give("gee_interaction", f, p=stats.f.sf(f, q, df), note=test)]
    half = stats.t.ppf(0.5 + level / 2, df) * np.sqrt(np.diag(covariance))
    places = [(o, g) for o in options[1:] for g in groups[1:]]
    for (option, group), b, h in zip(places, theta, half, strict=True):
        segment = f"{group}{SEPARATOR}{groups[0]}"
        ratio = Results(segment, level, people, len(rows), METHOD, SOURCE)
        item = f"{option}{SEPARATOR}{options[0]}"
        ends = {"low": np.exp(b - h), "high": np.exp(b + h)}
        found.append(ratio.give("odds_ratio", np.exp(b), item, **ends))
    return found


def _undefined(
    rows: pd.DataFrame, by: str, within: str, options: list[str], groups: list[str], people: int
) -> str:
    """Why the model cannot be fitted; empty if it can."""
    if len(groups) < 2:
        return "fewer than two groups have participants"
    if len(options) < 2:
        return "fewer than two options"
    if people <= len(options) * len(groups):
        return f"{people} participants are too few for {len(options) * len(groups)} coefficients"
    keys = [rows[within].astype(str), rows[by].astype(str)]
    cells = rows["value"].astype(float).groupby(keys).mean()
    for group in groups:
        for option in options:
            if (group, option) not in cells:
                return f"{option} was never offered to {group}"
            if cells[group, option] in (0, 1):
                often = "always" if cells[group, option] else "never"
                return f"{group} {often} picked {option}: its odds have no finite estimate"
    return ""


def _fit(rows: pd.DataFrame, by: str, within: str, options: list[str], groups: list[str]) -> Any:
    from statsmodels.genmod.cov_struct import Exchangeable
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    ordered = rows.sort_values("participant", kind="stable")
    option = pd.Categorical(ordered[by].astype(str), options).codes
    group = pd.Categorical(ordered[within].astype(str), groups).codes
    model = GEE(
        ordered["value"].to_numpy(float),
        design(option, group, len(options), len(groups)),
        groups=ordered["participant"].astype(str).to_numpy(),
        family=Binomial(),
        cov_struct=Exchangeable(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own advice on convergence; the result is checked
        return model.fit(cov_type="bias_reduced")
