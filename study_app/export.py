"""The answers as tidy CSV files, for other programs and for archives."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from db.records import Mode
from db.store import Store
from explainers.problems import Problems
from study_app.frozen import frozen

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FROM_ITEM = ("model", "face", "target")


def export(store: Store, folder: Path, mode: Mode | str = Mode.LIVE) -> dict[str, int]:
    """Write ``responses.csv`` and ``participants.csv`` into ``folder``, each whole or not at all.

    ``responses.csv`` has one row for each offered option, picked or not, with model, face and
    target of its item; ``participants.csv`` one row for each participant with a column for each
    background question. No token, no completion code and no panel id is written.

    Returns: file → number of rows.

    Errors: Problems when the folder cannot be written.
    """
    responses = store.responses(mode=mode)
    items = {row["hash"]: frozen(store, row["hash"]) for row in store.versions()}
    answers = [
        row | {key: items[row["version"]].item(row["role"], row["item"])[key] for key in _FROM_ITEM}
        for row in responses.dicts()
    ]
    people = store.participants(mode=mode)
    questions = list(dict.fromkeys(q["id"] for f in items.values() for q in f.background))
    persons = [
        row | {name: row["background"].get(name) for name in questions} for row in people.dicts()
    ]
    fixed = [name for name in people.columns if name != "background"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "responses.csv", [*responses.columns, *_FROM_ITEM], answers)
        _write(folder / "participants.csv", [*fixed, *questions], persons)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise Problems.one(str(folder), what, "name another folder with --to") from None
    return {"responses.csv": len(answers), "participants.csv": len(persons)}


def cell(value: Any) -> Any:
    """A value as it stands in the file.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.

    Example:
        >>> cell("=1+1"), cell(-1.5), cell(None), cell(True)
        ("'=1+1", -1.5, '', 1)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([cell(column) for column in columns])
            writer.writerows([cell(row[column]) for column in columns] for row in rows)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
