"""Which explanations helped, several may be picked: a row for each explanation that was offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.importers import _right_wrong
from analysis.importers._people import Tell
from db.scale import Scale

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

COLUMNS = {
    "participant": "who answered",
    "item": "the question",
    "option": "the explanation that was offered: saliency, inversion, visualization",
    "picked": "1 picked, 0 offered but not picked (or true, false; yes, no)",
}
OPTIONAL = {
    "model": "the network that was explained",
    "face": "the picture",
    "target": "the class",
    "rt_ms": "milliseconds until the answer, the same in all rows of a question",
}


def read(table: pd.DataFrame, wrong: Tell) -> Iterator[dict[str, Any]]:
    """One row for each explanation that was offered; those that were not picked are data, too."""
    seen: dict[tuple[str, ...], Any] = {}
    for line, row in table.iterrows():
        cells = {str(name): value for name, value in row.items() if value == value}
        for name in COLUMNS:
            if name not in cells:
                wrong(line, f"has no {name}", "fill the cell, or delete the row")
        picked = _right_wrong.RIGHT.get(str(cells.get("picked", "0")).strip().lower())
        if picked is None:
            wrong(line, f"picked is '{cells['picked']}'", "write 1 (picked) or 0 (not picked)")
        rt_ms = _right_wrong.number(cells.get("rt_ms"), float("nan"))
        if rt_ms is None or rt_ms < 0:
            wrong(line, f"rt_ms is '{cells['rt_ms']}'", "write milliseconds, such as 5210")
        key = tuple(str(cells.get(name, "")) for name in ("participant", "item", "option"))
        if seen.setdefault(key, line) != line:
            what = f"'{key[0]}' was offered '{key[2]}' in '{key[1]}' in line {seen[key]} already"
            wrong(line, what, "keep one of the rows")
        yield {
            "participant": key[0],
            "trial": f"{key[0]}/{key[1]}",
            "block": 0,
            "type": "pick_any",
            "item": key[1],
            "option": key[2],
            "scale": str(Scale.SELECTION),
            "value": float(bool(picked)),
            "rt_ms": rt_ms,
            **{name: cells.get(name, "") for name in ("model", "face", "target")},
        }
