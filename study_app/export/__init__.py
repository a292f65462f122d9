"""The answers for other programs and for archives: tables, and what each of their columns means.

A format is one file in `study_app/export/formats/`, found by itself. It is a module with these
names:

    FRESH   whether it is a folder of its own, which never goes over files that are there
    write   (data: Data, folder: Path) → dict: the files that it wrote and their numbers of rows
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from db.records import Mode
from db.store import Store
from explainers import catalog
from study_app.export.cells import cell
from study_app.export.data import Data, read
from study_app.export.place import together

__all__ = ["Format", "cell", "export", "forms", "load", "read", "save"]

_FOLDER = Path(__file__).parent / "formats"


class Format(Protocol):
    """What a module of the folder ``formats`` provides."""

    FRESH: bool
    write: Callable[[Data, Path], dict[str, int]]


def forms() -> tuple[str, ...]:
    """The formats that there are.

    Example:
        >>> forms()
        ('csv', 'parquet', 'psych-ds')
    """
    return tuple(name.replace("_", "-") for name in catalog.names(_FOLDER))


def load(form: str) -> Format:
    """A format by its name. Errors: KeyError when there is none."""
    if form not in forms():
        raise KeyError(form)
    return cast(Format, import_module(f"{__name__}.formats.{form.replace('-', '_')}"))


def save(data: Data, folder: Path, form: str = "csv") -> dict[str, int]:
    """Write tables and codebook into ``folder``: all files, or none.

    Arguments:
        data: from `study_app.export.data.read`.
        folder: where to; made if it is not there.
        form: one of `forms`.

    Returns: file → number of rows.

    Errors: Problems when the folder cannot be written, or has files that are not to be replaced.
    """
    kind = load(form)
    with together(folder, fresh=kind.FRESH) as place:
        return kind.write(data, place)


def export(
    store: Store,
    folder: Path,
    mode: Mode | str = Mode.LIVE,
    form: str = "csv",
    study: str | None = None,
) -> dict[str, int]:
    """Write the answers of one study in one mode; `read` and `save` in one step."""
    return save(read(store, mode, study), folder, form)
