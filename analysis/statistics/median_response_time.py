"""The median time of all answers, with an interval from participants drawn again.

The median is that of all answers, so people who answered more count more; its interval is the
percentile interval over resamples of the *participants* with all their answers (cluster bootstrap).
`response_time` is the median of participants' own medians.

Source: Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8.

Degenerate data: one participant gives no interval; times that are all alike give an interval
without width, which the note says.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.data.segments import groups
from analysis.estimate import Estimate
from analysis.statistics._results import Results
from db.scale import Scale

ACCEPTS = tuple(Scale)
COLUMNS = {
    "participant": "who answered",
    "trial": "which question of this participant",
    "rt_ms": "how long the answer took, milliseconds",
}
SOURCE = "Davison & Hinkley 1997, section 3.8"
_CHUNK = 8_000_000  # numbers held at a time


def bootstrap_medians(
    times: ArrayLike, person: ArrayLike, resamples: int = 2_000, seed: int = 0
) -> NDArray[np.float64]:
    """Medians of all answers in resamples of the participants.

    A resample gives each participant a count; the median is the least time at which the counts of
    the answers up to it reach half of all (the lower median), so no resample is written out.

    Arguments:
        times: [N] of the answers.
        person: [N] who gave each.
        resamples: how many R.
        seed: of the random generator.

    Returns:
        [R].

    Example:
        >>> medians = bootstrap_medians([1, 2, 3, 4], ["a", "a", "b", "b"], 100)
        >>> sorted(set(medians.tolist()))
        [1.0, 2.0, 3.0]
    """
    x = np.asarray(times, float)
    ranked = np.argsort(x, kind="stable")
    names, codes = np.unique(np.asarray(person), return_inverse=True)
    rng = np.random.default_rng(seed)
    found = []
    step = max(1, _CHUNK // max(len(x), 1))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size)
        reached = np.cumsum(counts[:, codes[ranked]], axis=1)
        place = (2 * reached >= reached[:, -1:]).argmax(axis=1)
        found.append(x[ranked][place])
    return np.concatenate(found)


def estimate(
    data: pd.DataFrame,
    *,
    within: str | None = None,
    level: float = 0.95,
    resamples: int = 2_000,
    seed: int = 0,
) -> list[Estimate]:
    """The median for everybody and for each group.

    Arguments:
        data: ``participant``, ``trial``, ``rt_ms``.
        within: column of the groups, or None.
        level: coverage.
        resamples, seed: of the bootstrap.

    Returns:
        one estimate for each group, in milliseconds.
    """
    found = []
    for segment, part in groups(data, within):
        trials = part.dropna(subset=["rt_ms"]).drop_duplicates(["participant", "trial"])
        n = trials["participant"].nunique()
        method = f"median of all answers, cluster bootstrap, {resamples} resamples"
        give = Results(segment, level, n, len(trials), method, SOURCE).give
        if n < 2:
            value = float(trials["rt_ms"].median()) if n else np.nan
            why = "one participant: no interval" if n else "no participants"
            found.append(give("median_response_time", value, note=why))
            continue
        times = trials["rt_ms"].to_numpy(float)
        medians = bootstrap_medians(times, trials["participant"].astype(str), resamples, seed)
        low, high = np.quantile(medians, [(1 - level) / 2, (1 + level) / 2])
        note = "all times are the same" if times.min() == times.max() else ""
        value = float(np.median(times))
        found.append(give("median_response_time", value, low=low, high=high, note=note))
    return found
