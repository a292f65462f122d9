"""A Psych-DS folder, which an archive and a stranger understand without asking.

Source: the Psych-DS specification, version 0.4.0 (psych-ds.github.io): ``data/`` with files named
by ``key-value`` pairs, ``dataset_description.json`` in the words of schema.org.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from db.records import Mode
from study_app.export import codebook, psych_ds_texts
from study_app.export.codebook import Column
from study_app.export.data import Data
from study_app.export.formats.csv import write_table

FRESH = True


def write(data: Data, folder: Path) -> dict[str, int]:
    """Tables, description, codebook, README and CHANGES, and what participants saw and read."""
    columns, now = codebook.codebook(data), datetime.now(UTC)
    counts = {}
    (folder / "data").mkdir()
    for name, table in data.tables.items():
        file = file_of(data, name)
        write_table(folder / "data" / file, table)
        counts[f"data/{file}"] = len(table.rows)
    about = json.dumps(description(data, columns, now), ensure_ascii=False, indent=2)
    _text(folder / "dataset_description.json", about + "\n")
    _text(folder / "README.md", psych_ds_texts.readme(data, list(counts), now))
    _text(folder / "CHANGES.md", psych_ds_texts.changes(data, now))
    documentation = folder / "documentation"
    documentation.mkdir()
    codebook.write(data, documentation, lambda table: f"data/{file_of(data, table)}")
    for entry in data.versions:
        place = folder / "materials" / f"version-{entry.number}"
        place.mkdir(parents=True)
        _text(place / "study.json", entry.text)
        for name in ("consent", "instructions", "debriefing"):
            _text(place / f"{name}.md", getattr(entry.frozen, name))
    return counts


def file_of(data: Data, table: str) -> str:
    """The file's name: its keys and values say what is in it, also if it travels alone."""
    study = re.sub(r"[^A-Za-z0-9]", "", data.study)
    mode = "" if data.mode == Mode.LIVE else f"_mode-{data.mode}"
    return f"study-{study}{mode}_table-{table}_data.csv"


def description(data: Data, columns: Iterable[Column], now: datetime) -> dict[str, Any]:
    """``dataset_description.json``: every column of every file is named under variableMeasured."""
    title = str(data.newest.study["title"])
    measured: dict[str, dict[str, Any]] = {}
    for column in columns:
        # A column of both tables is one variable.
        measured.setdefault(column.name, _variable(column))
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "schemaVersion": "Psych-DS 0.4.0",
        "name": title if data.mode == Mode.LIVE else f"[{data.mode} answers, no results] {title}",
        "description": psych_ds_texts.about(data),
        "identifier": f"{data.study} {data.newest.version}",
        "inLanguage": list(data.newest.languages),
        "dateModified": now.isoformat(timespec="seconds"),
        "creditText": f"Exported by whyface {version('whyface')}",
        "variableMeasured": list(measured.values()),
    }


def _variable(column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {
        "@type": "PropertyValue",
        "name": column.name,
        "description": column.about,
    }
    if column.unit:
        about["unitText"] = column.unit
    if column.values:
        about["valueReference"] = [
            {"@type": "DefinedTerm", "termCode": value, "name": words or value}
            for value, words in column.values.items()
        ]
    return about


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
