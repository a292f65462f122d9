"""Whether anything that a build depends on has changed since the last one, found without torch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from explainers import catalog
from explainers.building import contact_sheet
from explainers.building.cache import write_whole
from explainers.building.fingerprint import key
from explainers.building.pictures import Picture
from explainers.building.plan import Plan
from explainers.concept import SHEET, Collection, pictures
from explainers.faces.face_names import RENDERED
from explainers.manifest import Manifest
from explainers.problems import Problems

FILE = "inputs.sha256"
# What other verbs write into a study's folder, and texts, which change nothing about the pictures.
_NOT_READ = (".db", ".db-wal", ".db-shm", ".log", ".md")
_WRITTEN = ("stimuli", "report", "export")


def unchanged(plan: Plan, inputs: str) -> tuple[Manifest, Collection] | None:
    """What the last build made if one from ``inputs`` would make the same; else None."""
    try:
        if (plan.stimuli / FILE).read_text(encoding="ascii") != inputs:
            return None
        manifest = Manifest.load(plan.stimuli)
        concepts = Collection.load(plan.stimuli) if plan.concepts else Collection(())
    except (OSError, ValueError, Problems):
        return None
    files = {stimulus.file for stimulus in manifest.stimuli} | {contact_sheet.FILE}
    files |= {*pictures(concepts), SHEET} if plan.concepts else set()
    whole = all((plan.stimuli / file).is_file() for file in files)
    return (manifest, concepts) if whole else None


def remember(plan: Plan, inputs: str) -> None:
    """Note what a build was made from, once all of it is there."""
    write_whole(plan.stimuli / FILE, inputs.encode("ascii"))


def inputs_sha256(plan: Plan, pictures: Iterable[Picture] = ()) -> str:
    """SHA-256 of the plan, the installed code and weights, and the study's files.

    Files count as unchanged when their sizes and times are; ready-made pictures by their content,
    because they are read and checked in any case. Code that is named by import path and lies
    outside the study's folder cannot be watched: then the result is different each time.
    """
    said: dict[str, Any] = asdict(plan)
    files = [*_files(catalog.HOME), *_files(plan.folder, skip=_WRITTEN)]
    # Faces and weights may lie outside the study's folder.
    beside = [finding.faces for finding in plan.concepts.values()]
    beside = [source for source in {plan.faces, *beside} if source != RENDERED]
    beside += [str(spec["weights"]) for spec in plan.models.values() if "weights" in spec]
    for finding in plan.concepts.values():
        beside += [value for value in finding.parameters.values() if isinstance(value, str)]
    for place in filter(None, beside):
        files += _files(plan.folder / place)
    named = [method.method for method in plan.methods.values()]
    named += [method.target.use for method in plan.methods.values() if method.target]
    named += [finding.method for finding in plan.concepts.values()]
    named += [str(spec.get("use", "")) for spec in plan.models.values()]
    outside = any(
        catalog.is_import_path(name) and not (plan.folder / f"{_module(name)}.py").is_file()
        for name in named
    )
    parts = {
        "plan": {name: str(value) for name, value in said.items()},
        "files": sorted({_seen(path) for path in files}),
        "pictures": [str(picture) for picture in pictures],
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
        elif path.suffix not in _NOT_READ and path.name != "study.yaml":  # which the plan tells
            yield path


def _seen(path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return str(path), status.st_size, status.st_mtime_ns
