"""Rating methods against each other: every method's maps of every face, by every measure.

Importing this loads torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from explainers.building import compute
from explainers.building.cache import Cache
from explainers.building.drawing import Result, result
from explainers.building.options import Options
from explainers.building.plan import Job, Plan, jobs
from explainers.building.running import run_missing
from explainers.building.scoring import make_all, score_results
from explainers.faithfulness.measure import Measure
from explainers.manifest import Prediction
from explainers.problems import Problem, Problems


@dataclass(frozen=True)
class Rating:
    """What one measure says about one map.

    Arguments:
        model, method, face: names in the plan.
        target: what was explained, in words.
        measure: its name.
        better: which values are more faithful, ``higher`` or ``lower``.
        value, baseline: the score, and that of an uninformative map; None where there is none.
        skipped: why there is no value.
        curve: name → values.
    """

    model: str
    method: str
    face: str
    target: str
    measure: str
    better: str
    value: float | None = None
    baseline: float | None = None
    skipped: str = ""
    curve: Mapping[str, Sequence[float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rated:
    """All ratings of a plan.

    Arguments:
        ratings: one for each map and measure.
        left_out: why methods could not explain something.
        computed: how many explanations and scores had to be computed.
    """

    ratings: tuple[Rating, ...]
    left_out: tuple[Problem, ...]
    computed: tuple[int, int]


def rate(plan: Plan, cache: Cache, options: Options) -> Rated:
    """Explain each asked face by each method of the plan, and measure each map.

    What one method cannot explain is left out and told; the others go on. A model without classes
    is explained by how similar it finds each face and the next one, unless the plan says which.

    Errors: Problems of models, faces and measures, and where nothing at all can be rated.
    """
    measures = {name: method.fidelity for name, method in plan.methods.items()}
    make_all(measure for family in measures.values() for measure in family)
    compute.set_threads(options.threads)
    keyed: list[tuple[str, Job]] = []
    left_out: list[Problem] = []
    for job in _wanted(plan):
        try:
            keyed.append((compute.job_key(job), job))
        except Problems as error:
            left_out += error.problems
    explained = 0
    try:
        explained = run_missing(dict(keyed), cache, options)
    except Problems as error:
        left_out += error.problems
    results = [result(job, key, cache) for key, job in keyed if cache.get(key) is not None]
    if not results:
        raise Problems(dict.fromkeys(left_out))
    scores, scored = score_results(results, measures, cache, options)
    ratings = tuple(_ratings(results, measures, scores))
    return Rated(ratings, tuple(dict.fromkeys(left_out)), (explained, scored))


def _wanted(plan: Plan) -> Iterator[Job]:
    """The jobs of all models: for what each says, or for the similarity to the next face."""
    says = [
        name
        for name in plan.models
        if not plan.ready_made(name)
        and (
            name in plan.compared
            or compute.study_model(plan.models[name], plan.folder, name).labels
        )
    ]
    asked = tuple((model, face) for model, face in plan.asked if model in says)
    yield from jobs(plan, compute.predictions(replace(plan, asked=asked)))
    for name in plan.models:
        if name in says or plan.ready_made(name):
            continue
        faces = [face for model, face in plan.asked if model == name]
        next_one = dict(zip(faces, [*faces[1:], faces[0]], strict=True))
        said = [Prediction(name, face, "", None, compared=next_one[face]) for face in faces]
        yield from jobs(replace(plan, compared={name: next_one}), said)


def _ratings(
    results: Iterable[Result],
    measures: Mapping[str, Sequence[Measure]],
    scores: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> Iterator[Rating]:
    for one in results:
        job = one.job
        for measure in measures[job.family]:
            record = scores.get(one.key, {}).get(measure.use)
            if record is not None:
                yield Rating(
                    model=job.model,
                    method=job.family,
                    face=job.face,
                    target=job.aim.words if job.aim else job.target,
                    measure=measure.use,
                    better=str(record["better"]),
                    value=record.get("value"),
                    baseline=record.get("baseline"),
                    skipped=str(record.get("skipped", "")),
                    curve=record.get("curve", {}),
                )
