"""Answers that a laboratory has already: a file for each protocol reads its plain CSV.

A protocol's file holds

- a docstring, whose first line describes it,
- ``COLUMNS`` and ``OPTIONAL``: column -> documentation,
- ``read(table, wrong) -> Iterator[dict]``: rows for `analysis.data.frames.build`, and every bad row
  told to ``wrong(line, what, fix)``.

The column ``participant`` says who answered; columns of `analysis.importers._people` are about
participants. Files that begin with ``_`` are helpers. Other columns are left aside and named.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.errors import AnalysisError
from analysis.importers import _people, _pictures

if TYPE_CHECKING:  # columns are listed without pandas
    from analysis.data.frames import Frames

_FOLDER = Path(__file__).parent


class Imported(NamedTuple):
    """What was read.

    Arguments:
        frames: the answers; None where some rows are bad.
        wrong: all that is wrong, row by row.
        unused: columns that the protocol does not know.
        pictures: SHA-256 → file of the pictures that rows name.
    """

    frames: Frames | None
    wrong: list[AnalysisError]
    unused: list[str]
    pictures: dict[str, Path] = {}  # noqa: RUF012 (never changed)


def names() -> list[str]:
    """The protocols that can be read, sorted.

    Example:
        >>> names()
        ['coherency', 'intruder', 'one_word', 'section7']
    """
    return sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))


def columns(name: str, *, optional: bool = False) -> dict[str, str]:
    """The columns of a protocol's CSV with their documentation.

    Example:
        >>> list(columns("one_word"))
        ['participant', 'concept', 'text']
    """
    module = _module(name)
    return {**module.OPTIONAL, **_people.COLUMNS} if optional else dict(module.COLUMNS)


def read(name: str, path: Path, mode: str = "live") -> Imported:
    """The answers in a CSV file.

    Arguments:
        name: the protocol, see `names`.
        path: comma separated, UTF-8, first line the column names; empty cells are missing.
        mode: whose answers they are.

    Errors:
        AnalysisError: no such protocol, no such file, no table.
    """
    import pandas as pd

    from analysis.data import csv_file
    from analysis.data.frames import build

    module = _module(name)
    table = csv_file.read(path)
    wrong = []
    for column, text in module.COLUMNS.items():
        if column not in table:
            near = get_close_matches(column, map(str, table.columns), n=1, cutoff=0.6)
            fix = f"did you mean '{near[0]}'?" if near else "add it, or rename the one that has it"
            wrong.append(AnalysisError(str(path), f"has no column '{column}' ({text})", fix))
    if wrong:
        return Imported(None, wrong, [])

    def tell(line: Any, what: str, fix: str) -> None:
        wrong.append(AnalysisError(f"{path}, line {line}", what, fix))

    rows = pd.DataFrame(list(module.read(table, tell)))
    people, study = _people.of_table(table, tell)
    items: list[dict[str, Any]] = []
    pictures: dict[str, Path] = {}
    if _pictures.COLUMN in module.OPTIONAL:
        items, pictures = _pictures.of_table(table, path.parent, tell)
    if wrong:
        return Imported(None, sorted(wrong, key=_line), [])
    known = {*module.COLUMNS, *module.OPTIONAL, *_people.COLUMNS, "mode", "role"}
    unused = [str(column) for column in table if column not in known]
    study = {"id": path.stem, "title": f"{path.stem} ({name}, imported)", **study}
    frozen = {"study": {**study, "blocks": [{"trial": name}]}, "items": items}
    rows = rows.assign(role="main", mode=mode)
    frames = build(frozen, rows, people.assign(mode=mode), mode=mode)
    return Imported(frames, [], unused, pictures)


def _line(error: AnalysisError) -> tuple[int, str]:
    return int(error.where.rpartition(" ")[2]), error.what


def _module(name: str) -> Any:
    if name not in names():
        near = get_close_matches(name, names(), n=1, cutoff=0.5)
        fix = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names())}"
        raise AnalysisError(f"protocol '{name}'", "cannot be imported", fix)
    return import_module(f"{__name__}.{name}")
