"""Ready-made pictures as stimuli: which picture belongs to which question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explainers.building.cache import write_whole
from explainers.building.pictures import Picture, open_picture, png_bytes, read_pictures
from explainers.building.plan import READY_MADE, Plan
from explainers.building.stimuli import stimulus
from explainers.faces.face_names import face_files
from explainers.manifest import Prediction, Stimulus
from explainers.problems import Problem, Problems


def read_ready_made(plan: Plan) -> tuple[Picture, ...]:
    """The study's ready-made pictures; none if it has no CSV file.

    Errors: Problems, all of them: in the CSV file, and what it lacks.
    """
    families = [name for name, method in plan.methods.items() if method.ready_made]
    problems = list(_impossible(plan))
    pictures: tuple[Picture, ...] = ()
    if plan.pictures is not None:
        faces = face_files(plan.faces, plan.folder)
        try:
            pictures = read_pictures(plan.pictures, faces, plan.models, families)
        except Problems as error:
            raise Problems([*problems, *error.problems]) from None
        problems += _contradictions(plan, pictures)
    elif families or any(plan.ready_made(model) for model in plan.models):
        what = "ready-made pictures are used, but 'pictures' names no CSV file"
        problems.append(Problem("study.yaml: pictures", what, "write pictures: pictures.csv"))
    if problems:
        raise Problems(problems)
    return pictures


def ready_predictions(plan: Plan, pictures: Iterable[Picture]) -> Iterator[Prediction]:
    """What a ready-made model says about a face: what its pictures of that face explain."""
    targets = {(p.model, p.face): p.target for p in pictures if p.face}
    for model, face in plan.asked:
        if plan.ready_made(model) and (model, face) in targets:
            yield Prediction(model, face, targets[model, face], 1.0)


def ready_stimuli(
    plan: Plan, pictures: Iterable[Picture], predictions: Iterable[Prediction]
) -> list[Stimulus]:
    """The ready-made pictures that the study shows, written into its stimuli.

    Errors: Problems, one for each question without its picture.
    """
    there = {(p.method, p.model, p.face, p.target): p for p in pictures}
    families = [name for name, method in plan.methods.items() if method.ready_made]
    used: dict[Picture, None] = {}
    problems = []
    for prediction in predictions:
        for family in families:
            places = [
                (family, prediction.model, face, prediction.label) for face in (prediction.face, "")
            ]
            picture = next((there[place] for place in places if place in there), None)
            if picture is None:
                problems.append(_lacking(plan, family, prediction, there))
            else:
                used[picture] = None
    if problems:
        raise Problems(problems)
    return [_write(plan, picture) for picture in used]


def ready_faces(plan: Plan, predictions: Iterable[Prediction]) -> list[Stimulus]:
    """The faces of ready-made models, shown as they are."""
    files = face_files(plan.faces, plan.folder)
    stimuli = []
    for prediction in predictions:
        if plan.ready_made(prediction.model):
            picture = open_picture(files[prediction.face])
            made = stimulus(
                png_bytes(picture), "face", "", prediction.model, prediction.face,
                prediction.label, picture.size, {"file": files[prediction.face].name},
            )  # fmt: skip
            write_whole(plan.stimuli / made.file, png_bytes(picture))
            stimuli.append(made)
    return stimuli


def _write(plan: Plan, picture: Picture) -> Stimulus:
    content = png_bytes(open_picture(picture.file))
    provenance = {
        "method": READY_MADE,
        "file": picture.file.name,
        "file_sha256": picture.sha256,
    }
    made = stimulus(
        content, "explanation", picture.method, picture.model, picture.face, picture.target,
        (picture.width, picture.height), provenance,
    )  # fmt: skip
    write_whole(plan.stimuli / made.file, content)
    return made


def _impossible(plan: Plan) -> Iterator[Problem]:
    for model in filter(plan.ready_made, plan.models):
        for family, method in plan.methods.items():
            if not method.ready_made:
                what = f"cannot be computed for the model '{model}', which is ready-made"
                fix = f"write method: {READY_MADE}, or name a network for {model}"
                yield Problem(f"study.yaml: stimuli.{family}", what, fix)


def _contradictions(plan: Plan, pictures: tuple[Picture, ...]) -> Iterator[Problem]:
    """A ready-made model must say one thing about each face that it is asked about."""
    for model, face in plan.asked:
        if plan.ready_made(model):
            targets = sorted({p.target for p in pictures if (p.model, p.face) == (model, face)})
            where = plan.pictures.name if plan.pictures else ""
            if not targets:
                what = f"has no picture of {face} for the model '{model}'"
                yield Problem(where, what, "its target says what the model predicts for the face")
            elif len(targets) > 1:
                what = f"gives {model} and {face} several targets: {', '.join(targets)}"
                yield Problem(where, what, "keep what the model predicts for this face")


def _lacking(
    plan: Plan,
    family: str,
    prediction: Prediction,
    there: Iterable[tuple[str, str, str, str]],
) -> Problem:
    model, face, label = prediction.model, prediction.face, prediction.label
    others = sorted({t for f, m, p, t in there if (f, m) == (family, model) and p in (face, "")})
    what = f"lacks {family} of {model} for {face} and '{label}', which the model predicts"
    hint = f"; there is one for {', '.join(others)}" if others else ""
    name = plan.pictures.name if plan.pictures else "study.yaml"
    return Problem(name, what + hint, f"add a line {face},{model},{family},{label},FILE")
