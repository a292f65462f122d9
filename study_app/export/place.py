"""Files that appear together or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explainers.problems import Problems


@contextmanager
def together(folder: Path, *, fresh: bool = False) -> Iterator[Path]:
    """A temporary folder to fill; at the end of the block its files stand in ``folder``.

    If the block fails, ``folder`` stays as it was and nothing is left over.

    Arguments:
        folder: made if it is not there.
        fresh: refuse a folder that has anything in it; otherwise files of the same names are
            replaced, each whole.

    Errors: Problems, where the disk refuses, or ``folder`` is a file or is not empty.
    """
    if fresh and folder.is_dir() and any(folder.iterdir()):
        what, fix = "is there already, with files in it", "name a new folder with --to"
        raise Problems.one(str(folder), what, fix)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if folder.is_dir() and not fresh:
            for path in sorted(temporary.iterdir()):
                path.replace(folder / path.name)
        else:
            temporary.rename(folder)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise Problems.one(str(folder), what, "name another folder with --to") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
