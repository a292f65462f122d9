"""How a build runs, which changes nothing about what comes out.

Torch-free.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import IO, Literal

Device = Literal["auto", "cpu", "cuda"]
"""What a person may ask to compute on."""
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
        executor: where jobs run instead, such as a cluster's; it is left open.
        device: what networks compute on; ``auto`` takes the graphics cards that workers of a
            cluster offer, and the processor elsewhere. Only the last digits depend on it.
        stream: where progress is told; standard error unless given.
    """

    workers: int = 0
    threads: int = 1
    force: bool = False
    executor: Executor | None = None
    device: Device = "auto"
    stream: IO[str] | None = None
