"""Computed values by the hash of what they depend on: ``cache/<job key>.npz``."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from explainers.problems import Problems


@dataclass(frozen=True)
class Cache:
    """A folder of computed values, each file whole or not there.

    Arguments:
        folder: is made when the first value is stored.

    Example:
        >>> import tempfile
        >>> cache = Cache(Path(tempfile.mkdtemp()) / "cache")
        >>> cache.put("ab12", np.eye(2), {"seconds": 1.5})
        >>> values, record = cache.get("ab12")
        >>> values.shape, record["seconds"]
        ((2, 2), 1.5)
    """

    folder: Path

    def put(self, key: str, values: npt.NDArray[Any], record: dict[str, Any]) -> None:
        """Store values and what is known about them, in one step.

        Errors: Problems when the disk is full or the folder cannot be written.
        """
        stream = io.BytesIO()
        np.savez_compressed(stream, values=values, record=np.array(json.dumps(record)))
        write_whole(self.folder / f"{key}.npz", stream.getvalue())

    def get(self, key: str) -> tuple[npt.NDArray[Any], dict[str, Any]] | None:
        """The values and what is known about them; None if missing or damaged."""
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as file:
                return file["values"], json.loads(str(file["record"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def stale(self, keys: Collection[str]) -> list[Path]:
        """Files that none of ``keys`` names: of earlier settings, or left by a killed build."""
        wanted = {f"{key}.npz" for key in keys}
        there = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return [path for path in there if path.name not in wanted]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: nobody ever reads half of it, even if the power fails.

    Errors: Problems when the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary.parent.is_dir():
            temporary.unlink(missing_ok=True)
        what = f"cannot be written: {error.strerror or error}"
        fix = "free some space, or choose a folder that you may write"
        raise Problems.one(str(path), what, fix) from None
