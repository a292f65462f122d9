"""Many simulated studies of many designs, in parallel; what was computed is kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np

from explainers.building.progress import Report
from explainers.problems import Problems
from study_app import trials
from study_app.rehearsal.outcome import Key, Outcomes, joined, outcome, together
from study_app.rehearsal.parallel import cores, in_parallel
from study_app.rehearsal.people import rehearsal

BATCH = 20
"""Studies that are simulated and kept together: little is lost when somebody stops."""
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cell:
    """One design, simulated several times.

    Arguments:
        version, text: from `study_app.rehearsal.design.rehearsed`.
        n: participants of each study.
        studies: how many studies.
        seed: of the people; not of the orders, which are the study's.
        level: coverage of intervals.
    """

    version: str
    text: str
    n: int
    studies: int
    seed: int
    level: float

    def batches(self) -> list[Batch]:
        """The studies in batches of `BATCH`."""
        starts = range(0, self.studies, BATCH)
        return [Batch(self, first, min(BATCH, self.studies - first)) for first in starts]


@dataclass(frozen=True)
class Batch:
    """Some studies of a cell."""

    cell: Cell
    first: int
    count: int

    def key(self) -> str:
        """Hash of all that the outcome depends on, the code among it."""
        cell = self.cell
        parts = (cell.version, cell.n, cell.seed, cell.level, self.first, self.count, _code())
        own = _own_code(cell.text)
        return hashlib.sha256(json.dumps([*parts, own]).encode()).hexdigest()


def simulated(batch: Batch) -> tuple[Outcomes, float]:
    """The outcomes of a batch, and the seconds that it took."""
    began = time.perf_counter()
    cell = batch.cell
    study = rehearsal(cell.version, cell.text)
    found = [
        outcome(study.frames(cell.n, f"{cell.seed} study {number + 1}"), cell.level)
        for number in range(batch.first, batch.first + batch.count)
    ]
    return together(found), time.perf_counter() - began


def run(
    cells: Sequence[Cell], folder: Path, workers: int = 0, stream: IO[str] | None = None
) -> list[Outcomes]:
    """The outcomes of each cell; what ``folder`` holds already is not simulated again.

    Arguments:
        cells: the designs.
        folder: where batches are kept.
        workers: how many at a time, each in a process of its own; 0 is one for each core.
        stream: where progress is told; standard error if None.

    Errors: Problems when the folder cannot be written.
    """
    every = {batch: folder / f"{batch.key()}.npz" for cell in cells for batch in cell.batches()}
    missing = [batch for batch, path in every.items() if not path.is_file()]
    workers = min(workers or cores(), max(len(missing), 1))
    kinds = [_kind(batch) for batch in missing]
    what = f"batches of {BATCH} simulated studies"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Report(kinds, workers, stream or sys.stderr, what) as report:
            if len(missing) < len(every):
                report.say(f"{len(every) - len(missing)} of {len(every)} {what} are there already")
            # Closed at once when it is left by Ctrl-C, so that no further batch begins.
            with closing(in_parallel(simulated, missing, workers)) as done:
                for batch, (found, seconds) in done:
                    _save(every[batch], found)
                    report.done(_kind(batch), seconds)
        return [joined([_read(every[batch]) for batch in cell.batches()]) for cell in cells]
    except OSError as error:
        fix = "name a folder that you may write, with room: --out FOLDER"
        what = f"cannot be written: {error.strerror or error}"
        raise Problems.one(str(folder), what, fix) from error


def _kind(batch: Batch) -> str:
    return f"{batch.cell.version} {batch.cell.n} {batch.count}"


def _save(path: Path, found: Outcomes) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.partial")
    with temporary.open("wb") as file:
        np.savez(file, keys=json.dumps(found.keys), numbers=found.numbers)
    temporary.replace(path)


def _read(path: Path) -> Outcomes:
    with np.load(path) as data:
        keys = json.loads(str(data["keys"]))
        return Outcomes(tuple(Key(*key) for key in keys), data["numbers"])


@cache
def _code() -> str:
    """Hash of the code that simulates and analyses."""
    places = ("analysis", "study_app/trials", "study_app/orders", "study_app/rehearsal")
    files = sorted(path for place in places for path in (_ROOT / place).rglob("*.py"))
    files += [_ROOT / "study_app" / f"{name}.py" for name in ("designs", "simulate")]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _own_code(text: str) -> list[str]:
    """Hashes of trial types that are the user's own."""
    names = sorted({block["trial"] for block in json.loads(text)["study"]["blocks"]})
    modules = [trials.load(name) for name in names if ":" in name or "." in name]
    files = [Path(str(module.__file__)) for module in modules if hasattr(module, "__file__")]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
