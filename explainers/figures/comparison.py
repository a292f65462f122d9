"""Several methods explain several faces of one model: a grid of explanations, as in Fig. 4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, replace

import torch

from explainers import catalog
from explainers.aim import Aim, fits
from explainers.building.build import keyed
from explainers.building.cache import Cache
from explainers.building.compute import job_key, study_face, study_model, study_target
from explainers.building.compute import predictions as predicted
from explainers.building.drawing import result
from explainers.building.options import Options
from explainers.building.plan import Job, Method, Plan, jobs
from explainers.building.running import run_missing
from explainers.faces.canonical_face import canonical_face
from explainers.figures.grid import Cell, Column, Grid, Row
from explainers.manifest import Prediction
from explainers.problems import Problem, Problems

SIDE = 288
"""Side of the faces' chips in pixels: twice that of a cell, for print."""


def compare(plan: Plan, cache: Cache, options: Options, named: bool = True) -> Grid:
    """Explain every face of a plan for one model by each of its methods.

    Jobs are those of a build: what either has computed, neither computes again.

    Arguments:
        plan: of one model; its methods are the rows, the faces asked about the columns.
        named: whether the methods were asked for by name. Then one that cannot serve the model
            has a row that says why, else it is left out.

    Errors: Problems of models, faces, parameters and targets, before anything is computed; those
    of every method if none of them can explain a face.
    """
    predictions = _predictions(plan)
    unfit = dict(_unfit(plan))
    able = {name: method for name, method in plan.methods.items() if name not in unfit}
    wanted = keyed(jobs(replace(plan, methods=able), predictions), job_key)
    refused = _run(wanted, cache, options)
    keys = {(job.family, job.face, job.target): key for key, job in wanted}
    of = dict(wanted)
    rows, left_out = [], {}
    for name, method in plan.methods.items():
        cells = []
        for p in predictions:
            key = keys.get((name, p.face, p.label)) or keys.get((name, "", p.label), "")
            reason = refused.get(key, "") if key else unfit[name]
            cells.append(Cell(None, reason, {}) if reason else _cell(plan, of[key], key, cache, p))
        if named or any(cell.explanation for cell in cells):
            rows.append(Row(name, _notes(method, _common(plan)), tuple(cells)))
        else:
            left_out[name] = cells[0].reason
    if not any(cell.explanation for row in rows for cell in row.cells):
        reasons = {row.name: row.cells[0].reason for row in rows} | left_out
        raise Problems(Problem(f"method {name}", why) for name, why in reasons.items())
    (model,) = plan.models
    aim = _common(plan)
    title = model if aim is None else f"{model}: {aim.said}"
    columns = tuple(_column(plan, prediction, aim) for prediction in predictions)
    return Grid(title, columns, tuple(rows), left_out)


def _predictions(plan: Plan) -> tuple[Prediction, ...]:
    """What the model says about each face; without classes or a second face it says nothing."""
    problems: list[Problem] = []
    found: list[Prediction] = []
    for model, face in plan.asked:
        try:
            network = study_model(plan.models[model], plan.folder, model)
            if network.labels or model in plan.compared:
                found += predicted(replace(plan, asked=((model, face),)))
            else:
                study_face(plan.faces, plan.folder, face)
                found.append(Prediction(model, face, "", None))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(dict.fromkeys(problems))
    return tuple(found)


def _unfit(plan: Plan) -> Iterator[tuple[str, str]]:
    """The methods that cannot explain what is asked for, and why."""
    (model,) = plan.models
    for name, method in plan.methods.items():
        if not catalog.is_import_path(method.method):
            aim = plan.aim(name, model)
            why = fits(method.method, None if aim == Aim() else aim)
            if why is not None:
                yield name, ". ".join(why)


def _run(wanted: list[tuple[str, Job]], cache: Cache, options: Options) -> dict[str, str]:
    """Compute what is missing; why each job that failed did, by its key."""
    try:
        run_missing(dict(wanted), cache, options)
    except Problems as error:
        refused: defaultdict[str, list[str]] = defaultdict(list)
        other = []
        for problem in error.problems:
            where = f"{problem.where}: "
            failed = [key for key, job in wanted if where.startswith(f"{job.title}: ")]
            for key in failed:
                refused[key].append(". ".join(filter(None, (problem.what, problem.fix))))
            other += [] if failed else [problem]
        if other:
            raise Problems(other) from None
        return {key: "; ".join(reasons) for key, reasons in refused.items()}
    return {}


def _cell(plan: Plan, job: Job, key: str, cache: Cache, prediction: Prediction) -> Cell:
    done = result(job, key, cache)
    said = asdict(job.aim or Aim())
    told = {"method": job.method, "target": said, "job": key, **done.record}
    padding = study_model(job.spec, job.folder, job.model).chip_padding
    if done.explanation.over == "canonical":
        below = canonical_face(SIDE, padding)
    else:
        below = study_face(plan.faces, plan.folder, prediction.face).chip(SIDE, padding)
    return Cell(done.explanation, "", told, below)


def _column(plan: Plan, prediction: Prediction, aim: Aim | None) -> Column:
    (model,) = plan.models
    network = study_model(plan.models[model], plan.folder, model)
    face = study_face(plan.faces, plan.folder, prediction.face)
    says = []
    if prediction.compared:
        says.append(f"with {prediction.compared}: {prediction.label}")
    elif prediction.probability is not None:
        says.append(f"{prediction.label}, p = {prediction.probability:.2f}")
    if prediction.value is not None and not prediction.compared:
        says.append(f"expected value {prediction.value:.1f}")
    if aim is not None and aim != Aim():
        filled = aim.filled(prediction)
        target = study_target(filled, plan.faces, plan.folder, network)
        with torch.no_grad():
            value = float(target(network, network.prepare([face]))[0])
        says.append(f"{filled.words}: {value:.2f}")
    return Column(face.id, face.chip(SIDE, network.chip_padding), tuple(says))


def _common(plan: Plan) -> Aim | None:
    """What is explained, if it is the same for all methods."""
    (model,) = plan.models
    first, *others = (plan.aim(family, model) for family in plan.methods)
    return first if all(other == first for other in others) else None


def _notes(method: Method, common: Aim | None) -> tuple[str, ...]:
    notes = [f"{name} {value}" for name, value in method.parameters.items()]
    if common is None and method.target is not None:
        notes.append(method.target.said)
    return tuple(notes)
