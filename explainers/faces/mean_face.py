"""The average of the shipped faces: what is common to faces, and nobody in particular."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from explainers.face import Array
from explainers.faces.face_bank import load_faces
from explainers.faces.face_names import RENDERED


@cache
def mean_face(size: int, padding: float) -> Array:
    """The mean of the aligned chips of all shipped faces and their mirror images.

    Formula: ``m = (c + flip(c)) / 2`` with the mean chip ``c``: faces are nearly symmetric, and
    with both sides the mean of a few faces is smooth.

    Arguments:
        size, padding: of the chips, as in `Face.chip`.

    Returns: [3, size, size], float32, in [0, 1].

    Example:
        >>> mean_face(16, 0.25).shape
        (3, 16, 16)
    """
    chips = [face.chip(size, padding) for face in load_faces(RENDERED, Path())]
    mean = np.mean(chips, axis=0)
    return np.asarray((mean + mean[:, :, ::-1]) / 2, dtype=np.float32)


@cache
def mean_face_sha256() -> str:
    """SHA-256 over the hashes of the faces that the mean is made of."""
    names = sorted(face.sha256 for face in load_faces(RENDERED, Path()))
    return hashlib.sha256("".join(names).encode()).hexdigest()
