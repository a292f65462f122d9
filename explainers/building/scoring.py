"""Scoring explanations: how faithful each of them is, by each measure, computed once and kept."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explainers.building.cache import Cache
from explainers.building.compute import (
    Computed,
    code_of,
    make_explainer,
    make_target,
    plain,
    study_face,
    study_model,
)
from explainers.building.drawing import Result
from explainers.building.fingerprint import key
from explainers.building.options import Options
from explainers.building.plan import Job
from explainers.building.running import run_missing
from explainers.explanation import Explanation
from explainers.face import Face
from explainers.faces.face_bank import load_faces
from explainers.faces.own_face import OnOwnFace, on_own_face
from explainers.faithfulness.fidelity_score import Metric, Score
from explainers.faithfulness.measure import Measure
from explainers.problems import Problem, Problems

FORMAT = 1
"""Raise it when stored scores mean something else."""
DIGITS = 6
"""Of the numbers along a curve."""


@dataclass(frozen=True, eq=False)
class ScoreJob:
    """One score to compute, as plain values that any process or machine can work with.

    Arguments:
        job: how the explanation was computed.
        key: the hash of that.
        measure: how it is rated.
        explanation: the map.
    """

    job: Job
    key: str
    measure: Measure
    explanation: Explanation

    @property
    def kind(self) -> str:
        """Jobs of one kind take about the same time."""
        return f"{self.measure.use} of {self.job.kind}"

    @property
    def title(self) -> str:
        """How a person calls it."""
        return f"{self.measure.use} of {self.job.title}"

    def on(self, device: str) -> ScoreJob:
        """The same job on ``cpu`` or ``cuda``."""
        return replace(self, job=self.job.on(device))


def score_results(
    results: Iterable[Result],
    measures: Mapping[str, Sequence[Measure]],
    cache: Cache,
    options: Options,
) -> tuple[dict[str, dict[str, Any]], int]:
    """The scores of all maps, and how many had to be computed.

    Arguments:
        results: explanations; pictures and what belongs to no face have no scores. A map on the
            canonical face is carried back to the face that it explains.
        measures: of each family of explanations.
        cache: where scores are kept, apart from the explanations.
        options: as of a build.

    Returns: for the key of each rated explanation: the measure's name → its record, with ``value``,
    ``baseline``, ``better``, ``curve``, ``details``, ``parameters`` and ``key``, or ``skipped``
    with the reason.
    Errors: Problems of all measures whose parameters are wrong.
    """
    rated = [r for r in results if _is_rated(r)]
    make_all(measure for family in measures.values() for measure in family)
    every = {
        score_key(wanted): wanted
        for r in rated
        for measure in measures.get(r.job.family, ())
        for wanted in [ScoreJob(r.job, r.key, measure, r.explanation)]
    }
    computed = run_missing(every, cache, options, score, "scores") if every else 0
    found: dict[str, dict[str, Any]] = {}
    for k, job in every.items():
        stored = cache.get(k)
        if stored is None:
            raise KeyError(k)
        record = {name: value for name, value in stored[1].items() if name != "seconds"}
        found.setdefault(job.key, {})[job.measure.use] = {**record, "key": k}
    return found, computed


def _is_rated(result: Result) -> bool:
    """Whether it is a map of one face."""
    return bool(result.job.face) and result.explanation.kind != "image"


def score(wanted: ScoreJob) -> Computed:
    """Rate one explanation; one that the measure cannot rate is skipped, with the reason."""
    begin = time.perf_counter()
    record: dict[str, Any] = {"better": wanted.measure.better}
    values = [math.nan, math.nan]
    try:
        found = _score(wanted)
    except Problems as error:
        record["skipped"] = "; ".join(f"{p.where}: {p.what}" for p in error.problems)
    else:
        values = [found.value, found.baseline]
        record |= {
            "value": _known(found.value),
            "baseline": _known(found.baseline),
            "curve": {name: [_known(y) for y in curve] for name, curve in found.curve.items()},
            "details": {
                name: _known(value) if isinstance(value, float) else value
                for name, value in found.details.items()
            },
        }
    record["parameters"] = plain(make_measure(wanted.measure))
    record["seconds"] = round(time.perf_counter() - begin, 3)
    return Computed(np.array(values, np.float32), record)


def _score(wanted: ScoreJob) -> Score:
    job, metric = wanted.job, make_measure(wanted.measure)
    model = study_model(job.spec, job.folder, job.model, job.device)
    face = study_face(job.source, job.folder, job.face)
    if "parts" in metric.needs:
        face = _with_parts(face, job)
    explanation, explainer = wanted.explanation, make_explainer(job)
    if explanation.over != "face":
        explanation = on_own_face(explanation, face, model.chip_padding)
        explainer = OnOwnFace(explainer)
    return metric(model, face, make_target(job), explanation, explainer)


def score_key(wanted: ScoreJob) -> str:
    """SHA-256 of everything that a score depends on: the explanation, and how it is rated."""
    metric = make_measure(wanted.measure)
    return key(
        {
            "format": FORMAT,
            "explanation": wanted.key,
            "measure": wanted.measure.use,
            "code": code_of(type(metric).__module__),
            "parameters": plain(metric),
        }
    )


def make_measure(measure: Measure) -> Metric:
    """The measure with its parameters; lists become tuples.

    Errors: Problems for parameters that it refuses.
    """
    given = {n: tuple(v) if isinstance(v, list) else v for n, v in measure.parameters.items()}
    metric: Metric = measure.entry.load()(**given)
    return metric


def make_all(measures: Iterable[Measure]) -> None:
    """Make every measure once, to find all mistakes before anything long begins."""
    problems: list[Problem] = []
    for measure in measures:
        try:
            make_measure(measure)
        except Problems as error:
            problems += [replace(p, where=f"fidelity: {p.where}") for p in error.problems]
    if problems:
        raise Problems(dict.fromkeys(problems))


def _with_parts(face: Face, job: Job) -> Face:
    if face.parts is not None:
        return face
    return load_faces(job.source, job.folder, [job.face], parts=True)[0]


def _known(value: float) -> float | None:
    """A number of a few digits; None for one that is not finite, which JSON does not know."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
