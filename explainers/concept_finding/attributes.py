"""What is known of whole faces: of the shipped ones by their index, of a user's by a CSV file.

The CSV file lies beside the faces, is UTF-8 and has the columns

    face    the face's id: the name of its picture without the ending
    word    a word of the vocabulary, or ``AU12``; or ``expression``, ``gender`` or ``age``
    value   yes or no (true or false, 1 or 0); or the expression, the gender, the years

A face and word without a row are not known, which is not the same as ``no``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from explainers.catalog import HOME
from explainers.concept_finding.vocabulary import (
    AGES,
    Truths,
    find_word,
    shipped_truths,
)
from explainers.face import Face
from explainers.faces.face_names import RENDERED
from explainers.problems import Problem, Problems

COLUMNS = ("face", "word", "value")
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def known_truths(faces: Mapping[str, Face], file: str = "") -> Truths:
    """What is known of each face: the shipped ones' index first, then the CSV file, which wins.

    Arguments:
        faces: shipped faces are known by their content, whatever they are called.
        file: path of the CSV file; empty for none.

    Errors: Problems with every line that is wrong, or when the file cannot be read.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> (face,) = load_faces("rendered", Path(), ["f01"])
        >>> known_truths({"f01": face})["f01"]["happy"]
        True
    """
    truths = {name: dict(_shipped().get(face.sha256, {})) for name, face in faces.items()}
    for face, word, truth in read_attributes(Path(file)) if file else ():
        if face in truths:
            truths[face][word] = truth
    return truths


def read_attributes(path: Path) -> list[tuple[str, str, bool]]:
    """The lines of a CSV file of attributes as face, word, truth.

    Errors: Problems with every line that is wrong: a column that is missing, an unknown word, a
    part (parts come from part maps), a value that is neither yes nor no.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Problems.one(str(path), "is not there", "check the path of the attributes") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Problems.one(str(path), f"cannot be read: {error}", "save it as UTF-8") from None
    header = text.partition("\n")[0]
    delimiter = ";" if ";" in header and "," not in header else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        what = f"column '{missing[0]}' is missing" if len(missing) < 3 else "has no header"
        raise Problems.one(f"{path}: line 1", what, f"write {','.join(COLUMNS)}")
    found: list[tuple[str, str, bool]] = []
    problems: list[Problem] = []
    for row in reader:
        face, word, value = ((row[column] or "").strip() for column in COLUMNS)
        try:
            truths = _truths(word, value, f"{path}: line {reader.line_num}")
        except Problems as error:
            problems += error.problems
        else:
            found += [(face, name, truth) for name, truth in truths.items()]
    if problems:
        raise Problems(problems)
    return found


def _truths(word: str, value: str, where: str) -> dict[str, bool]:
    if word == "age":
        if not value.isdigit():
            raise Problems.one(where, f"'{value}' is no age in years", "write a whole number")
        return shipped_truths({"age": min(int(value), AGES["old"][-1])})
    if word in ("expression", "gender"):
        if find_word(value, where).group != word:
            raise Problems.one(where, f"'{value}' is no {word}", "see the vocabulary")
        return shipped_truths({word: find_word(value, where).name})
    known = find_word(word, where)
    if known.kind == "part":
        what = f"'{word}' is a part; its truth is where it is, from the face's part map"
        raise Problems.one(where, what, "take the line out")
    if value.lower() not in YES | NO:
        raise Problems.one(where, f"'{value}' is neither yes nor no", "write yes or no")
    return {known.name: value.lower() in YES}


@cache
def _shipped() -> dict[str, dict[str, bool]]:
    text = (HOME / "faces" / RENDERED / "index.json").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = json.loads(text)
    return {entry["sha256"]: shipped_truths(entry) for entry in entries}
