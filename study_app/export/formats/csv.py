"""Tidy CSV files, for every program; cells that a spreadsheet would run are defused."""

from __future__ import annotations

import csv
from pathlib import Path

from db.records import Table
from study_app.export import codebook
from study_app.export.cells import cell
from study_app.export.data import Data

FRESH = False


def write(data: Data, folder: Path) -> dict[str, int]:
    """``responses.csv``, ``participants.csv`` and the codebook."""
    for name, table in data.tables.items():
        write_table(folder / file_of(name), table)
    codebook.write(data, folder, file_of)
    return {file_of(name): len(table.rows) for name, table in data.tables.items()}


def file_of(table: str) -> str:
    """The file of a table."""
    return f"{table}.csv"


def write_table(path: Path, table: Table) -> None:
    """One table in UTF-8: a line of headers, then one line for each row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([cell(name) for name in table.columns])
        writer.writerows([cell(value) for value in row] for row in table.rows)
