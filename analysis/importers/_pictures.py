"""The pictures of concepts that a CSV names, so that a gallery can show the very ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.importers._people import Tell

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

COLUMN = "pictures"
TEXT = (
    "files of the concept's own pictures that were shown (the intruder and random ones are not "
    "among them), relative to the CSV, separated by semicolons; once for each question is enough"
)
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
_BETWEEN = ";"


def of_table(
    table: pd.DataFrame, folder: Path, wrong: Tell
) -> tuple[list[dict[str, Any]], dict[str, Path]]:
    """The questions with their pictures, as frozen items, and where each picture is.

    Arguments:
        table: from `analysis.data.csv_file.read`, with the columns of a test about concepts.
        folder: that the paths are relative to.
        wrong: told of each file that is not there or no picture.

    Returns: items as in a frozen study (id, concept, options with SHA-256), and SHA-256 → file.
    """
    if COLUMN not in table:
        return [], {}
    hashes: dict[str, str] = {}
    files: dict[str, Path] = {}
    items: dict[str, dict[str, Any]] = {}
    for line, row in table[table[COLUMN].notna() & table["concept"].notna()].iterrows():
        for name in filter(None, map(str.strip, str(row[COLUMN]).split(_BETWEEN))):
            if name not in hashes:
                path = folder / name
                hashes[name] = _sha256(path, line, name, wrong)
                files[hashes[name]] = path
            _add(items, row["concept"], row.get("item"), hashes[name])
    return list(items.values()), {sha256: path for sha256, path in files.items() if sha256}


def _add(items: dict[str, dict[str, Any]], concept: object, item_name: Any, sha256: str) -> None:
    name = str(concept if item_name is None or item_name != item_name else item_name)
    item = items.setdefault(name, {"id": name, "concept": str(concept), "options": []})
    if sha256 not in {option["sha256"] for option in item["options"]}:
        option = f"picture_{len(item['options']) + 1}"
        item["options"].append({"option": option, "sha256": sha256})


def _sha256(path: Path, line: Any, name: str, wrong: Tell) -> str:
    """The hash of a picture; empty, and told, if there is none."""
    if path.suffix.lower() not in KINDS:
        wrong(line, f"'{name}' is no picture", f"give one of: {', '.join(KINDS)}")
        return ""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        why = error.strerror or str(error)
        wrong(line, f"picture '{name}' cannot be read: {why}", f"put it into {path.parent}")
        return ""
