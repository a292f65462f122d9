"""Does a share rise or fall over ordered groups of people: Cochran–Armitage trend.

One answer a person, groups in their declared order with scores s_g (0, 1, 2, ...). With x_g of n_g
in group g, p = Σ x / n, s = Σ n_g s_g / n:

    z = Σ x_g (s_g - s) / √(p (1-p) Σ n_g (s_g - s)²)

Source: Cochran 1954, Biometrics 10:417; Armitage 1955, Biometrics 11:375; Agresti 2002, section
3.4.6.

Degenerate data: all or nobody picked, or people in a single group, give nan with a note. With
several answers of one person, participants' rates are the data: z is then the t statistic of the
regression of rates on scores, with n - 2 degrees of freedom.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.segments import ALL, order
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = (Scale.CORRECTNESS, Scale.SELECTION)
COLUMNS = {"value": "1 picked or right, 0 not"}
OPTIONAL = {"participant": "who answered; without it each row is a person"}
RANGE = (0, 1)
SOURCE = "Cochran 1954, Biometrics 10:417; Armitage 1955, Biometrics 11:375"


def estimate(
    data: pd.DataFrame,
    *,
    within: str,
    by: str | None = None,
    level: float = 0.95,
    scores: str = "",
) -> list[Estimate]:
    """Test the trend, for each option.

    Arguments:
        data: ``value``, ``within``, and perhaps ``participant``.
        within: column of the ordered groups.
        by: column of what is tested separately, or None.
        level: recorded; tests have no interval.
        scores: one number for each group, separated by commas; 0, 1, 2, ... if empty.

    Returns:
        value: z (or t), positive when the share rises; p two-sided.

    Errors:
        AnalysisError: scores that are not as many numbers as groups.
    """
    names = order(data, within)
    score = _scores(scores, names)
    found = []
    for name in order(data, by) if by else [""]:
        part = data[data[by].astype(str) == name] if by else data
        part = part.dropna(subset=["value", within])
        single = "participant" not in part or not part["participant"].duplicated().any()
        if not single:
            part = part.groupby("participant", as_index=False, observed=True).agg(
                {"value": "mean", within: "first"}
            )
        s = part[within].astype(str).map(score).to_numpy(float)
        x = part["value"].to_numpy(float)
        n = len(x)
        method = (
            "Cochran–Armitage z" if single else f"regression of participants' rates, t {n - 2} df"
        )
        shared = Results(ALL, level, n, n, f"{method}; scores {score}", SOURCE)
        why = ""
        if n == 0 or np.ptp(s) == 0:
            why = "fewer than two groups have participants"
        elif np.ptp(x) == 0:
            why = "all participants have the same share"
        elif not single and n < 3:
            why = "fewer than three participants"
        if why:
            found.append(shared.give("cochran_armitage", np.nan, name, p=np.nan, note=why))
            continue
        r = float(((x - x.mean()) * (s - s.mean())).sum())
        r /= float(np.sqrt(((x - x.mean()) ** 2).sum() * ((s - s.mean()) ** 2).sum()))
        if single:
            value = r * np.sqrt(n)
            p = 2 * stats.norm.sf(abs(value))
        elif abs(r) >= 1 - 1e-12:
            why = "rates lie on a line: no error to test with"
            found.append(shared.give("cochran_armitage", np.nan, name, p=np.nan, note=why))
            continue
        else:
            value = r * np.sqrt((n - 2) / (1 - r * r))
            p = 2 * stats.t.sf(abs(value), n - 2)
        found.append(shared.give("cochran_armitage", value, name, p=p))
    return found


def _scores(text: str, names: list[str]) -> dict[str, float]:
    given = [part for part in str(text).split(",") if part.strip()]
    try:
        numbers = [float(part) for part in given] or list(map(float, range(len(names))))
    except ValueError:
        numbers = []
    if len(numbers) != len(names):
        fix = f"give one number for each of: {', '.join(names)}"
        raise AnalysisError("statistic 'cochran_armitage'", f"scores '{text}' do not fit", fix)
    return dict(zip(names, numbers, strict=True))
