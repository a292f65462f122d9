"""The codebook: every column of every exported file, derived from what the study declares."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from db.records import PREFER_NOT
from explainers.problems import Problems
from study_app import trials
from study_app.export.cells import cell
from study_app.export.columns import MEANINGS, Kind
from study_app.export.data import FROM_ITEM, Data
from study_app.orders import offering


@dataclass(frozen=True)
class Column:
    """One column of one table.

    Arguments:
        table: ``responses`` or ``participants``.
        name: the column's header.
        kind: text, integer, number, boolean (1 and 0 in CSV) or time.
        unit: such as ms; may be empty.
        values: what may stand there, with its meaning; empty where anything of the kind may.
        about: what it means.
    """

    table: str
    name: str
    kind: Kind
    unit: str
    values: Mapping[str, str]
    about: str


def codebook(data: Data) -> tuple[Column, ...]:
    """Every column of every table, in their order.

    The meaning of ``value`` and of other columns that a trial type fills comes from the
    ``COLUMNS`` of the study's trial types, the background questions from the study file.
    """
    background = {name: (ask, choices) for name, ask, choices in data.background()}
    values, notes = dict(_values(data)), _notes(data)
    found = []
    for table, content in data.tables.items():
        for name in content.columns:
            meaning = MEANINGS.get(name) or data.flags.get(table, {}).get(name)
            if meaning is not None:
                about = "; ".join((meaning.about, *notes.get(name, ())))
                known = values.get(name, meaning.values)
                found.append(Column(table, name, meaning.kind, meaning.unit, known, about))
            else:
                ask, choices = background[name]
                choices = choices | {PREFER_NOT: "chose not to answer"}
                found.append(Column(table, name, "text", "", choices, f"Background: {ask}"))
    return tuple(found)


def write(data: Data, folder: Path, file_of: Callable[[str], str]) -> None:
    """``codebook.csv``, ``codebook.json`` and ``codebook.md``, the same in three forms.

    Arguments:
        file_of: table → the name of its file.
    """
    columns = codebook(data)
    (folder / "codebook.csv").write_text(as_csv(columns, file_of), encoding="utf-8", newline="")
    (folder / "codebook.json").write_text(as_json(columns, file_of), encoding="utf-8")
    (folder / "codebook.md").write_text(as_markdown(columns, file_of), encoding="utf-8")


def as_csv(columns: Iterable[Column], file_of: Callable[[str], str]) -> str:
    """One row for each column; the values that may stand there as ``value = meaning | …``."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("file", "column", "type", "unit", "values", "description"))
    for column in columns:
        values = " | ".join(f"{value} = {words}" for value, words in column.values.items())
        row = (file_of(column.table), column.name, column.kind, column.unit, values, column.about)
        writer.writerow([cell(entry) for entry in row])
    return text.getvalue()


def as_json(columns: Iterable[Column], file_of: Callable[[str], str]) -> str:
    """A list with an object for each column."""
    rows: list[dict[str, Any]] = []
    for column in columns:
        row = asdict(column)
        rows.append(
            {
                "file": file_of(row.pop("table")),
                "column": row["name"],
                "type": row["kind"],
                "unit": row["unit"],
                "values": dict(row["values"]),
                "description": row["about"],
            }
        )
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_markdown(columns: Iterable[Column], file_of: Callable[[str], str]) -> str:
    """A table for each file."""
    lines, file = ["# Codebook"], ""
    for column in columns:
        if file_of(column.table) != file:
            file = file_of(column.table)
            lines += ["", f"## {file}", "", "| column | type | unit | values | description |"]
            lines += ["|---|---|---|---|---|"]
        values = "; ".join(f"`{value}`: {words}" for value, words in column.values.items())
        cells = (column.name, column.kind, column.unit, values, column.about)
        lines.append("| " + " | ".join(_plain(entry) for entry in cells) + " |")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """The text in one line that opens neither a table's cell nor a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _values(data: Data) -> Iterator[tuple[str, dict[str, str]]]:
    """What the study itself allows: versions, models, faces, targets, options, trial types."""
    studies = [version.frozen.study for version in data.versions]
    items = [item for version in data.versions for item in version.frozen.items]
    yield (
        "version",
        {v.hash: f"version {v.number}, frozen {v.created_at:%Y-%m-%d}" for v in data.versions},
    )
    for name in FROM_ITEM:
        yield name, dict.fromkeys(sorted({str(item[name]) for item in items if item.get(name)}), "")
    made: dict[str, str] = {}
    for study in studies:
        for name, method in (study.get("stimuli") or {}).items():
            made[name] = f"made by {method['method']}"
    offered = {option["option"] for item in items for option in item["options"]}
    others = dict.fromkeys(sorted(offered - set(made)), "")
    yield "option", {**made, **others, **dict(_beside(data))}
    yield "type", {name: _reference(name) for name in _types(data)}


def _beside(data: Data) -> Iterator[tuple[str, str]]:
    """What is answered beside the explanations, such as statements, in words."""
    for version in data.versions:
        for block in version.frozen.blocks:
            if _known(str(block["trial"])):
                statements = block.get("statements") or {}
                for name in offering.asked(block):
                    yield name, str(statements.get(name, "what is shown, as a whole"))


def _notes(data: Data) -> dict[str, list[str]]:
    """Column → what each of the study's trial types says about it."""
    notes: dict[str, list[str]] = {}
    for name in _types(data):
        kind = _known(name)
        for column, words in (kind.COLUMNS if kind else {}).items():
            notes.setdefault(column, []).append(f"{name}: {words}")
    return notes


def _types(data: Data) -> list[str]:
    blocks = [block for version in data.versions for block in version.frozen.blocks]
    return list(dict.fromkeys(str(block["trial"]) for block in blocks))


def _known(name: str) -> trials.TrialType | None:
    """The trial type; None for somebody's own code that is not on this machine."""
    try:
        return trials.load(name)
    except Problems:
        return None


def _reference(name: str) -> str:
    kind = _known(name)
    return kind.REFERENCE if kind else "the study's own code"
