"""Where things are on a head, as formulas of the mean head's coordinates.

The mesh has the same topology for every person and expression, so a vertex keeps the anatomical
place it has on the mean ("reference") head. Every mask here is therefore a function of reference
points [N, 3] in the frame of head.py (metres; x left, y back, z up).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

CENTRE = np.array([0.0, -0.085, 0.70])  # of the skull, for azimuth and elevation
CROWN = np.array([0.008, -0.045, 0.80])  # where the hair whorls

AZIMUTHS = np.array([0, 16, 28, 38, 46, 53, 60, 68, 76, 88, 100, 120, 150, 180])
HAIRLINE = np.array([22, 23, 24, 23, 18, 10, 2, -12, -15, -12, -8, -28, -38, -40])  # elevation
RECEDED = np.array([14, 22, 26, 20, 12, 7, 3, 0, 0, 0, 0, 0, 0, 0])  # degrees more when bald


def angles(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth (0 at the nose, 180 at the back, both sides alike) and elevation, in degrees."""
    d = points - CENTRE
    azimuth = np.degrees(np.arctan2(np.abs(d[:, 0]), -d[:, 1]))
    return azimuth, np.degrees(np.arctan2(d[:, 2], np.hypot(d[:, 0], d[:, 1])))


def above_hairline(points: np.ndarray, recede: float = 0.0) -> np.ndarray:
    """Degrees above the hairline (negative below); `recede` 0..1 moves it up at the front."""
    azimuth, elevation = angles(points)
    return elevation - np.interp(azimuth, AZIMUTHS, HAIRLINE + recede * RECEDED)


def around_ear(points: np.ndarray) -> np.ndarray:
    """Whether a point belongs to the ear or the bare skin about it."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    return (x > 0.060) & (z < 0.708) & (y > -0.113) & (y < -0.045)


def scalp(points: np.ndarray, recede: float = 0.0, width: float = 5.0) -> np.ndarray:
    """Density 0..1 of hair roots: a soft hairline of `width` degrees, none about the ears."""
    density = np.clip(above_hairline(points, recede) / width, 0, 1)
    return density * ~around_ear(points) * (points[:, 2] > 0.60)


def brow_curve(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Position 0..1 along the brow, its height and its half width, for |x|."""
    t = (x - 0.012) / 0.040
    arch = 0.0052 * np.sin(np.clip(t, 0, 1) * np.pi * 0.62)
    z = 0.679 + 0.0192 + arch - 0.0045 * np.clip(t - 0.7, 0, 1) / 0.3
    return t, z, np.interp(t, [0, 0.15, 0.6, 1], [0.0030, 0.0038, 0.0028, 0.0010])


def brow(points: np.ndarray) -> np.ndarray:
    """Density 0..1 of brow hair."""
    t, z, width = brow_curve(np.abs(points[:, 0]))
    inside = (t > 0) & (t < 1) & (points[:, 1] < -0.13)
    inner = np.clip(0.3 + t / 0.2, 0, 1)
    return inside * inner * np.exp(-(((points[:, 2] - z) / width) ** 2))


def beard(points: np.ndarray, style: str = "full") -> np.ndarray:
    """Density 0..1 of beard hair for the styles full, goatee and moustache."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]

    def soft(value: np.ndarray, width: float) -> np.ndarray:
        return np.clip(value / width, 0, 1)

    top = 0.612 + 0.62 * np.clip(x - 0.024, 0, 1)
    jaw = soft(top - z, 0.006) * soft(z - 0.548, 0.006) * (y < -0.072)
    sideburn = soft(x - 0.058, 0.004) * soft(0.672 - z, 0.01) * (y < -0.095) * (y > -0.135)
    moustache = soft(z - 0.628, 0.002) * soft(0.641 - z, 0.003) * soft(0.031 - x, 0.004)
    moustache = moustache * (y < -0.15)
    corner = soft(0.004 - np.abs(x - 0.029), 0.003) * (z > 0.600) * (z < 0.634) * (y < -0.14)
    lips = (z > 0.609) & (z < 0.630) & (x < 0.026) & (y < -0.16)
    if style == "moustache":
        whole = moustache
    elif style == "goatee":
        chin = jaw * soft(0.030 - x, 0.005)
        whole = np.maximum.reduce([chin, moustache, corner])
    else:
        whole = np.maximum.reduce([jaw, sideburn, moustache, corner])
    return whole * ~lips


def _near_line(points: np.ndarray, line: list[tuple[float, float]], width: float) -> np.ndarray:
    """1 on a line of (|x|, z) corners on the front of the face, falling off with `width`."""
    flat = np.c_[np.abs(points[:, 0]), points[:, 2]]
    distance = np.full(len(points), np.inf)
    for start, end in pairwise(line):
        a, way = np.array(start), np.array(end) - np.array(start)
        t = np.clip((flat - a) @ way / (way @ way), 0, 1)
        distance = np.minimum(distance, np.linalg.norm(flat - a - t[:, None] * way, axis=1))
    return np.exp(-((distance / width) ** 2)) * (points[:, 1] < -0.11)


def skin_masks(points: np.ndarray, moved: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Vertex masks 0..1 for the skin: blush, under-eye, crow's feet, forehead, folds, stubble.

    `moved` holds how far the shape changes of cheek, nose and ears move each vertex.
    """
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    blush = 0.9 * moved["cheek"] * (x > 0.02) + 0.8 * moved["nose"] * (x < 0.02) * (z < 0.665)
    under = np.exp(-(((x - 0.030) / 0.022) ** 2) - ((z - 0.664) / 0.0085) ** 2) * (y < -0.12)
    crow = np.exp(-(((x - 0.060) / 0.013) ** 2) - ((z - 0.678) / 0.017) ** 2) * (y < -0.08)
    bags = np.exp(-(((x - 0.034) / 0.018) ** 2) - ((z - 0.660) / 0.010) ** 2) * (y < -0.1)
    forehead = np.clip((z - 0.705) / 0.012, 0, 1) * np.clip((0.775 - z) / 0.01, 0, 1)
    fold = (
        _near_line(points, [(0.016, 0.650), (0.024, 0.640), (0.029, 0.624)], 0.0026)
        + 0.8 * _near_line(points, [(0.027, 0.612), (0.029, 0.598)], 0.0022)
        + 0.7 * _near_line(points, [(0.004, 0.690), (0.005, 0.700)], 0.0016)
        + 0.8 * _near_line(points, [(0.018, 0.667), (0.030, 0.661), (0.042, 0.664)], 0.0022)
    )
    masks = {
        "blush": blush + 0.6 * moved["ears"] * (x > 0.06),
        "under": under,
        "crow": crow + 0.8 * bags,
        "fore": forehead * np.clip((-0.11 - y) / 0.03, 0, 1),
        "fold": fold,
        "stub": beard(points),
    }
    return {name: np.clip(mask, 0, 1) for name, mask in masks.items()}
