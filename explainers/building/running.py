"""Running jobs, one after the other or several at a time, and keeping what is done."""

from __future__ import annotations

import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
)
from multiprocessing import get_context
from typing import Any, Protocol

from explainers.building.cache import Cache
from explainers.building.compute import Computed, compute, set_threads
from explainers.building.options import MOST_WORKERS, Options
from explainers.building.progress import Report
from explainers.device import choose
from explainers.problems import Problem, Problems


class Work(Protocol):
    """Something to do: an explanation or a score, as plain values."""

    @property
    def kind(self) -> str:
        """Jobs of one kind take about the same time."""
        ...

    @property
    def title(self) -> str:
        """How a person calls it."""
        ...

    def on(self, device: str) -> Work:
        """The same work on ``cpu`` or ``cuda``."""
        ...


class Abandoned(Problems):
    """What ends all jobs at once, as an executor that cannot go on tells it."""


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def make_executor(workers: int, threads: int) -> Executor:
    """One worker runs in this process; several get a process each, with ``threads`` cores."""
    if workers == 1:
        return ThreadPoolExecutor(1, initializer=set_threads, initargs=(threads,))
    # A fresh process, because a copy of one in which torch has run can hang.
    context = get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=set_threads, initargs=(threads,))


def run_missing(
    every: Mapping[str, Work],
    cache: Cache,
    options: Options,
    do: Callable[[Any], Computed] = compute,
    what: str = "explanations",
) -> int:
    """Do the jobs whose results are not in the cache, telling how far it is; how many they were.

    Arguments:
        every: the jobs by the names of their results.
        do: what does one job; explanations unless it is named.
        what: what the jobs make, in words.
    """
    missing = _taking_turns(
        {key: job for key, job in every.items() if options.force or cache.get(key) is None}
    )
    if not options.executor:
        device = choose(options.device)
        missing = {key: job.on(device) for key, job in missing.items()}
    workers = min(options.workers or min(cores(), MOST_WORKERS), max(len(missing), 1))
    kinds = [job.kind for job in missing.values()]
    with Report(kinds, workers, options.stream or sys.stderr, what) as report:
        report.say(f"{len(every)} {what}, {len(every) - len(missing)} of them there already")
        if missing and options.executor:
            run(missing, cache, options.executor, report, do)
        elif missing:
            with make_executor(workers, options.threads) as executor:
                run(missing, cache, executor, report, do)
    return len(missing)


def _taking_turns(wanted: Mapping[str, Work]) -> dict[str, Work]:
    """One job of each kind, then the second of each: soon all their times are known."""
    count: Counter[str] = Counter()
    turns: dict[str, int] = {}
    for key, job in wanted.items():
        turns[key] = count[job.kind]
        count[job.kind] += 1
    return {key: wanted[key] for key in sorted(wanted, key=turns.__getitem__)}


def run(
    wanted: Mapping[str, Work],
    cache: Cache,
    executor: Executor,
    report: Report,
    do: Callable[[Any], Computed] = compute,
) -> None:
    """Do all jobs and keep each result under its key as soon as it is there.

    Arguments:
        do: what does one job, in any process; explanations unless it is named.

    Errors: Problems of single jobs, once all others are done; at once when results cannot be kept.
    """
    failures: list[Problem] = []
    waiting: dict[Future[Computed], str] = {}
    try:
        for key, job in wanted.items():
            waiting[executor.submit(do, job)] = key
        for future in as_completed(waiting):
            job = wanted[waiting[future]]
            if isinstance(ended := future.exception(), Abandoned):
                raise Problems(dict.fromkeys([*failures, *ended.problems]))
            problems = _failures(job, future)
            seconds = None
            if not problems:
                computed = future.result()
                cache.put(waiting[future], computed.values, computed.record)
                seconds = float(computed.record["seconds"])
            failures += problems
            report.done(job.kind, seconds)
    finally:
        # After a failure or Ctrl-C only what runs right now is waited for.
        for future in waiting:
            future.cancel()
    if failures:
        raise Problems(dict.fromkeys(failures))


def _failures(job: Work, future: Future[Computed]) -> list[Problem]:
    """Why a job failed; empty if it did not."""
    error = future.exception()
    if error is None:
        return []
    if isinstance(error, Problems):
        return [
            Problem(f"{job.title}: {p.where}" if p.where else job.title, p.what, p.fix)
            for p in error.problems
        ]
    if isinstance(error, BrokenExecutor):
        fix = "run it again with fewer --jobs, it goes on where it was"
        return [Problem(job.title, "its process died, perhaps for lack of memory", fix)]
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    return [Problem(job.title, f"{type(error).__name__}: {error}", place and f"look at {place}")]
