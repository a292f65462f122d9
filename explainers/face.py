"""A face: a picture with five landmarks, and the crop that puts them where networks expect them.

Torch-free, because studies are checked without a network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

TEMPLATE = np.array(
    [
        [0.8595674595992, 0.2134981538014],
        [0.6460604764104, 0.2289674387677],
        [0.1205750620789, 0.2137274526848],
        [0.3340850613712, 0.2290642403242],
        [0.4901123135679, 0.6277975316475],
    ]
)
"""Where the five landmarks of a mean face lie in a chip of side 1 without padding (x, y).

Order: outer and inner corner of the eye on the picture's right, outer and inner corner of the eye
on its left, base of the nose. Source: dlib, ``get_face_chip_details``.
"""


@dataclass(frozen=True, eq=False)
class Face:
    """One person's face.

    Arguments:
        id: what the study calls the face.
        image: RGB in [0, 1], float32, [3, H, W].
        landmarks: five points in pixels (x, y), [5, 2], in the order of ``TEMPLATE``.
        parts: facial part of each pixel, uint8, [H, W], numbered as in
            ``explainers.faces.parts``, or None where they are not known.
        licence: SPDX identifier or the owner's words.
        attribution: who must be named.
        sha256: of the picture's file.
    """

    id: str
    image: Array
    landmarks: Array
    parts: Array | None = None
    licence: str = ""
    attribution: str = ""
    sha256: str = ""

    def chip(self, size: int, padding: float = 0.25) -> Array:
        """The aligned crop, float32, [3, size, size] in [0, 1].

        Source: dlib, ``get_face_chip_details``: a similarity transform brings the landmarks to
        their mean places. Pixels are means over the area that they cover, so small chips do not
        alias; beyond the picture its border is repeated.

        Arguments:
            size: side in pixels.
            padding: margin as a fraction of the face's size, as the network was trained with.
        """
        fine = self._subpixels(size, padding)
        samples = bilinear(self.image, self._grid(size, padding, fine))
        samples = samples.reshape(3, size, fine, size, fine).mean((2, 4))
        return samples.astype(np.float32)

    def chip_parts(self, size: int, padding: float = 0.25) -> Array | None:
        """The parts of the chip's pixels, uint8, [size, size]; None where they are not known."""
        if self.parts is None:
            return None
        x, y = self._grid(size, padding, 1)
        height, width = self.parts.shape
        columns = np.clip(np.rint(x).astype(int), 0, width - 1)
        rows = np.clip(np.rint(y).astype(int), 0, height - 1)
        return self.parts[rows, columns]

    def _grid(self, size: int, padding: float, fine: int) -> Array:
        """Places in the picture (x, y) of ``fine`` x ``fine`` samples in each pixel of the chip."""
        transform = chip_transform(self.landmarks, size, padding)
        positions = (np.arange(size * fine) + 0.5) / fine
        chip = positions[None, :] + 1j * positions[:, None]
        # Chip coordinates run from edge to edge, pixel k of a picture has its centre at k.
        place = transform[0] * (chip - size / 2 * (1 + 1j)) + transform[1]
        return np.stack([place.real, place.imag])

    def _subpixels(self, size: int, padding: float) -> int:
        return max(1, math.ceil(abs(chip_transform(self.landmarks, size, padding)[0])))


def chip_transform(landmarks: Array, size: int, padding: float) -> tuple[complex, complex]:
    """The similarity transform from a chip to the picture, as complex numbers ``x + i y``.

    Formula: ``w = a (z - m) + c``, with the chip's middle ``m``, scale and rotation ``a`` and the
    picture's point ``c`` at ``m`` such that the squared distances between transformed template and
    landmarks are least: with centred ``z`` and ``w``, ``a = sum(conj(z) w) / sum |z|^2``.
    Source: Umeyama, Least-Squares Estimation of Transformation Parameters (1991), in the plane.

    Example:
        >>> a, c = chip_transform(TEMPLATE * 100 + 20, size=100, padding=0.0)
        >>> round(abs(a), 6), complex(round(c.real, 6), round(c.imag, 6))
        (1.0, (70+70j))
    """
    template = (TEMPLATE + padding) / (2 * padding + 1) * size
    z = template[:, 0] + 1j * template[:, 1]
    w = landmarks[:, 0].astype(float) + 1j * landmarks[:, 1].astype(float)
    centred = z - z.mean()
    a = (centred.conj() * (w - w.mean())).sum() / (abs(centred) ** 2).sum()
    return complex(a), complex(w.mean() + a * (size / 2 * (1 + 1j) - z.mean()))


def bilinear(image: Array, grid: Array) -> Array:
    """Values of ``image`` [C, H, W] at the places ``grid`` [2, ...] (x, y); border repeated."""
    height, width = image.shape[1:]
    x = np.clip(grid[0], 0, width - 1)
    y = np.clip(grid[1], 0, height - 1)
    left = np.minimum(x.astype(int), max(width - 2, 0))
    top = np.minimum(y.astype(int), max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = x - left, y - top
    upper = image[:, top, left] * (1 - across) + image[:, top, right] * across
    lower = image[:, bottom, left] * (1 - across) + image[:, bottom, right] * across
    return upper * (1 - down) + lower * down
