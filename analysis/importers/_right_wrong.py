"""Tests about concepts in which an answer is right or wrong: a row for each answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.importers import _pictures
from analysis.importers._people import Tell
from db.scale import Scale

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

RIGHT = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
COLUMNS = {
    "participant": "who answered",
    "concept": "what was asked about",
    "correct": "1 right, 0 wrong (or true, false; yes, no)",
}
OPTIONAL = {
    "item": "the question; the concept if it is missing",
    "options": "how many pictures or rows were shown; guessing is right once in so many",
    "chosen": "what was chosen, for the agreement between people",
    "layer": "the layer in which the concept was found",
    "family": "how the concept was found, such as ace",
    "model": "the network",
    "target": "the class",
    "rt_ms": "milliseconds until the answer",
    "text": "one word for what was chosen",
    "language": "the language of the word, such as en",
    _pictures.COLUMN: _pictures.TEXT,
}


def answers(table: pd.DataFrame, wrong: Tell, kind: str, options: int) -> Iterator[dict[str, Any]]:
    """Rows of `analysis.words.choices` shape: one for each answer.

    Arguments:
        table: from `analysis.data.csv_file.read`; a row is called by its line.
        wrong: told of each bad row.
        kind: the trial type.
        options: how many are shown where the table does not say.
    """
    seen: dict[tuple[str, str], Any] = {}
    for line, row in table.iterrows():
        cells = {str(name): value for name, value in row.items() if value == value}
        for name in ("participant", "concept", "correct"):
            if name not in cells:
                wrong(line, f"has no {name}", "fill the cell, or delete the row")
        right = RIGHT.get(str(cells.get("correct", "1")).strip().lower())
        if right is None:
            wrong(line, f"correct is '{cells['correct']}'", "write 1 (right) or 0 (wrong)")
        shown = number(cells.get("options"), options)
        if shown is None or shown < 2 or shown != int(shown):
            wrong(line, f"options is '{cells['options']}'", "write how many were shown, such as 6")
            shown = options
        rt_ms = number(cells.get("rt_ms"), float("nan"))
        if rt_ms is None or rt_ms < 0:
            wrong(line, f"rt_ms is '{cells['rt_ms']}'", "write milliseconds, such as 5210")
        item = str(cells.get("item", cells.get("concept", "")))
        who = str(cells.get("participant", ""))
        if "participant" in cells and seen.setdefault((who, item), line) != line:
            what = f"'{who}' answered '{item}' in line {seen[who, item]} already"
            wrong(line, what, "keep one of them, or name the questions in the column item")
        yield {
            "participant": who,
            "trial": line,
            "block": 0,
            "type": kind,
            "item": item,
            "option": kind,
            "scale": str(Scale.CORRECTNESS),
            "value": float(bool(right)),
            "correct": right,
            "chance": 1 / shown,
            "chosen_option": cells.get("chosen"),
            "rt_ms": rt_ms,
            "text": cells.get("text"),
            **{name: cells.get(name, "") for name in ("concept", "layer", "family", "model")},
            "target": cells.get("target", ""),
            **({"language": cells["language"]} if "language" in cells else {}),
        }


def number(text: Any, otherwise: float) -> float | None:
    """The number that stands there, ``otherwise`` where nothing does, None for something else.

    Example:
        >>> number("6", 2), number(None, 2), number("six", 2)
        (6.0, 2, None)
    """
    if text is None:
        return otherwise
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None
