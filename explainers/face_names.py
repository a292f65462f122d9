"""Which faces there are, without opening a picture."""

from __future__ import annotations

import json
from pathlib import Path

from explainers.catalog import HOME
from explainers.problems import Problems

RENDERED = "rendered"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})


def face_files(source: str, folder: Path) -> dict[str, Path]:
    """The picture of each face, by the face's id.

    Arguments:
        source: ``rendered`` for the shipped faces, or a folder of pictures; a face is called after
            its file.
        folder: what a relative ``source`` is relative to.

    Errors: Problems when the folder is missing, holds no picture, or two files share a name.

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
    files = sorted(path for path in place.iterdir() if path.suffix.lower() in PICTURES)
    if not files:
        endings = ", ".join(sorted(PICTURES))
        raise Problems.one(str(place), "holds no pictures", f"put pictures there: {endings}")
    faces: dict[str, Path] = {}
    for path in files:
        if path.stem in faces:
            names = f"{faces[path.stem].name} and {path.name}"
            raise Problems.one(str(place), f"{names} would be the same face", "rename one")
        faces[path.stem] = path
    return faces
