"""From computed values to stimuli: one scale for what is compared, names from the bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from explainers.building.cache import Cache, write_whole
from explainers.building.compute import study_face, study_model
from explainers.building.pictures import png_bytes
from explainers.building.plan import Job, Plan
from explainers.building.stimuli import stimulus
from explainers.explanation import Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.canonical_face import canonical_face
from explainers.figures.render import SIZE, render, shared_limit
from explainers.manifest import Prediction, Stimulus

GAP = 16
"""Pixels between two faces that are compared."""


@dataclass(frozen=True, eq=False)
class Result:
    """A job that is done.

    Arguments:
        job: what was computed.
        key: the job's hash, and the name of its file in the cache.
        explanation: the values.
        record: where and how they were computed.
    """

    job: Job
    key: str
    explanation: Explanation
    record: dict[str, Any]


def result(job: Job, key: str, cache: Cache) -> Result:
    """The stored result of a job; KeyError if there is none."""
    stored = cache.get(key)
    if stored is None:
        raise KeyError(key)
    values, record = stored
    over = record.get("over", "face")  # what was stored before there was another
    return Result(job, key, Explanation(values, record["kind"], record["checks"], over), record)


def draw(
    plan: Plan, results: Iterable[Result], scores: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Stimulus]:
    """Draw all results and write their PNG files.

    All saliency maps of one family and model share one limit, at which the colour is strongest:
    within a model a stronger colour is a stronger effect. Maps of two models share none, because
    the unit of one (a logit of being happy) means nothing to the other. A method whose scale is
    ``picture`` gives each map its own. ``scores`` of fidelity, by the result's key, go along.
    """
    scores = scores or {}
    groups: defaultdict[tuple[str, ...], list[Result]] = defaultdict(list)
    for result in results:
        job = result.job
        alone = plan.methods[job.family].scale == "picture"
        group = (job.face, job.target) if alone else ()
        groups[job.family, job.model, *group].append(result)
    return [
        _draw(plan, result, limit, scores.get(result.key, {}))
        for group in groups.values()
        for limit in [common_limit(result.explanation for result in group)]
        for result in group
    ]


def common_limit(explanations: Iterable[Explanation]) -> float:
    """Where the colour of maps that share a scale is strongest.

    Formula: the upper quartile, over maps, of their largest absolute values. The largest of all
    would let a single face, whose prediction is easily changed, bleach the maps of all others;
    here a quarter of the maps is cut off at its peaks.

    Example:
        >>> peaks = (1.0, 1.5, 2.0, 3.0, 30.0)
        >>> common_limit(Explanation(np.full((4, 4), peak), "signed") for peak in peaks)
        3.0
    """
    peaks = [shared_limit([explanation]) for explanation in explanations]
    return float(np.quantile(peaks, 0.75)) or max(peaks)


def draw_faces(plan: Plan, predictions: Iterable[Prediction]) -> Iterator[Stimulus]:
    """The faces as the models see them: the aligned crop, at the size of the stimuli.

    Where two faces are compared both are shown, beside each other, first the one explained.
    """
    for prediction in predictions:
        if plan.ready_made(prediction.model):
            continue
        model = study_model(plan.models[prediction.model], plan.folder, prediction.model)
        face = study_face(plan.faces, plan.folder, prediction.face)
        pixels, provenance = _photograph(model, face), {**_about(model), **_about_face(face)}
        if prediction.compared:
            other = study_face(plan.faces, plan.folder, prediction.compared)
            gap = np.full((SIZE, GAP, 3), 255, np.uint8)
            pixels = np.concatenate([pixels, gap, _photograph(model, other)], axis=1)
            provenance["compared"] = {"face": other.id, **_about_face(other)}
        place = ("face", "", prediction.model, prediction.face, prediction.label)
        yield _write(plan, pixels, place, provenance)


def _photograph(model: FaceModel, face: Face) -> Any:
    return np.rint(_chip(model, face).transpose(1, 2, 0) * 255).astype(np.uint8)


def _draw(plan: Plan, result: Result, limit: float, scores: Mapping[str, Any]) -> Stimulus:
    job = result.job
    model = study_model(job.spec, job.folder, job.model)
    face = study_face(job.source, job.folder, job.face) if job.face else None
    saliency = result.explanation.kind != "image"
    below = _below(model, face, result.explanation) if saliency else None
    pixels = render(result.explanation, below, limit=limit)
    provenance = {
        "method": job.method,
        "target": job.aim.words if job.aim else job.target,
        **({"aim": asdict(job.aim)} if job.aim else {}),
        "job": result.key,
        **result.record,
        **({"limit": limit} if saliency else {}),
        **({"fidelity": dict(scores)} if scores else {}),
        **_about(model),
        **({} if face is None else _about_face(face)),
    }
    place = ("explanation", job.family, job.model, job.face, job.target)
    return _write(plan, pixels, place, provenance)


def _below(model: FaceModel, face: Face | None, explanation: Explanation) -> Any:
    """What saliency is drawn over."""
    if explanation.over == "canonical":
        return canonical_face(SIZE, model.chip_padding)
    return None if face is None else _chip(model, face)


@lru_cache(maxsize=64)
def _chip(model: FaceModel, face: Face) -> Any:
    # Shown as it is and again under its saliency map.
    return face.chip(SIZE, model.chip_padding)


def _write(
    plan: Plan, pixels: Any, place: tuple[str, str, str, str, str], provenance: dict[str, Any]
) -> Stimulus:
    content = png_bytes(Image.fromarray(pixels))
    height, width = pixels.shape[:2]
    made = stimulus(content, *place, (width, height), provenance)
    path = plan.stimuli / made.file
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)
    return made


def _about(model: FaceModel) -> dict[str, Any]:
    return {
        "weights_sha256": model.weights_sha256,
        "model_source": model.source,
        "model_licence": model.licence,
    }


def _about_face(face: Face) -> dict[str, Any]:
    return {
        "face_sha256": face.sha256,
        "face_licence": face.licence,
        "face_attribution": face.attribution,
    }
