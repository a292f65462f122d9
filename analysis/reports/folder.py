"""A folder that is written whole or not at all, and never over somebody else's files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import AnalysisError

MARK = "estimates.json"
"""A folder with this file is a report and may be replaced by a newer one."""


def check(out: Path) -> None:
    """Refuse a place that a report must not take.

    Errors:
        AnalysisError: ``out`` is a file, or a folder with other things in it.
    """
    if out.exists() and not out.is_dir():
        raise AnalysisError(str(out), "is a file", "name a folder: --out report")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        what = "is a folder with other files, which a report would replace"
        raise AnalysisError(str(out), what, "name a folder that does not exist yet: --out report")


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A temporary folder to fill; at the end of the block it takes the place of ``out``.

    If the block fails, ``out`` stays as it was and nothing is left over.

    Errors:
        AnalysisError: see `check`, or the disk refuses.
    """
    check(out)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.new")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if out.exists():
            out.rename(old)
        temporary.rename(out)
    except OSError as error:
        reason = error.strerror or str(error)
        fix = "choose a folder that you may write, with room: --out FOLDER"
        raise AnalysisError(str(out), f"cannot be written: {reason}", fix) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if old.exists() and not out.exists():
            old.rename(out)
        shutil.rmtree(old, ignore_errors=True)
