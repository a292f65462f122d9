"""Hairstyles that part on top and hang beside the face."""

from __future__ import annotations

import numpy as np
from anatomy import angles, scalp
from growth import Head, noise
from strands import Surface, clump, grow, unit


def _hanging(head: Head, face: dict, length: float, curl: float) -> np.ndarray:
    """Hair parted on top that falls beside the face, outside the ears."""
    rng = head.rng
    part = face.get("part", 0.4) * 0.045
    points, normals, _ = head.roots(lambda p: scalp(p, face["recede"], 5), 22000)
    skull = head.vertices[np.unique(head.quads)]
    cap = Surface.of_hull(skull[skull[:, 2] > 0.60], rng)
    shown = head.reference[head.quads][:, :, 2].min(1) > 0.555  # hair falls behind the shoulders
    body = Surface.of_quads(head.vertices, head.quads[shown])
    side = np.where(points[:, 0] >= part, 1.0, -1.0)
    wave = noise(rng, points, 0.014, 0.16) + 0.03 * rng.normal(size=points.shape)
    depth = rng.random(len(points))

    def field(at: np.ndarray, along: float) -> np.ndarray:
        azimuth, _ = angles(at)
        down = np.clip((0.765 - at[:, 2]) / 0.05, 0, 1)
        front = np.clip((86 - azimuth) / 30, 0, 1)
        low = np.clip((0.70 - at[:, 2]) / 0.05, 0, 1)
        lateral = side * (1.05 - 0.9 * down + 0.5 * front - 0.2 * low)
        back = 0.15 + 0.95 * front * down
        return unit(np.c_[lateral, back, -0.25 - 1.2 * down * (1 - 0.5 * front)]) + wave

    def cling(at: np.ndarray) -> np.ndarray:
        return np.clip((at[:, 2] - 0.645) / 0.02, 0, 1)

    class Both:
        """The cap above the ear lobes, the body below."""

        def height(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            high, up = cap.height(at)
            low, out = body.height(at)
            upper = at[:, 2] > 0.63
            return np.where(upper, high, low), np.where(upper[:, None], up, out)

    size = length * rng.uniform(0.92, 1.03, len(points))
    drop = np.clip((points[:, 2] - 0.66) / 0.13, 0, 1)  # roots at the nape hang as low as others
    size = size * (0.55 + 0.45 * drop)
    height = 0.002 + 0.010 * depth
    steps = 26
    strands = grow(points, normals, Both(), field, size, height, steps, cling, 0.3)
    strands = clump(strands, 40, 0.35, rng)
    if curl:
        along = np.linspace(0, 1, steps + 1)[None, :]
        phase = 6 * noise(rng, points, 0.02, 1.0)[:, :1] + along * 6.28 * 5
        swing = curl * np.clip(along * 3 - 0.6, 0, 1)
        strands[..., 0] += swing * np.cos(phase)
        strands[..., 1] += swing * np.sin(phase)
    return strands


def bob(head: Head, face: dict) -> np.ndarray:
    """Hair to the chin."""
    return _hanging(head, face, face.get("length", 0.23), face.get("curl", 0.0))


def long(head: Head, face: dict) -> np.ndarray:
    """Hair to below the shoulders."""
    return _hanging(head, face, face.get("length", 0.36), face.get("curl", 0.0))
