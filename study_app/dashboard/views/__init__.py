"""The dashboard's pages: each file in this folder is one, found by its name.

A page's file holds ``TITLE``, ``PLACE`` (its place among the pages, from 1) and ``show(shown)``,
which draws what `study_app.dashboard.data.Shown` names.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The names of all pages, sorted.

    Example:
        >>> "progress" in names()
        True
    """
    return sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))


def load() -> list[tuple[str, Any]]:
    """Name and module of each page, in the order of their places."""
    found = [(name, import_module(f"{__name__}.{name}")) for name in names()]
    return sorted(found, key=lambda entry: entry[1].PLACE)
