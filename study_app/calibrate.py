"""Whether the intervals and tests that a study plans keep what they promise, by simulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from analysis.reports.calibration_report import FAMILY, judged
from study_app.frozen import Frozen
from study_app.power import shuffles_for, tests
from study_app.rehearsal import cells, design
from study_app.rehearsal.outcome import Key, Outcomes
from study_app.rehearsal.truth import planted
from study_app.study_file.study import Study

LARGE, LARGE_STUDIES = 2_000, 10
"""Participants and number of the large studies whose mean estimates stand for the truth, where it
does not follow from the planted shares."""
NOT_ALIKE = frozenset(
    (
        *("equivalence", "exact_binomial", "psychometric_curve", "standardised_share"),
        *("cohen_kappa", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha"),
    )
)
"""Statistics whose tests ask something else than whether options or groups are alike, or whether
right answers are guesses."""


@dataclass(frozen=True)
class Calibrated:
    """What came out: tables for `analysis.reports.calibration_report`."""

    coverage: pd.DataFrame
    alarms: pd.DataFrame
    shuffles: int
    own_truth: bool


def compute(
    study: Study,
    n: int,
    questions: int,
    studies: int,
    seed: int,
    alpha: float,
    folder: Path,
    workers: int = 0,
    stream: IO[str] | None = None,
) -> Calibrated:
    """Rehearse the study as planted and without any effect, and count.

    Arguments:
        study: with ``simulate`` and ``analysis``.
        n, questions: participants, and questions of each main block.
        studies: how many simulated studies of each kind.
        seed: of the simulated people.
        alpha: level of the tests; the intervals' level is 1 - alpha.
        folder, workers, stream: see `study_app.rehearsal.cells.run`.

    Errors: Problems.
    """
    level = 1 - alpha
    shuffles = shuffles_for(study, level)
    texts = {e: design.rehearsed(study, questions, e, shuffles) for e in (1.0, 0.0)}
    wanted = [cells.Cell(*text, n, studies, seed, level) for text in texts.values()]
    found = dict(zip(texts, cells.run(wanted, folder, workers, stream), strict=True))
    truths = {
        effect: {key: planted(Frozen.parse(*texts[effect]).study, key) for key in _with_interval(o)}
        for effect, o in found.items()
    }
    large = [e for e, known in truths.items() if any(isnan(value) for value in known.values())]
    many = [cells.Cell(*texts[e], LARGE, LARGE_STUDIES, seed + 1, level) for e in large]
    if many:
        for effect, outcomes in zip(large, cells.run(many, folder, workers, stream), strict=True):
            for key, value in truths[effect].items():
                if isnan(value) and key in outcomes.keys:
                    truths[effect][key] = float(np.nanmean(outcomes.of(key, "value")))
    rows = [row for e, known in truths.items() for row in _coverage(found[e], known, e)]
    named = ["analysis", "quantity", "item", "segment"]
    coverage = pd.DataFrame(rows, columns=[*named, "effect", "truth", "studies", "count"])
    alarms = pd.DataFrame(_alarms(study, found[0.0], alpha), columns=[*named, "studies", "count"])
    single = alarms[alarms["analysis"] != FAMILY]
    family = alarms[alarms["analysis"] == FAMILY]
    judgements = [judged(single, alpha), judged(family, alpha, at_most=True)]
    both = pd.concat([part for part in judgements if len(part)] or judgements, ignore_index=True)
    return Calibrated(judged(coverage, level), both, shuffles, bool(large))


def _with_interval(outcomes: Outcomes) -> list[Key]:
    return [key for key in outcomes.keys if not np.isnan(outcomes.of(key, "low")).all()]


def _coverage(
    outcomes: Outcomes, truths: dict[Key, float], effect: float
) -> Iterator[dict[str, Any]]:
    for key, truth in truths.items():
        low, high = outcomes.of(key, "low"), outcomes.of(key, "high")
        known = ~np.isnan(low) & ~np.isnan(high) & (not isnan(truth))
        # Ends that were rounded still hold a truth that is exactly at them.
        held = known & (low <= truth + 1e-12) & (truth - 1e-12 <= high)
        counts = {"studies": int(known.sum()), "count": int(held.sum())}
        yield {**key._asdict(), "effect": effect, "truth": truth, **counts}


def _alarms(study: Study, outcomes: Outcomes, alpha: float) -> Iterator[dict[str, Any]]:
    other = {entry.id for entry in study.analysis if entry.statistic in NOT_ALIKE}
    for key in outcomes.keys:
        p = outcomes.of(key, "single")
        if key.analysis not in other and not np.isnan(p).all():
            counts = {
                "studies": int((~np.isnan(p)).sum()),
                "count": int((p <= alpha + 1e-12).sum()),
            }
            yield {**key._asdict(), **counts}
    family = [
        key
        for key in tests(outcomes)
        if key.analysis not in other and not np.isnan(outcomes.of(key, "family")).all()
    ]
    if len(family) > 1:
        found = np.any([outcomes.of(key, "family") <= alpha + 1e-12 for key in family], axis=0)
        place = {"analysis": FAMILY, "quantity": "any of them", "item": "", "segment": ""}
        yield {**place, "studies": len(outcomes), "count": int(found.sum())}
