"""Finding the concepts of a study: each finder runs once, what it found is kept by content hash."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from explainers import catalog
from explainers.building.cache import Cache
from explainers.building.compute import (
    Computed,
    code_of,
    plain,
    study_face,
    study_model,
    versions,
)
from explainers.building.fingerprint import file_sha256, key
from explainers.building.options import Options
from explainers.building.plan import Finding, Plan
from explainers.building.running import run_missing
from explainers.concept_finding.discovery import Discovery, FoundConcept, Patch
from explainers.face import Face
from explainers.faces.face_names import face_files
from explainers.parameters import mistakes
from explainers.problems import Problem, Problems, suggest

FORMAT = 1
"""Raise it when stored concepts mean something else."""


@dataclass(frozen=True)
class FindJob:
    """One finder to run, as plain values that any process or machine can work with.

    Arguments:
        family: the study's name of the concepts.
        finding: how they are found.
        spec: what the study file says about the model.
        seed: of the computation.
        folder: the study's folder.
        device: what the network computes on.
    """

    family: str
    finding: Finding
    spec: Mapping[str, Any]
    seed: int
    folder: Path
    device: str = "cpu"

    @property
    def kind(self) -> str:
        """Jobs of one kind take about the same time."""
        return f"concepts {self.family} of {self.finding.model}"

    @property
    def title(self) -> str:
        """How a person calls it."""
        return self.kind

    def on(self, device: str) -> FindJob:
        """The same job on ``cpu`` or ``cuda``."""
        return replace(self, device=device)


@dataclass(frozen=True, eq=False)
class Found:
    """A finder that is done.

    Arguments:
        job: what was run.
        key: the job's hash, and the name of its file in the cache.
        discovery: what it found.
        record: where and how it was computed.
    """

    job: FindJob
    key: str
    discovery: Discovery
    record: dict[str, Any]


def find_concepts(plan: Plan, cache: Cache, options: Options) -> tuple[list[Found], int]:
    """What every finder of the plan found, and how many had to run.

    Errors: Problems of all finders that cannot begin or that failed.
    """
    keyed: dict[str, FindJob] = {}
    problems: list[Problem] = []
    for family, finding in plan.concepts.items():
        job = FindJob(family, finding, plan.models[finding.model], plan.seed, plan.folder)
        try:
            keyed[find_key(job)] = job
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(dict.fromkeys(problems))
    computed = run_missing(keyed, cache, options, find, "families of concepts")
    return [_found(job, k, cache) for k, job in keyed.items()], computed


def find(job: FindJob) -> Computed:
    """Run one finder; the same job finds the same.

    Errors: Problems of the finder, the model or the faces.
    """
    model = study_model(job.spec, job.folder, job.finding.model, job.device)
    finder, faces = make_finder(job), study_faces(job)
    begin = time.perf_counter()
    try:
        discovery: Discovery = finder(model, faces, job.seed)
    except Problems as error:
        where = f"study.yaml: concepts.{job.family}"
        raise Problems(
            Problem(where, f"{p.where}: {p.what}", p.fix) for p in error.problems
        ) from None
    seconds = time.perf_counter() - begin
    patches = [patch for concept in discovery.concepts for patch in concept.patches]
    size = model.input_size
    masks = np.array([patch.mask for patch in patches], np.uint8).reshape(-1, size, size)
    record = {
        "concepts": [_listed(concept) for concept in discovery.concepts],
        "table": _plain_values([dict(row) for row in discovery.table]),
        "checks": _plain_values(dict(discovery.checks)),
        "parameters": plain(finder) | _as_written(job, finder),
        "seconds": round(seconds, 3),
        "device": str(model.device),
        "versions": versions(),
    }
    return Computed(masks, record)  # type: ignore[arg-type]


def find_key(job: FindJob) -> str:
    """SHA-256 of everything that a finder's concepts depend on.

    These are the weights, the code of network and finder, every parameter, every face with its
    landmarks, and the seed.
    """
    model = study_model(job.spec, job.folder, job.finding.model, job.device)
    finder = make_finder(job)
    faces = study_faces(job).values()
    return key(
        {
            "format": FORMAT,
            "method": job.finding.method,
            "code": code_of(type(finder).__module__),
            "parameters": plain(finder) | _contents(job, finder),
            "weights": model.weights_sha256,
            "network": code_of(type(model.network).__module__),
            "model": {
                **{name: value for name, value in job.spec.items() if name != "weights"},
                "labels": model.labels,
                "input_size": model.input_size,
                "chip_padding": model.chip_padding,
                "layer": model.layer,
            },
            "faces": [[face.id, face.sha256, face.landmarks.tolist()] for face in faces],
            "seed": job.seed,
        }
    )


def study_faces(job: FindJob) -> dict[str, Face]:
    """The faces in which concepts are looked for; each is loaded once in a process."""
    names = face_files(job.finding.faces, job.folder)
    return {name: study_face(job.finding.faces, job.folder, name) for name in names}


def _as_written(job: FindJob, finder: Any) -> dict[str, Any]:
    """The parameters that name files, as the study file writes them."""
    named = {name: job.finding.parameters.get(name) for name in getattr(finder, "files", ())}
    return {name: value for name, value in named.items() if value and isinstance(value, str)}


def _contents(job: FindJob, finder: Any) -> dict[str, Any]:
    """What is in the files and folders that parameters name: path inside → SHA-256."""
    contents: dict[str, Any] = {}
    for name, written in _as_written(job, finder).items():
        place = job.folder / written
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        files = [path for path in inside if path.is_file()]
        contents[name] = [[str(path.relative_to(place)), file_sha256(path)] for path in files]
    return contents


def make_finder(job: FindJob) -> Any:
    """The finder with the job's parameters; files that they name are looked for in the study.

    Errors: Problems for parameters that it refuses, told at the study file's place.
    """
    method, where = job.finding.method, f"study.yaml: concepts.{job.family}"
    given = dict(job.finding.parameters)
    if catalog.is_import_path(method):
        finder = catalog.load(method, job.folder)
        known = [field.name for field in fields(finder)] if is_dataclass(finder) else list(given)
        strange = [name for name in given if name not in known]
        if strange:
            raise Problems(
                Problem(f"{where}.{name}", f"{method} has no such parameter", suggest(name, known))
                for name in strange
            )
    else:
        entry = catalog.finder(method)
        finder = entry.load()
        given = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
        if wrong := list(mistakes(entry, given)):
            raise Problems(Problem(f"{where}.{name}", what, fix) for name, what, fix in wrong)
    for name, written in _as_written(job, finder).items():
        given[name] = str(job.folder / written)
    try:
        return finder(**given)
    except Problems as error:
        raise Problems(
            Problem(".".join(filter(None, (where, p.where.partition(": ")[2]))), p.what, p.fix)
            for p in error.problems
        ) from None
    except (TypeError, ValueError) as error:
        raise Problems.one(where, str(error)) from None


def _listed(concept: FoundConcept) -> dict[str, Any]:
    plain_parts = {f.name: getattr(concept, f.name) for f in fields(concept) if f.name != "patches"}
    patches = [{"face": patch.face, "score": float(patch.score)} for patch in concept.patches]
    return {**_plain_values(plain_parts), "patches": patches}


def _plain_values(thing: Any) -> Any:
    """The same as JSON knows it: numbers of numpy become numbers."""
    return json.loads(json.dumps(thing, default=_told))


def _told(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def _found(job: FindJob, k: str, cache: Cache) -> Found:
    stored = cache.get(k)
    if stored is None:
        raise KeyError(k)
    masks, record = stored
    waiting = iter(masks.astype(bool))
    concepts = tuple(
        FoundConcept(
            **(
                entry
                | {"patches": tuple(Patch(**one, mask=next(waiting)) for one in entry["patches"])}
            )
        )
        for entry in record["concepts"]
    )
    discovery = Discovery(concepts, tuple(record["table"]), record["checks"])
    return Found(job, k, discovery, record)
