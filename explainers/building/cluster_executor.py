"""Jobs handed to the workers of a Dask cluster, one at a time each, and again if a worker dies."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO, Any
from uuid import uuid4

from distributed import KilledWorker

from explainers.building.cluster_checks import GPU, Needs
from explainers.building.compute import set_threads
from explainers.building.running import Abandoned, Work
from explainers.problems import Problem, Problems

MOST_DEATHS = 3
"""A job that this many workers died of is not tried again."""
LOOK_EVERY = 1.0
"""Seconds between looks at which workers are there."""
WAIT_FOR_WORKERS = 600.0
"""Seconds without any worker after which a build gives up."""
WAIT_FOR_RESULT = (1, 2, 4, 8, 16, 32)
"""Seconds for the arrays of a finished job to arrive, between looks whether they still can."""


@dataclass(eq=False)
class _Errand:
    """A job on its way: who does it now, and how many workers died of it."""

    future: Future[Any]
    do: Callable[[Any], Any]
    job: Work
    begun: bool = False
    deaths: int = 0
    worker: str = ""
    remote: Any = None


class ClusterExecutor(Executor):
    """A `concurrent.futures` executor whose workers are those of a Dask cluster.

    Each worker has one job at a time and the others wait here, not in the cluster's queues. So it
    is known which job a worker was doing when it died, a hook on a network is never in the way of
    another job's, and a worker that joins is given work at once.

    Arguments:
        client: connected to the scheduler; it is not closed.
        needs: what a worker must have before it gets a job.
        workers: those that have it.
        threads: cores for each job.
        stream: where it is told that workers are lost or cannot be used.
    """

    def __init__(
        self, client: Any, needs: Needs, workers: list[str], threads: int, stream: IO[str]
    ) -> None:
        self._client = client
        self._needs = needs
        self._threads = threads
        self._stream = stream
        self._cards = needs.of_use(client)
        self._fit = set(workers) & set(self._cards)
        self._unfit: set[str] = set()
        self._todo: deque[_Errand] = deque()
        self._submitted: SimpleQueue[_Errand] = SimpleQueue()
        self._done: SimpleQueue[tuple[_Errand, Any]] = SimpleQueue()
        self._doing: dict[str, _Errand] = {}
        self._wake = Event()
        self._closing = False
        self._failure: Abandoned | None = None
        self._looked = self._had_workers = time.monotonic()
        self._alone = False
        # All of the state belongs to this thread; others only fill queues and wake it.
        self._thread = Thread(target=self._run, name="whyface-cluster", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have ``fn(job)`` done by a worker; ``job`` is the only argument.

        Errors: the future's: what ``fn`` raised; Problems when workers died of the job.
        """
        if self._closing:
            raise RuntimeError("the cluster was left")
        (job,) = args
        errand = _Errand(Future(), fn, job)
        self._submitted.put(errand)
        self._wake.set()
        return errand.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster: what waits is cancelled, what runs there is not waited for."""
        self._closing = True
        self._wake.set()
        if wait:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing:
                self._take()
                self._collect()
                self._look()
                self._hand_out()
                self._wake.wait(LOOK_EVERY)
                self._wake.clear()
        except Abandoned as error:
            self._failure = error
        except OSError as error:
            self._failure = _lost(str(error))
        finally:
            self._closing = True
            self._take()
            self._leave()

    def _take(self) -> None:
        while not self._submitted.empty():
            self._todo.append(self._submitted.get())

    def _hand_out(self) -> None:
        for worker in sorted(self._fit - set(self._doing)):
            while self._todo:
                errand = self._todo.popleft()
                if errand.begun or errand.future.set_running_or_notify_cancel():
                    self._send(errand, worker)
                    break

    def _send(self, errand: _Errand, worker: str) -> None:
        card = self._cards[worker]
        errand.begun, errand.worker = True, worker
        errand.remote = self._client.submit(
            perform,
            errand.do,
            errand.job.on("cuda" if card else "cpu"),
            self._threads,
            key=f"{errand.job.kind}-{uuid4().hex}",
            workers=[worker],
            allow_other_workers=False,
            resources={GPU: 1} if card else None,
        )
        self._doing[worker] = errand
        remote = errand.remote
        remote.add_done_callback(lambda _: self._answered(errand, remote))

    def _answered(self, errand: _Errand, remote: Any) -> None:
        self._done.put((errand, remote))
        self._wake.set()

    def _collect(self) -> None:
        while True:
            try:
                errand, remote = self._done.get_nowait()
            except Empty:
                return
            if errand.remote is remote:  # else it was given to another worker meanwhile
                self._receive(errand, remote)

    def _receive(self, errand: _Errand, remote: Any) -> None:
        if remote.status == "finished":
            self._fetch(errand, remote)
        elif remote.status == "error":
            error = remote.exception()
            if isinstance(error, KilledWorker):
                self._again(errand)
            else:
                self._free(errand)
                errand.future.set_exception(error.with_traceback(remote.traceback()))
        else:
            raise _lost("the jobs were cancelled there")

    def _fetch(self, errand: _Errand, remote: Any) -> None:
        for seconds in WAIT_FOR_RESULT:
            try:
                result = remote.result(timeout=seconds)
            except TimeoutError:
                if errand.worker not in self._needs.of_use(self._client):
                    break
            else:
                self._free(errand)
                errand.future.set_result(result)
                return
        self._again(errand)  # the worker died with its result, or cannot be reached any more

    def _free(self, errand: _Errand) -> None:
        errand.remote = None
        del self._doing[errand.worker]

    def _again(self, errand: _Errand) -> None:
        """The worker died. The job comes after all others, so that they are not lost with it."""
        remote = errand.remote
        self._free(errand)
        remote.cancel()
        errand.deaths += 1
        if errand.deaths < MOST_DEATHS:
            self._todo.append(errand)
            self._say(f"Worker {errand.worker} is gone; {errand.job.title} is done by another.")
            return
        what = f"{MOST_DEATHS} workers died while they did it, the last {errand.worker}"
        fix = "look at that worker's log; it may need more memory: start fewer on a machine"
        errand.future.set_exception(Problems.one("", what, fix))

    def _look(self) -> None:
        """Who is there now: the lost ones' jobs go to others, the new ones are checked."""
        if self._client.status != "running":
            raise _lost(f"it is {self._client.status}")
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        self._cards = self._needs.of_use(self._client)
        there = set(self._cards)
        self._fit &= there
        for worker in set(self._doing) - there:
            self._again(self._doing[worker])
        self._unfit &= there
        self._welcome(sorted(there - self._fit - self._unfit))
        self._wait_for_workers(now)

    def _welcome(self, workers: list[str]) -> None:
        if not workers:
            return
        unfit = self._needs.unfit(self._client, workers)
        for worker, problems in unfit.items():
            self._unfit.add(worker)
            self._say(f"Worker {worker} is not used: {'; '.join(p.what for p in problems)}")
        self._fit |= set(workers) - set(unfit)

    def _wait_for_workers(self, now: float) -> None:
        if self._fit:
            self._had_workers, self._alone = now, False
        elif now - self._had_workers > WAIT_FOR_WORKERS:
            what = f"had no worker for {WAIT_FOR_WORKERS / 60:g} minutes"
            raise Abandoned([Problem("--dask", what, "start workers and run it again")])
        elif not self._alone:
            self._alone = True
            self._say("No worker is left; waiting for one. Ctrl-C stops, what is done is kept.")

    def _leave(self) -> None:
        left = self._failure or Abandoned([Problem("--dask", "the cluster was left")])
        for errand in [*self._doing.values(), *self._todo]:
            if errand.begun or errand.future.set_running_or_notify_cancel():
                errand.future.set_exception(left)
        self._client.cancel([errand.remote for errand in self._doing.values()])

    def _say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


def perform(do: Callable[[Any], Any], job: Any, threads: int) -> Any:
    """Run by a worker: do one job with so many cores."""
    set_threads(threads)
    return do(job)


def _lost(why: str) -> Abandoned:
    what = f"the connection to the scheduler was lost ({why})"
    return Abandoned([Problem("--dask", what, "run it again, it goes on where it was")])
