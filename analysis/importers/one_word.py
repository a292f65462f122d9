"""One word for each concept: a row for each word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.importers import _right_wrong
from analysis.importers._people import Tell
from analysis.words.grouping import spelling
from db.scale import Scale

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

COLUMNS = {
    "participant": "who wrote it",
    "concept": "what it is about",
    "text": "one word",
}
OPTIONAL = {
    name: text
    for name, text in _right_wrong.OPTIONAL.items()
    if name not in ("options", "chosen", "text", "pictures")
}


def read(table: pd.DataFrame, wrong: Tell) -> Iterator[dict[str, Any]]:
    """One row for each word."""
    seen: dict[tuple[str, str], Any] = {}
    for line, row in table.iterrows():
        cells = {str(name): value for name, value in row.items() if value == value}
        for name in COLUMNS:
            if name not in cells:
                wrong(line, f"has no {name}", "fill the cell, or delete the row")
        if "text" in cells and not spelling(str(cells["text"])):
            wrong(line, f"'{cells['text']}' is no word", "write a word, or delete the row")
        rt_ms = _right_wrong.number(cells.get("rt_ms"), float("nan"))
        if rt_ms is None or rt_ms < 0:
            wrong(line, f"rt_ms is '{cells['rt_ms']}'", "write milliseconds, such as 5210")
        item = str(cells.get("item", cells.get("concept", "")))
        who = str(cells.get("participant", ""))
        if seen.setdefault((who, item), line) != line:
            what = f"'{who}' named '{item}' in line {seen[who, item]} already"
            wrong(line, what, "keep one of them, or name the questions in the column item")
        yield {
            "participant": who,
            "trial": line,
            "block": 0,
            "type": "one_word",
            "item": item,
            "option": "item",
            "scale": str(Scale.WORD),
            "value": None,
            "rt_ms": rt_ms,
            "text": cells.get("text"),
            **{name: cells.get(name, "") for name in ("concept", "layer", "family", "model")},
            "target": cells.get("target", ""),
            **({"language": cells["language"]} if "language" in cells else {}),
        }
