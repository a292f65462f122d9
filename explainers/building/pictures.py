"""Ready-made pictures: explanations that were computed elsewhere, listed in a CSV file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from explainers.problems import Problem, Problems, suggest

COLUMNS = ("face", "model", "method", "target", "file")


@dataclass(frozen=True)
class Picture:
    """One ready-made picture.

    Arguments:
        face: the face's id; empty for a picture that is the same for every face.
        model: the study's name of the model.
        method: the study's name of the explanation.
        target: the explained class.
        file: the picture.
        sha256: of the file.
        width, height: in pixels.
    """

    face: str
    model: str
    method: str
    target: str
    file: Path
    sha256: str
    width: int
    height: int


def read_pictures(
    path: Path, faces: Collection[str], models: Collection[str], methods: Collection[str]
) -> tuple[Picture, ...]:
    """Read the CSV file ``face, model, method, target, file`` and look at every picture.

    Files are relative to the CSV file. A semicolon may stand in place of the comma.

    Arguments:
        path: the CSV file.
        faces, models: the study's names.
        methods: the study's names of the explanations that are ready-made.

    Errors: Problems, all of them in one pass: missing columns and files, unknown names,
    duplicates, files that are no pictures, different sizes.
    """
    rows = _rows(path)
    known = {"face": faces, "model": models, "method": methods}
    problems: list[Problem] = []
    pictures: list[Picture] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        where = f"{path.name}: line {line}"
        found = list(_names(row, known, where))
        key = tuple(row[column] for column in COLUMNS[:4])
        if key in seen:
            what = f"is the same face, model, method and target as line {seen[key]}"
            found.append(Problem(where, what, "keep one of them"))
        seen.setdefault(key, line)
        try:
            if row["file"]:
                pictures.append(_picture(row, path.parent))
        except Problems as error:
            found += [Problem(f"{where}, file", p.what, p.fix) for p in error.problems]
        problems += found
    problems += _sizes(pictures, path)
    if problems:
        raise Problems(problems)
    return tuple(pictures)


def open_picture(path: Path) -> Image.Image:
    """The picture as it is meant to be seen: upright, 8 bits, RGB or RGBA, pixels unaltered.

    Errors: Problems when it is missing, not a picture, or has more than 8 bits.
    """
    if not path.is_file():
        raise Problems.one(str(path), f"there is no file '{path.name}'", "check the path")
    try:
        with Image.open(path) as opened:
            opened.load()
            picture = ImageOps.exif_transpose(opened)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        what = f"'{path.name}' is not a picture that can be read: {error}"
        raise Problems.one(str(path), what, "save it as PNG") from None
    if picture.mode.startswith(("I", "F")):
        what = f"'{path.name}' has more than 8 bits per channel"
        raise Problems.one(str(path), what, "save it with 8 bits, drawn as it should look")
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if transparent else "RGB")


def png_bytes(picture: Image.Image) -> bytes:
    """The picture as PNG without any metadata: the same pixels give the same bytes."""
    clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    stream = io.BytesIO()
    clean.save(stream, "PNG", optimize=False, compress_level=6)
    return stream.getvalue()


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Problems.one(str(path), "is not there", "check `pictures:` in study.yaml") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Problems.one(str(path), f"cannot be read: {error}", "save it as UTF-8") from None
    header = text.partition("\n")[0]
    delimiter = ";" if ";" in header and "," not in header else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        given = [(name or "").strip() for name in reader.fieldnames or ()]
        reader.fieldnames = given
        missing = [name for name in COLUMNS if name not in given]
        if missing:
            raise Problems(
                Problem(
                    f"{path.name}: line 1",
                    f"column '{name}' is missing",
                    suggest(name, given) if any(given) else f"write {','.join(COLUMNS)}",
                )
                for name in missing
            )
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise Problems.one(path.name, f"is not CSV: {error}") from None
    if not rows:
        raise Problems.one(path.name, "lists no pictures", "add one line for each picture")
    return [
        (line, {column: (row[column] or "").strip() for column in COLUMNS}) for line, row in rows
    ]


def _picture(row: Mapping[str, str], folder: Path) -> Picture:
    file = folder / row["file"]
    width, height = open_picture(file).size
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    names = {column: row[column] for column in COLUMNS[:4]}
    return Picture(**names, file=file, sha256=digest, width=width, height=height)


def _names(
    row: Mapping[str, str], known: Mapping[str, Collection[str]], where: str
) -> Iterator[Problem]:
    for column in COLUMNS:
        name = row[column]
        if column == "face" and not name:
            continue  # the same for every face
        if not name:
            yield Problem(f"{where}, {column}", "is empty")
        elif column in known and name not in known[column]:
            what = f"unknown {column} '{name}'"
            yield Problem(f"{where}, {column}", what, suggest(name, known[column]))


def _sizes(pictures: list[Picture], path: Path) -> Iterator[Problem]:
    """Pictures are shown side by side, so one that is larger would stand out."""
    sizes = Counter((picture.width, picture.height) for picture in pictures)
    if len(sizes) > 1:
        usual = sizes.most_common(1)[0][0]
        for picture in pictures:
            if (picture.width, picture.height) != usual:
                what = (
                    f"{picture.file.name} has {picture.width} x {picture.height} pixels, "
                    f"others {usual[0]} x {usual[1]}"
                )
                yield Problem(path.name, what, "bring all pictures to one size")
