"""Faces from the shipped bank or from a user's folder of photographs."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from explainers.catalog import HOME
from explainers.face import Face
from explainers.faces.detection import find_landmarks
from explainers.faces.face_names import RENDERED, face_files
from explainers.faces.parts import find_parts
from explainers.faces.photograph import read_photograph
from explainers.problems import Problem, Problems, suggest

log = logging.getLogger("whyface")


def load_faces(
    source: str, folder: Path, ids: Sequence[str] | None = None, parts: bool = False
) -> tuple[Face, ...]:
    """The faces of a study, with landmarks.

    Arguments:
        source: ``rendered`` for the shipped faces, or a folder of pictures; a face is called after
            its file.
        folder: what a relative ``source`` is relative to, the study's folder.
        ids: which faces, in this order; all of them when None.
        parts: whether photographs get part maps too (the shipped faces have exact ones).

    A picture with several faces gives its largest one, and a line in the log.
    Errors: Problems with every file that cannot be used: no picture, damaged, too small or large,
    without a face; and every unknown id.

    Example:
        >>> [face.id for face in load_faces("rendered", Path(), ["f02", "f01"])]
        ['f02', 'f01']
    """
    files = face_files(source, folder)
    wanted = list(files) if ids is None else list(ids)
    problems = [
        Problem(f"faces: {name}", f"there is no face '{name}' in {source}", suggest(name, files))
        for name in wanted
        if name not in files
    ]
    faces = []
    for name in wanted:
        if name not in files:
            continue
        try:
            if source == RENDERED:
                faces.append(_rendered(name))
            else:
                faces.append(_photographed(name, files[name], parts))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return tuple(faces)


def _photographed(name: str, path: Path, parts: bool) -> Face:
    image, sha256 = read_photograph(path)
    found = find_landmarks(image)
    if not found:
        raise Problems.one(
            str(path),
            "no face was found",
            "use a picture of one face from the front, well lit and not cut off",
        )
    if len(found) > 1:
        log.warning("%s: %d faces were found; the largest is used", path, len(found))
    face = Face(name, image, found[0], sha256=sha256)
    return replace(face, parts=find_parts(face)) if parts else face


def _rendered(name: str) -> Face:
    place = HOME / "faces" / RENDERED
    entry = _index()[name]
    image, sha256 = read_photograph(place / entry["file"])
    if sha256 != entry["sha256"]:
        raise Problems.one(
            str(place / entry["file"]), "was changed since it was made", "install whyface again"
        )
    with Image.open(place / entry["parts"]) as picture:
        parts = np.asarray(picture.convert("L"))
    return Face(
        id=name,
        image=image,
        landmarks=np.array(entry["landmarks5"], float),
        parts=parts,
        licence=entry["licence"],
        attribution=entry["attribution"],
        sha256=sha256,
    )


@cache
def _index() -> dict[str, dict[str, Any]]:
    text = (HOME / "faces" / RENDERED / "index.json").read_text(encoding="utf-8")
    return {entry["id"]: entry for entry in json.loads(text)}
