"""Brows and beards."""

from __future__ import annotations

import numpy as np
from anatomy import beard, brow, brow_curve
from growth import Head
from strands import unit


def brows(head: Head, face: dict) -> np.ndarray:
    """Brow hairs, leaning outwards along the arch."""
    rng = head.rng
    male = face["gender"] == "male"
    points, normals, place = head.roots(brow, 1500 if male else 1100)
    t = np.clip(brow_curve(np.abs(place[:, 0]))[0], 0, 1)[:, None]
    lean = np.c_[np.sign(place[:, :1]) * (0.5 + 0.7 * t), np.zeros_like(t), 0.85 - 1.25 * t]
    lean = unit(lean + 0.18 * rng.normal(size=points.shape))
    lean = unit(lean - (lean * normals).sum(1, keepdims=True) * normals)
    size = (0.0060 + 0.003 * rng.random((len(points), 1))) * (1.1 if male else 0.85)
    middle = points + lean * size * 0.5 + normals * 0.0006
    return np.stack([points + normals * 0.0002, middle, points + lean * size + normals * 0.0004], 1)


def beard_hairs(head: Head, face: dict) -> np.ndarray:
    """Beard hairs of the face's style, length 0..1."""
    style = face.get("beard")
    if style is None:
        return np.zeros((0, 3, 3))
    rng = head.rng
    points, normals, _ = head.roots(lambda p: beard(p, style["style"]), style.get("count", 9000))
    lean = unit(0.45 * normals + np.array([0, -0.1, -1.0]) + 0.35 * rng.normal(size=points.shape))
    size = 0.0012 + style["length"] * 0.012 * (0.5 + rng.random((len(points), 1)))
    return np.stack([points, points + lean * size * 0.5 + normals * 3e-4, points + lean * size], 1)
