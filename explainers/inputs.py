"""Whether anything that a build depends on has changed since the last one, found without torch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from explainers import catalog, contact_sheet
from explainers.cache import write_whole
from explainers.fingerprint import key
from explainers.manifest import Manifest
from explainers.plan import Plan
from explainers.problems import Problems

FILE = "inputs.sha256"
# What other verbs write into a study's folder, and what changes nothing about the pictures.
_NOT_READ = (".db", ".db-wal", ".db-shm", ".log", ".md", ".yaml")


def unchanged(plan: Plan) -> Manifest | None:
    """The manifest of the last build if a new one would make the same; None if it may not.

    Nothing is computed: files count as unchanged when their sizes and times are.
    """
    try:
        if (plan.stimuli / FILE).read_text(encoding="ascii") != inputs_sha256(plan):
            return None
        manifest = Manifest.load(plan.stimuli)
    except (OSError, ValueError, Problems):
        return None
    files = {stimulus.file for stimulus in manifest.stimuli} | {contact_sheet.FILE}
    return manifest if all((plan.stimuli / file).is_file() for file in files) else None


def remember(plan: Plan, inputs: str) -> None:
    """Note what a build was made from, once all of it is there."""
    write_whole(plan.stimuli / FILE, inputs.encode("ascii"))


def inputs_sha256(plan: Plan) -> str:
    """SHA-256 of the plan, the installed code and weights, and the study's files.

    Code that is named by import path and lies outside the study's folder cannot be watched: then
    the result is different each time.
    """
    said: dict[str, Any] = asdict(plan)
    files = [*_files(catalog.HOME), *_files(plan.folder, skip=("stimuli", "report"))]
    for spec in plan.models.values():
        if "weights" in spec:  # they may lie outside the study's folder
            files += _files(plan.folder / str(spec["weights"]))
    named = [method.method for method in plan.methods.values()]
    named += [str(spec.get("use", "")) for spec in plan.models.values()]
    outside = any(
        catalog.is_import_path(name) and not (plan.folder / f"{_module(name)}.py").is_file()
        for name in named
    )
    parts = {
        "plan": {name: str(value) for name, value in said.items()},
        "files": sorted({_seen(path) for path in files}),
        "torch": version("torch"),
        "once": time.time_ns() if outside else 0,
    }
    return key(parts)


def _module(import_path: str) -> str:
    return import_path.partition(":")[0].replace(".", "/")


def _files(place: Path, skip: tuple[str, ...] = ()) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for path in place.iterdir() if place.is_dir() else ():
        if path.name == "__pycache__" or path.name.startswith((".", *skip)):
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.suffix not in _NOT_READ:
            yield path


def _seen(path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return str(path), status.st_size, status.st_mtime_ns
