"""A face whose aligned crop is given pixel by pixel, to explain a crop that was changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from explainers.face import TEMPLATE, Array, Face


def face_of_chip(face: Face, chip: Array, padding: float) -> Face:
    """``face`` with the picture replaced by its own crop, which may have been changed.

    Formula: landmarks at the template's places in the crop, so that aligning it again changes
    nothing (to the sixth digit). They lie closer by a billionth, because a crop that is smaller
    than the picture by a rounding error would be averaged over several pixels.

    Arguments:
        face: gives its id, and its parts as the crop shows them.
        chip: [3, S, S] in [0, 1]; values outside are cut off.
        padding: of the crop, as the network has it (``chip_padding``).

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> chip = face.chip(64, 0.25)
        >>> bool(abs(face_of_chip(face, chip, 0.25).chip(64, 0.25) - chip).max() < 1e-5)
        True
    """
    image = np.clip(np.asarray(chip, np.float32), 0, 1)
    size = image.shape[-1]
    places = (TEMPLATE + padding) / (2 * padding + 1) * size
    middle = size / 2
    return replace(
        face,
        image=image,
        landmarks=(places - middle) * (1 - 1e-9) + middle - 0.5,
        parts=face.chip_parts(size, padding),
        sha256=hashlib.sha256(image.tobytes()).hexdigest(),
    )
