"""Concepts that somebody made: a folder with one folder of pictures for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from explainers.concept_finding.drawing import cut_out
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.detection import find_landmarks
from explainers.faces.face_names import PICTURES
from explainers.faces.photograph import read_photograph
from explainers.problems import Problem, Problems

Array = npt.NDArray[Any]
Pictures = Literal["as_they_are", "faces"]


def picture_sets(
    folder: str, model: FaceModel, pictures: Pictures, least: int
) -> dict[str, list[Array]]:
    """The pictures of each concept as the model takes them, [3, S, S] each.

    Arguments:
        folder: holds a folder for each concept, which gives the concept its name.
        pictures: ``as_they_are``, whole on neutral gray, or ``faces``, photographs that are aligned
            like all others.
        least: how many pictures a concept needs.

    Errors: Problems of all folders and files at once.
    """
    place = Path(folder)
    if not place.is_dir():
        raise Problems.one(folder, "there is no such folder", "make one folder for each concept")
    folders = [path for path in sorted(place.iterdir()) if _visible(path) and path.is_dir()]
    if not folders:
        fix = "put the pictures of each concept into a folder of their own"
        raise Problems.one(folder, "holds no folder", fix)
    problems: list[Problem] = []
    found = {}
    for path in folders:
        try:
            found[path.name] = pictures_of(str(path), model, pictures, least)
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return found


def pictures_of(folder: str, model: FaceModel, pictures: Pictures, least: int) -> list[Array]:
    """The pictures in one folder; arguments and errors as for `picture_sets`."""
    place = Path(folder)
    if not place.is_dir():
        raise Problems.one(folder, "there is no such folder", "check its name")
    files = [path for path in sorted(place.iterdir()) if _visible(path) and path.is_file()]
    problems: list[Problem] = []
    found = []
    for path in files:
        if path.suffix.lower() not in PICTURES:
            fix = f"save it as one of {', '.join(sorted(PICTURES))}, or take it out of the folder"
            problems.append(Problem(str(path), "is not a picture", fix))
            continue
        try:
            found.append(_fitted(path, model, pictures))
        except Problems as error:
            problems += error.problems
    if len(files) < least:
        what = f"holds {len(files)} pictures, and a concept needs {least}"
        problems.append(Problem(folder, what, "add some"))
    if problems:
        raise Problems(problems)
    return found


def _fitted(path: Path, model: FaceModel, pictures: Pictures) -> Array:
    image, _ = read_photograph(path)
    if pictures == "faces":
        landmarks = find_landmarks(image)
        if not landmarks:
            fix = "use a photograph of a face, or write pictures: as_they_are"
            raise Problems.one(str(path), "no face was found", fix)
        return Face(path.stem, image, landmarks[0]).chip(model.input_size, model.chip_padding)
    height, width = image.shape[1:]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.full((3, side, side), 0.5, np.float32)
    inside = np.zeros((side, side), bool)
    square[:, top : top + height, left : left + width] = image
    inside[top : top + height, left : left + width] = True
    return cut_out(square, inside, model.input_size, margin=0.0)


def _visible(path: Path) -> bool:
    return not path.name.startswith(".")
