"""Running jobs, one after the other or several at a time, and keeping what is done."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
)
from multiprocessing import get_context

from explainers.cache import Cache
from explainers.compute import Computed, compute, set_threads
from explainers.plan import Job
from explainers.problems import Problem, Problems
from explainers.progress import Report


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


def run(wanted: Mapping[str, Job], cache: Cache, executor: Executor, report: Report) -> None:
    """Do all jobs and keep each result under its key as soon as it is there.

    Errors: Problems of single jobs, once all others are done; at once when results cannot be kept.
    """
    failures: list[Problem] = []
    try:
        waiting = {executor.submit(compute, job): key for key, job in wanted.items()}
        for future in as_completed(waiting):
            job = wanted[waiting[future]]
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
        executor.shutdown(cancel_futures=True)
    if failures:
        raise Problems(dict.fromkeys(failures))


def _failures(job: Job, future: Future[Computed]) -> list[Problem]:
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
