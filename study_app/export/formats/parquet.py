"""Parquet files: typed columns, each with its meaning from the codebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from study_app.export import codebook
from study_app.export.codebook import Column
from study_app.export.data import Data

FRESH = False

_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


def write(data: Data, folder: Path) -> dict[str, int]:
    """``responses.parquet``, ``participants.parquet`` and the codebook.

    The types are those of the codebook, also where a table has no rows yet.
    """
    columns = codebook.codebook(data)
    for name, table in data.tables.items():
        fields = [_field(column) for column in columns if column.table == name]
        about = {"study": data.study, "mode": str(data.mode)}
        values: list[Any] = [list(column) for column in zip(*table.rows, strict=True)]
        filled = pa.table(values or [[] for _ in fields], schema=pa.schema(fields, about))
        parquet.write_table(filled, folder / file_of(name))
    codebook.write(data, folder, file_of)
    return {file_of(name): len(table.rows) for name, table in data.tables.items()}


def file_of(table: str) -> str:
    """The file of a table."""
    return f"{table}.parquet"


def _field(column: Column) -> Any:
    return pa.field(column.name, _TYPES[column.kind], metadata={"description": column.about})
