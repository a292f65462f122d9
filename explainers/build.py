"""Computing what a study shows: only what is missing, killed and resumed without loss.

Importing this loads no torch, and a study whose pictures are all ready-made is built without it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from explainers.cache import Cache
from explainers.contact_sheet import save_contact_sheet
from explainers.inputs import inputs_sha256, remember, unchanged
from explainers.manifest import Manifest, Prediction, Stimulus
from explainers.plan import Job, Plan, jobs
from explainers.problems import Problem, Problems
from explainers.progress import Report
from explainers.ready_made import read_ready_made, ready_faces, ready_predictions, ready_stimuli

if TYPE_CHECKING:
    from explainers.drawing import Result

MOST_WORKERS = 8
"""Unless asked for more: each holds torch and the networks in about 1 GB of memory."""


@dataclass(frozen=True)
class Options:
    """How a build runs; none of it changes what comes out.

    Arguments:
        workers: how many explanations are computed at a time, each in a process of its own if
            there are several; 0 is one for each core, at most ``MOST_WORKERS``.
        threads: cores for each worker. Small networks are fastest on one core each: several
            threads mostly wait for each other.
        force: compute everything again.
        executor: where jobs run instead, such as a cluster's.
        stream: where progress is told; standard error unless given.
    """

    workers: int = 0
    threads: int = 1
    force: bool = False
    executor: Executor | None = None
    stream: IO[str] | None = None


@dataclass(frozen=True)
class Built:
    """What a build did.

    Arguments:
        manifest: all stimuli and predictions.
        computed: how many explanations were computed.
        reused: how many were there already.
        stale: files in the cache that this study does not use any more.
        seconds: how long it took.
    """

    manifest: Manifest
    computed: int
    reused: int
    stale: tuple[Path, ...]
    seconds: float


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
    if not options.force and (there := unchanged(plan, inputs)):
        used = {s.provenance["job"] for s in there.stimuli if "job" in s.provenance}
        seconds = time.monotonic() - begin
        return Built(there, 0, len(used), tuple(cache.stale(used)), seconds)
    predictions = list(ready_predictions(plan, pictures))
    results: list[Result] = []
    computed = 0
    if plan.computes:
        from explainers import compute

        compute.set_threads(options.threads)
        predictions += compute.predictions(plan)
    order = {place: n for n, place in enumerate(plan.asked)}
    predictions.sort(key=lambda p: order[p.model, p.face])
    ready = ready_stimuli(plan, pictures, predictions)
    if plan.computes:
        results, computed = _compute(jobs(plan, predictions), cache, options)
    manifest = _manifest(plan, predictions, results, ready)
    remember(plan, inputs)
    stale = cache.stale([result.key for result in results])
    seconds = time.monotonic() - begin
    return Built(manifest, computed, len(results) - computed, tuple(stale), seconds)


def _compute(wanted: Iterable[Job], cache: Cache, options: Options) -> tuple[list[Result], int]:
    """The results of all jobs, and how many had to be computed."""
    from explainers.compute import job_key
    from explainers.drawing import result
    from explainers.running import cores, make_executor, run

    # Two jobs may need the same values: a number behind a model's classes knows no class.
    every = _keyed(wanted, job_key)
    needed: Mapping[str, Job] = dict(every)
    missing = _taking_turns(
        {key: job for key, job in needed.items() if options.force or cache.get(key) is None}
    )
    workers = min(options.workers or min(cores(), MOST_WORKERS), max(len(missing), 1))
    kinds = [job.kind for job in missing.values()]
    with Report(kinds, workers, options.stream or sys.stderr) as report:
        there = len(needed) - len(missing)
        report.say(f"{len(needed)} explanations, {there} of them there already")
        if missing:
            executor = options.executor or make_executor(workers, options.threads)
            run(missing, cache, executor, report)
    return [result(job, key, cache) for key, job in every], len(missing)


def _keyed(wanted: Iterable[Job], job_key: Callable[[Job], str]) -> list[tuple[str, Job]]:
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


def _taking_turns(wanted: Mapping[str, Job]) -> dict[str, Job]:
    """One job of each kind, then the second of each: soon all their times are known."""
    count: Counter[str] = Counter()
    turns: dict[str, int] = {}
    for key, job in wanted.items():
        turns[key] = count[job.kind]
        count[job.kind] += 1
    return {key: wanted[key] for key in sorted(wanted, key=turns.__getitem__)}


def _manifest(
    plan: Plan, predictions: list[Prediction], results: list[Result], ready: list[Stimulus]
) -> Manifest:
    stimuli = [*ready_faces(plan, predictions), *ready]
    if plan.computes:
        from explainers.drawing import draw, draw_faces

        stimuli += [*draw_faces(plan, predictions), *draw(plan, results)]
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
