"""A study file as it was written, whatever somebody wrote where."""

from __future__ import annotations

from typing import Any


def mapping(value: Any) -> dict[str, Any]:
    """The keys and values; none for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The entries of a list; none for anything else."""
    return value if isinstance(value, list) else []


def words(value: Any) -> tuple[str, ...]:
    """The entries of a list as text.

    Example:
        >>> words(["f01", 2]), words("f01")
        (('f01', '2'), ())
    """
    return tuple(str(name) for name in sequence(value))
