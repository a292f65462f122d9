"""Computing what a study shows: only what is missing, killed and resumed without loss.

Importing this loads no torch, and a study whose pictures are all ready-made is built without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explainers.building.cache import Cache
from explainers.building.contact_sheet import save_contact_sheet
from explainers.building.inputs import inputs_sha256, remember, unchanged
from explainers.building.options import Options
from explainers.building.plan import Job, Plan, jobs
from explainers.building.ready_made import (
    read_ready_made,
    ready_faces,
    ready_predictions,
    ready_stimuli,
)
from explainers.concept import Collection
from explainers.manifest import Manifest, Prediction, Stimulus
from explainers.problems import Problem, Problems

if TYPE_CHECKING:
    from explainers.building.drawing import Result


Scores = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Key of an explanation → name of a measure → what it found."""
Table = Sequence[Mapping[str, Any]]
"""Rows with the same keys."""


@dataclass(frozen=True)
class Built:
    """What a build did.

    Arguments:
        manifest: all stimuli and predictions.
        computed: how many explanations were computed.
        reused: how many were there already.
        stale: files in the cache that this study does not use any more.
        seconds: how long it took.
        scored: how many scores of fidelity were computed.
        scores_reused: how many were there already.
        concepts: all concepts, where the study asks about some.
        tables: family of concepts → all that its finder measured.
    """

    manifest: Manifest
    computed: int
    reused: int
    stale: tuple[Path, ...]
    seconds: float
    scored: int = 0
    scores_reused: int = 0
    concepts: Collection = field(default_factory=lambda: Collection(()))
    tables: Mapping[str, Table] = field(default_factory=dict)


def build(plan: Plan, options: Options | None = None) -> Built:
    """Compute, draw and list all stimuli of a plan.

    Each explanation is kept as soon as it is there, so a build that was killed goes on where it
    was. The manifest is written last, in one step.

    Errors: Problems of the plan, before anything is computed; of single jobs, after all others
    were done; of a disk that is full or cannot be written.
    """
    begin = time.monotonic()
    options = options or Options()
    pictures = read_ready_made(plan)
    inputs = inputs_sha256(plan, pictures)
    cache = Cache(plan.stimuli / "cache")
    if not options.force and (kept_before := unchanged(plan, inputs)):
        there, collection = kept_before
        used = {s.provenance["job"] for s in there.stimuli if "job" in s.provenance}
        kept = _score_keys(s.provenance.get("fidelity", {}) for s in there.stimuli)
        finders = {concept.family: concept.provenance["job"] for concept in collection.concepts}
        stale = tuple(cache.stale(used | kept | set(finders.values())))
        tables = _tables(finders, cache)
        seconds = time.monotonic() - begin
        return Built(there, 0, len(used), stale, seconds, 0, len(kept), collection, tables)
    predictions = list(ready_predictions(plan, pictures))
    results: list[Result] = []
    computed = scored = 0
    scores: Scores = {}
    if plan.computes:
        from explainers.building import compute

        compute.set_threads(options.threads)
        predictions += compute.predictions(plan)
    order = {place: n for n, place in enumerate(plan.asked)}
    predictions.sort(key=lambda p: order[p.model, p.face])
    ready = ready_stimuli(plan, pictures, predictions)
    if plan.computes:
        results, computed = _compute(jobs(plan, predictions), cache, options)
        scores, scored = _score(plan, results, cache, options)
    collection, finders = _find(plan, cache, options)
    manifest = _manifest(plan, predictions, results, scores, ready)
    remember(plan, inputs)
    kept = _score_keys(scores.values())
    stale = tuple(cache.stale({result.key for result in results} | kept | set(finders.values())))
    tables = _tables(finders, cache)
    seconds = time.monotonic() - begin
    reused = len(results) - computed
    many = len(kept) - scored
    return Built(manifest, computed, reused, stale, seconds, scored, many, collection, tables)


def _compute(wanted: Iterable[Job], cache: Cache, options: Options) -> tuple[list[Result], int]:
    """The results of all jobs, and how many had to be computed."""
    from explainers.building.compute import job_key
    from explainers.building.drawing import result
    from explainers.building.running import run_missing

    # Two jobs may need the same values: a number behind a model's classes knows no class.
    every = keyed(wanted, job_key)
    computed = run_missing(dict(every), cache, options)
    return [result(job, key, cache) for key, job in every], computed


def keyed(wanted: Iterable[Job], job_key: Callable[[Job], str]) -> list[tuple[str, Job]]:
    """Each job behind its key; Problems of all jobs that cannot begin."""
    keyed: list[tuple[str, Job]] = []
    problems: list[Problem] = []
    for job in wanted:
        try:
            keyed.append((job_key(job), job))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(dict.fromkeys(problems))
    return keyed


def _score(plan: Plan, results: list[Result], cache: Cache, options: Options) -> tuple[Scores, int]:
    """How faithful each map is, by the measures of its family, and how many were computed."""
    measures = {name: method.fidelity for name, method in plan.methods.items() if method.fidelity}
    if not measures:
        return {}, 0
    from explainers.building.scoring import score_results

    return score_results(results, measures, cache, options)


def _find(plan: Plan, cache: Cache, options: Options) -> tuple[Collection, dict[str, str]]:
    """The study's concepts as pictures, and of each family the name of its file in the cache."""
    if not plan.concepts:
        return Collection(()), {}
    from explainers.building.compute import set_threads
    from explainers.building.concept_pictures import draw_concepts
    from explainers.building.concepts import find_concepts

    set_threads(options.threads)
    found, _ = find_concepts(plan, cache, options)
    return draw_concepts(plan, found), {one.job.family: one.key for one in found}


def _tables(finders: Mapping[str, str], cache: Cache) -> dict[str, Table]:
    """What the finder of each family measured."""
    kept = {family: cache.get(key) for family, key in finders.items()}
    return {family: values[1]["table"] for family, values in kept.items() if values is not None}


def _score_keys(scores: Iterable[Mapping[str, Mapping[str, Any]]]) -> set[str]:
    """The names of the scores' files in the cache."""
    return {record["key"] for measures in scores for record in measures.values()}


def _manifest(
    plan: Plan,
    predictions: list[Prediction],
    results: list[Result],
    scores: Scores,
    ready: list[Stimulus],
) -> Manifest:
    stimuli = [*ready_faces(plan, predictions), *ready]
    if plan.computes:
        from explainers.building.drawing import draw, draw_faces

        stimuli += [*draw_faces(plan, predictions), *draw(plan, results, scores)]
    manifest = Manifest(tuple(stimuli), tuple(predictions))
    problems = dict.fromkeys(_unlike(manifest, plan.methods))
    if problems:
        raise Problems(problems)
    save_contact_sheet(manifest, plan.stimuli)
    manifest.save(plan.stimuli)
    return manifest


def _unlike(manifest: Manifest, families: Iterable[str]) -> Iterator[Problem]:
    """Explanations that are shown side by side and differ in size, which would give them away."""
    for prediction in manifest.predictions:
        place = (prediction.model, prediction.face, prediction.label)
        sizes = {f: manifest.explanation(f, *place) for f in families}
        first, *others = sizes.items()
        for family, shown in others:
            if (shown.width, shown.height) != (first[1].width, first[1].height):
                what = (
                    f"{family} of {prediction.model} is {shown.width} x {shown.height} pixels, "
                    f"{first[0]} {first[1].width} x {first[1].height}"
                )
                yield Problem("stimuli", what, "bring the ready-made pictures to the same size")
