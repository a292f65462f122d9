"""Running code that is the user's: found beside the study, and its mistakes told as problems."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explainers.problems import Problems


@contextmanager
def importable(folder: Path | None) -> Iterator[None]:
    """Modules in ``folder`` can be imported while this lasts; they come before installed ones."""
    place = [] if folder is None else [str(folder.resolve())]
    sys.path[:0] = place
    try:
        yield
    finally:
        for entry in place:
            sys.path.remove(entry)


@contextmanager
def told(where: str) -> Iterator[None]:
    """Whatever goes wrong in the user's own code is told as a problem, with its place.

    Example:
        >>> with told("nets:load"):
        ...     raise KeyError("conv1")
        Traceback (most recent call last):
        explainers.problems.Problems: nets:load
          fails: KeyError: 'conv1'
          fix: look at <doctest explainers.user_code.told[0]>, line 2
    """
    try:
        yield
    except Problems:
        raise
    except ModuleNotFoundError as error:
        fix = "put the file beside study.yaml or install the package"
        raise Problems.one(where, f"cannot be imported: {error}", fix) from None
    except Exception as error:  # the user's code may fail in any way
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"fails: {type(error).__name__}: {error}"
        raise Problems.one(where, what, f"look at {frame.filename}, line {frame.lineno}") from error
