"""One value as it stands in a cell of a CSV file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

# What a spreadsheet takes for the beginning of a formula; the wide signs are its typists' own.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> Any:
    """A value as it stands in the file.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.

    Source: OWASP, CSV Injection.

    Example:
        >>> cell("=1+1"), cell(-1.5), cell(None), cell(True)
        ("'=1+1", -1.5, '', 1)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
