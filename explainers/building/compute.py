"""Doing a job: loads the network and the face, runs the explainer. Only here a build meets torch.

Jobs are plain values and results are arrays, so this works in any process and on any machine that
has whyface and the study's folder.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from explainers import catalog
from explainers.aim import Aim
from explainers.building.fingerprint import code_sha256, key, module_file
from explainers.building.plan import Job, Plan
from explainers.device import moved
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.loading.model_loading import load_model
from explainers.manifest import Prediction
from explainers.problems import Problem, Problems
from explainers.target import Target
from explainers.verification import verify

FORMAT = 1
"""Raise it when stored values mean something else."""


@dataclass(frozen=True, eq=False)
class Computed:
    """What a job gave.

    Arguments:
        values: the explanation's raw values.
        record: their kind, self-checks, seconds, and where they were computed.
    """

    values: npt.NDArray[np.float32]
    record: dict[str, Any]


def compute(job: Job) -> Computed:
    """Do one job; the same job gives the same values.

    Errors: Problems of the explainer, the model or the face.
    """
    model = study_model(job.spec, job.folder, job.model, job.device)
    face = study_face(job.source, job.folder, job.face) if job.face else None
    explainer, target = make_explainer(job), make_target(job)
    begin = time.perf_counter()
    explanation = explainer(model, face, target)
    seconds = time.perf_counter() - begin
    record = {
        "kind": explanation.kind,
        "over": explanation.over,
        "checks": dict(explanation.checks),
        "parameters": plain(explainer),
        "seconds": round(seconds, 3),
        "device": str(model.device),
        "dtype": "float32",
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    return Computed(explanation.values, record)


def job_key(job: Job) -> str:
    """SHA-256 of everything that the job's values depend on.

    These are the weights, the code of network and method, every parameter, the face with its
    landmarks, the target and the seed. The machine, its number of threads and the version of torch
    change the last digits at most: they are recorded with the values.
    """
    model = study_model(job.spec, job.folder, job.model, job.device)
    face = study_face(job.source, job.folder, job.face) if job.face else None
    explainer, target = make_explainer(job), make_target(job)
    return key(
        {
            "format": FORMAT,
            "method": job.method,
            "code": code_of(type(explainer).__module__),
            "parameters": plain(explainer),
            "weights": model.weights_sha256,
            "network": code_of(type(model.network).__module__),
            "model": {
                **{name: value for name, value in job.spec.items() if name != "weights"},
                "labels": model.labels,
                "input_size": model.input_size,
                "chip_padding": model.chip_padding,
                "layer": model.layer,
            },
            "face": None if face is None else _face_key(face),
            "target": {
                "code": code_of(type(target).__module__),
                "kind": type(target).__name__,
                "values": plain(target),
            },
            # What else the explainer brings along, such as the faces of an average.
            "data": getattr(explainer, "data_sha256", ""),
        }
    )


def predictions(plan: Plan) -> tuple[Prediction, ...]:
    """What each model of the plan predicts for each face that it is asked about.

    Errors: Problems of all models and faces that cannot be used.
    """
    problems: list[Problem] = []
    found: list[Prediction] = []
    for model, face in plan.asked:
        if not plan.ready_made(model):
            try:
                found.append(_predict(plan, model, face))
            except Problems as error:
                problems += error.problems
    if problems:
        raise Problems(dict.fromkeys(problems))
    return tuple(found)


def _predict(plan: Plan, model: str, face: str) -> Prediction:
    network = study_model(plan.models[model], plan.folder, model)
    shown = study_face(plan.faces, plan.folder, face)
    other = plan.compared.get(model, {}).get(face)
    if other is None:
        return network.predict(shown)
    return verify(network, shown, study_face(plan.faces, plan.folder, other))


def make_explainer(job: Job) -> Any:
    """The explainer with the job's parameters; its seed is the study's unless it names one.

    Errors: Problems for parameters that the explainer refuses.
    """
    method = catalog.load(job.method, job.folder)
    names = {field.name for field in fields(method)} if is_dataclass(method) else set()
    seed = {"seed": job.seed} if "seed" in names else {}
    try:
        return method(**seed | dict(job.parameters))
    except Problems as error:
        where = f"study.yaml: stimuli.{job.family}"
        raise Problems(
            Problem(".".join(filter(None, (where, p.where.partition(": ")[2]))), p.what, p.fix)
            for p in error.problems
        ) from None
    except (TypeError, ValueError) as error:
        raise Problems.one(f"study.yaml: stimuli.{job.family}", str(error)) from None


def make_target(job: Job) -> Target:
    """What the job explains; each face inside it is loaded from the study's faces.

    Errors: Problems for what the target, the model or the faces refuse, told at the study file's
    place, before anything long begins.
    """
    aim = job.aim or Aim(parameters={"label": job.target})
    where = f"study.yaml: stimuli.{job.family}.target"
    try:
        model = study_model(job.spec, job.folder, job.model, job.device)
        return study_target(aim, job.source, job.folder, model)
    except Problems as error:
        raise Problems(
            Problem(f"{where} ({p.where})" if p.where else where, p.what, p.fix)
            for p in error.problems
        ) from None
    except (TypeError, ValueError) as error:
        raise Problems.one(where, str(error)) from None


def study_target(aim: Aim, source: str, folder: Path, model: FaceModel) -> Target:
    """The target that a filled aim names, tried on the model; made once in a process."""
    return _target(json.dumps([aim.use, dict(aim.parameters)]), source, folder, model)


@lru_cache(maxsize=256)
def _target(said: str, source: str, folder: Path, model: FaceModel) -> Target:
    use, parameters = json.loads(said)
    entry = Aim(use).entry
    make = catalog.load(use, folder) if entry is None else entry.load()
    kinds = {field.name: field.type for field in fields(make)} if is_dataclass(make) else {}
    values = {
        name: study_face(source, folder, value) if kinds.get(name) in (Face, "Face") else value
        for name, value in parameters.items()
        # The user's own target need not have a class.
        if name != "label" or name in kinds
    }
    target: Target = make(**{n: tuple(v) if isinstance(v, list) else v for n, v in values.items()})
    gray = torch.full((1, 3, model.input_size, model.input_size), 0.5, device=model.device)
    with torch.no_grad():
        value = target(model, gray)
    if value.shape != (1,):
        what = f"gives {list(value.shape)} for one picture, not [1]"
        raise Problems.one("", what, "return one number for each picture")
    return target


def study_model(spec: Mapping[str, Any], folder: Path, name: str, device: str = "cpu") -> FaceModel:
    """The network that the study calls ``name``, on ``device``; loaded once in a process."""
    return _model(json.dumps(dict(spec)), folder, name, device)


@lru_cache(maxsize=64)
def study_face(source: str, folder: Path, face: str) -> Face:
    """A face; loaded once in a process."""
    return load_faces(source, folder, [face])[0]


@lru_cache(maxsize=16)
def _model(spec: str, folder: Path, name: str, device: str) -> FaceModel:
    return moved(load_model(json.loads(spec), folder, name), device)


def set_threads(threads: int) -> None:
    """How many cores one job may use; called in each worker."""
    torch.set_num_threads(threads)


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """The versions that computed something."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "whyface": version("whyface"),
    }


def plain(thing: Any) -> dict[str, Any]:
    """The fields of an explainer or a target; a face counts by its content."""
    values = {f.name: getattr(thing, f.name) for f in fields(thing)} if is_dataclass(thing) else {}
    told: dict[str, Any] = json.loads(json.dumps(values, default=_told))
    return told


def _told(value: Any) -> Any:
    if isinstance(value, Face):
        return _face_key(value)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else repr(value)


def _face_key(face: Face) -> list[Any]:
    return [face.sha256, face.landmarks.tolist()]


@lru_cache(maxsize=64)
def code_of(module: str) -> str:
    """The hash of a module's source and of those of our sources that it imports."""
    path = module_file(module)
    return code_sha256(path) if path else module
