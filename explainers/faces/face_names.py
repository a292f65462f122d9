"""Which faces there are, without opening a picture."""

from __future__ import annotations

import json
from pathlib import Path

from explainers.catalog import HOME
from explainers.problems import Problem, Problems

RENDERED = "rendered"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})


def face_files(source: str, folder: Path) -> dict[str, Path]:
    """The picture of each face, by the face's id.

    Arguments:
        source: ``rendered`` for the shipped faces, or a folder of pictures; a face is called after
            its file.
        folder: what a relative ``source`` is relative to.

    Hidden files and folders are not looked at.
    Errors: Problems when the folder is missing or holds no picture, and for every file that is no
    picture or shares its name with another.

    Example:
        >>> face_files("rendered", HOME)["f01"].name
        'f01.png'
    """
    if source == RENDERED:
        place = HOME / "faces" / RENDERED
        index = json.loads((place / "index.json").read_text(encoding="utf-8"))
        return {entry["id"]: place / entry["file"] for entry in index}
    place = folder / source
    if not place.is_dir():
        raise Problems.one(
            str(place), f"there is no folder '{source}'", "write rendered, or make the folder"
        )
    visible = (path for path in place.iterdir() if not path.name.startswith("."))
    files = sorted(path for path in visible if not path.is_dir())
    endings = ", ".join(sorted(PICTURES))
    if not files:
        raise Problems.one(str(place), "holds no pictures", f"put pictures there: {endings}")
    problems: list[Problem] = []
    faces: dict[str, Path] = {}
    for path in files:
        if path.suffix.lower() not in PICTURES:
            fix = f"save it as one of {endings}, or take it out of the folder"
            problems.append(Problem(str(path), "is not a picture", fix))
        elif path.stem in faces:
            names = f"{faces[path.stem].name} and {path.name}"
            problems.append(Problem(str(place), f"{names} would be the same face", "rename one"))
        else:
            faces[path.stem] = path
    if problems:
        raise Problems(problems)
    return faces
