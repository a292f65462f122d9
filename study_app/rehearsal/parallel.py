"""A process for each core, one thread each: pandas and BLAS gain nothing from more here."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def in_parallel(
    do: Callable[[Any], Any], jobs: Sequence[Any], workers: int
) -> Generator[tuple[Any, Any], None, None]:
    """(job, its result) as they become ready; with one worker in this process.

    When the caller stops, or on Ctrl-C, jobs that have not begun are dropped.
    """
    if min(workers, len(jobs)) <= 1:
        for job in jobs:
            yield job, do(job)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), context, initializer=_alone) as pool:
        waiting = {pool.submit(do, job): job for job in jobs}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _alone() -> None:
    # Read when numpy loads, which is after this: this module must not import it.
    for name in _THREADS:
        os.environ[name] = "1"
    # Ctrl-C reaches every process of the terminal: a worker just ends, and its batch is dropped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
