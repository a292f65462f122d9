"""The neutral frontal face that canonical maps live on, and the way to it from any face."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from explainers.face import Array, Face, bilinear, chip_transform
from explainers.faces.face_bank import load_faces
from explainers.faces.face_names import RENDERED
from explainers.faces.parts import FIVE, find_points
from explainers.faces.piecewise_affine import PiecewiseAffine, mesh
from explainers.problems import Problems

NEUTRAL = ("f02", "f03", "f04", "f16", "f17")
"""The shipped faces without an expression; the canonical face is their mean."""
OUTLINE = 60
"""Of the sixty-eight points the first sixty. The others are the inner edges of the lips: they
coincide in a closed mouth, and a map that carries them could not be inverted."""
FRAME = np.array(
    [[x, y] for y in (-1.0, 0.5, 2.0) for x in (-1.0, 0.5, 2.0) if (x, y) != (0.5,) * 2]
)
"""Points far around the face, which stay where they are."""
MISFIT = 0.04
"""Sixty-eight points are not believed when they miss the five landmarks by more than this fraction
of the distance of the eyes. They miss those of the shipped faces by at most 0.03, those of the
London Set's photographs by 0.015, and those of random pictures by 0.05 to 0.3."""
# fmt: off
MIRRORED = np.array([
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,  # jaw
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17,  # brows
    27, 28, 29, 30, 35, 34, 33, 32, 31,  # nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,  # eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,  # mouth
])
# fmt: on
"""Which point each of the sixty is in the mirror."""


@dataclass(frozen=True, eq=False)
class Canonicalization:
    """The way between a face's own chip and the canonical face's chip.

    Both chips are aligned to five landmarks, so that they nearly agree; the map adds the shape and
    pose of the face.

    Arguments:
        warp: from the place of a point in the face's chip to its place in the canonical one; in
            units of a chip without padding, as ``explainers.face.TEMPLATE``.
        landmarks: how many of the face's landmarks it carries exactly; 5 where denser ones were
            not found, and then the chips are taken to agree.
    """

    warp: PiecewiseAffine
    landmarks: int

    def places(self, size: int, padding: float) -> Array:
        """Where each pixel of the face's chip is in the canonical chip, (x, y), [2, size, size].

        In pixels from edge to edge: the middle of pixel k is at k + 1/2.
        """
        moved = self.warp(_pixels(size, padding))
        return np.moveaxis(moved + padding, -1, 0) / (1 + 2 * padding) * size

    def on_face(self, values: Array, padding: float) -> Array:
        """A map on the canonical face carried to the pixels of the face's own chip, [S, S]."""
        return bilinear(values[None], self.places(len(values), padding) - 0.5)[0]


@lru_cache(maxsize=256)
def canonicalization(face: Face) -> Canonicalization:
    """The way between a face and the canonical face, through its sixty-eight landmarks.

    Source: John, Balasubramanian & Jawahar, Canonical Saliency Maps (2021), who align faces
    densely; here a piecewise affine map of a triangulation of landmarks.

    Errors: Problems for a face whose landmarks are no places.

    Example:
        >>> (face,) = load_faces("rendered", Path(), ["f01"])
        >>> canonicalization(face).landmarks
        60
    """
    _check(face)
    points = find_points(face)
    between_eyes = np.linalg.norm(face.landmarks[0] - face.landmarks[2])
    missed = np.linalg.norm(points[FIVE] - face.landmarks, axis=1).mean() / between_eyes
    if not missed <= MISFIT:
        square = mesh(FRAME, FRAME, len(FRAME))
        return Canonicalization(square, len(FIVE))
    source = np.vstack([FRAME, _in_chip(points[:OUTLINE], face)])
    target = np.vstack([FRAME, canonical_points()])
    # Triangles of the canonical face, so that they are the same for all faces.
    warp = mesh(target, source, len(FRAME)).inverse
    return Canonicalization(warp, len(warp.source) - len(FRAME))


@cache
def canonical_points() -> Array:
    """The mean landmarks of the neutral faces and their mirror images, [60, 2].

    In units of a chip without padding, as ``explainers.face.TEMPLATE``.
    """
    faces = [_in_chip(find_points(face)[:OUTLINE], face) for face in _neutral()]
    mean = np.mean(faces, axis=0)
    mirrored = mean[MIRRORED] * [-1, 1] + [1, 0]  # in the middle of the chip
    return np.asarray((mean + mirrored) / 2)


@lru_cache(maxsize=8)
def canonical_face(size: int, padding: float) -> Array:
    """The picture of the canonical face: the mean of the neutral faces, each brought to its shape.

    Arguments:
        size, padding: of the chip, as in `Face.chip`.

    Returns: [3, size, size], float32, in [0, 1]; symmetric, and sharper than the mean of unwarped
    faces because eyes lie on eyes.

    Example:
        >>> canonical_face(16, 0.25).shape
        (3, 16, 16)
    """
    mean = np.mean([canonical_chip(face, size, padding) for face in _neutral()], axis=0)
    return np.asarray((mean + mean[:, :, ::-1]) / 2, dtype=np.float32)


def canonical_chip(face: Face, size: int, padding: float) -> Array:
    """A face in the canonical shape and pose, float32, [3, size, size] in [0, 1]."""
    scale, middle = chip_transform(face.landmarks, 1, 0.0)
    fine = max(1, math.ceil(abs(scale) * (1 + 2 * padding) / size))
    places = canonicalization(face).warp.inverse(_pixels(size * fine, padding)) - 0.5
    w = scale * (places[..., 0] + 1j * places[..., 1]) + middle
    samples = bilinear(face.image, np.stack([w.real, w.imag]))
    return samples.reshape(3, size, fine, size, fine).mean((2, 4)).astype(np.float32)


@cache
def canonical_sha256() -> str:
    """SHA-256 over the hashes of the faces that the canonical face is made of."""
    names = sorted(face.sha256 for face in _neutral())
    return hashlib.sha256("".join(names).encode()).hexdigest()


def _neutral() -> tuple[Face, ...]:
    return load_faces(RENDERED, Path(), NEUTRAL)


def _pixels(size: int, padding: float) -> Array:
    """The middles of a chip's pixels in units of a chip without padding, (x, y), [S, S, 2]."""
    steps = (np.arange(size) + 0.5) / size * (1 + 2 * padding) - padding
    return np.stack(np.meshgrid(steps, steps), axis=-1)


def _in_chip(points: Array, face: Face) -> Array:
    """Points of the picture in units of a chip without padding."""
    scale, middle = chip_transform(face.landmarks, 1, 0.0)
    z = (points[:, 0] + 1j * points[:, 1] - middle) / scale
    return np.column_stack([z.real, z.imag]) + 0.5


def _check(face: Face) -> None:
    landmarks = np.asarray(face.landmarks, float)
    fine = landmarks.shape == (5, 2) and np.isfinite(landmarks).all()
    if not fine or np.ptp(landmarks, axis=0).min() < 1:
        raise Problems.one(
            f"face {face.id}",
            "has no five landmarks, so it cannot be brought to the canonical face",
            "use a picture of one face from the front, well lit and not cut off",
        )
