"""A Dask cluster as the place where a build's jobs run: connecting, looking at it, leaving it.

The package ``distributed`` is imported only here and in `cluster_executor`, when a cluster is used.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from explainers.building.cluster_checks import Needs, scheduler_problems
from explainers.building.options import Options
from explainers.building.plan import Plan
from explainers.problems import Problem, Problems

PATIENCE = 15.0
"""Seconds for a scheduler to answer, and for its first worker to be there."""
_NOISY = ("distributed", "tornado", "asyncio")
_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[^:/\s\[\]]+):(\d{1,5})/?")


@contextmanager
def cluster(address: str, plan: Plan, options: Options) -> Iterator[Options]:
    """The options of a build whose jobs run on a cluster, while this lasts.

    Every worker does one job at a time, at most. It has the same versions of Python, torch and
    whyface, and sees the study's files at the same paths: this is checked by content before
    anything is sent, and again for each worker that joins later.

    Arguments:
        address: of the scheduler, such as ``tcp://192.168.0.5:8786``.
        plan: what is built; its folder is an absolute path, as the workers see it.
        options: as of a local build.

    Errors: Problems when the package is missing, the address is wrong, nobody answers, no worker
    is there, or any worker could not give what a local build gives.
    """
    client_class = _client_class()
    _check_address(address)
    needs = Needs.of(plan, options.device)
    with _quiet():
        client = _connected(client_class, address)
        try:
            workers = _workers(client, address, needs)
            from explainers.building.cluster_executor import ClusterExecutor

            stream = options.stream or sys.stderr
            print(f"{len(workers)} workers of {address}", file=stream)
            executor = ClusterExecutor(client, needs, workers, options.threads, stream)
            try:
                yield replace(options, executor=executor, workers=len(workers))
            finally:
                executor.shutdown(cancel_futures=True)
        finally:
            client.close()


def _client_class() -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise Problems.one(
            "--dask", f"needs a package that is not installed: {error.name}", FIX_INSTALL
        ) from None
    return Client


FIX_INSTALL = "pip install 'whyface[dask]', here and on every worker"


def _check_address(address: str) -> None:
    found = _ADDRESS.fullmatch(address)
    if not found or not 0 < int(found[3]) < 65536:
        fix = "write it as the scheduler prints it, such as tcp://192.168.0.5:8786"
        raise Problems.one(f"--dask {address}", "is not the address of a scheduler", fix)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's own log says in many lines what is told here in one."""
    names = (name for name in logging.root.manager.loggerDict if name.startswith(_NOISY))
    loggers = [logger for name in names if not (logger := logging.getLogger(name)).disabled]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger in loggers:
            logger.disabled = False


def _connected(client_class: Any, address: str) -> Any:
    try:
        return client_class(address, timeout=PATIENCE, set_as_default=False, name="whyface")
    except (OSError, ValueError, TypeError, MemoryError) as error:  # what answers may be no Dask
        why = str(error).partition("\n")[0] or type(error).__name__
        raise Problems.one(
            f"--dask {address}",
            f"no Dask scheduler answered there: {why}",
            "start one with `dask scheduler` and write the address that it prints",
        ) from None


def _workers(client: Any, address: str, needs: Needs) -> list[str]:
    """The workers that are there, all of them fit."""
    where = f"--dask {address}"
    problems = scheduler_problems(client, where)
    if problems:
        raise Problems(problems)
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        what = f"no worker joined it within {PATIENCE:g} s"
        raise Problems.one(where, what, f"start some: dask worker {address} --nthreads 1") from None
    known = needs.of_use(client)
    if not known:
        what = "no worker offers a graphics card"
        fix = "start workers with --resources GPU=1, or use the processor: --device cpu"
        raise Problems.one(where, what, fix)
    found: list[Problem] = []
    for unfit in needs.unfit(client, list(known)).values():
        found += unfit
    if found:
        raise Problems(dict.fromkeys(found))
    return list(known)
