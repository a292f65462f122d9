"""Hairstyles: each a function of a head that grows its strands."""

from __future__ import annotations

import numpy as np
from anatomy import angles, scalp
from growth import Head, from_crown, noise
from hanging import bob, long
from strands import Field, clump, grow, unit


def buzz(head: Head, face: dict) -> np.ndarray:
    """A few millimetres of hair all over."""
    rng = head.rng
    points, normals, place = head.roots(lambda p: scalp(p, face["recede"], 7), 26000)
    size = 0.0045 * (0.5 + 0.5 * np.clip(scalp(place, face["recede"], 14), 0, 1))
    tilt = unit(0.55 * from_crown(points) + 0.8 * normals + 0.25 * rng.normal(size=points.shape))
    size = (size * rng.uniform(0.7, 1.2, len(points)))[:, None]
    return np.stack([points, points + 0.5 * size * tilt, points + size * tilt], 1)


def afro(head: Head, face: dict) -> np.ndarray:
    """Short, tightly curled hair of even thickness."""
    rng = head.rng
    thick = face.get("thickness", 0.016)
    points, normals, place = head.roots(lambda p: scalp(p, face["recede"], 6), 26000)
    _, elevation = angles(place)
    edge = np.clip(scalp(place, face["recede"], 22), 0, 1)
    side = np.interp(elevation, [-20, 5, 40], [0.35, 0.65, 1.0])
    length = thick * side * (0.20 + 0.80 * edge) * rng.uniform(0.55, 1.1, len(points))
    steps = 10
    along = np.linspace(0, 1, steps + 1)[None, :, None]
    drift = unit(normals + 0.25 * from_crown(points) + noise(rng, points, 0.012, 0.35))
    path = points[:, None] + along * (length[:, None] * drift)[:, None]
    turn = rng.random(len(points))[:, None] * 6.28 + along[..., 0] * 6.28 * 2.2
    radius = (0.0016 * np.minimum(1, 4 * along[..., 0]))[..., None]
    a = unit(np.cross(normals, rng.normal(size=points.shape)))
    b = np.cross(normals, a)
    curl = np.cos(turn)[..., None] * a[:, None] + np.sin(turn)[..., None] * b[:, None]
    return path + radius * curl


def _combed(
    head: Head, face: dict, comb: Field, top: float, side: float, thick: float
) -> np.ndarray:
    """Short hair: `comb(points, along)` on top, growing away from the crown at the sides."""
    rng = head.rng
    points, normals, place = head.roots(lambda p: scalp(p, face["recede"], 6), 24000)
    _, elevation = angles(place)
    crest = np.clip((elevation - 18) / 30, 0, 1)
    edge = np.clip(scalp(place, face["recede"], 18), 0, 1)
    layer = rng.random(len(points)) ** 0.7
    length = (side + (top - side) * crest) * rng.uniform(0.75, 1.15, len(points))
    length *= 0.45 + 0.55 * edge
    flat = 0.45 * thick
    height = (flat + (thick - flat) * crest) * layer * (0.35 + 0.65 * edge)
    wave = noise(rng, points, 0.012, 0.30) + 0.07 * rng.normal(size=points.shape)

    def field(at: np.ndarray, along: float) -> np.ndarray:
        mixed = crest[:, None] * unit(comb(at, along)) + (1 - crest)[:, None] * from_crown(at)
        return unit(mixed) + wave

    strands = grow(points, normals, head.skin(), field, length, height, 9)
    return clump(strands, 22, 0.45, rng)


def short(head: Head, face: dict) -> np.ndarray:
    """Short hair combed to one side."""
    way = face.get("part", 1.0)

    def comb(at: np.ndarray, along: float) -> np.ndarray:
        front = np.clip((-0.10 - at[:, 1]) / 0.05, 0, 1)
        return np.c_[np.full(len(at), 0.8 * way), 0.25 + 0.25 * front, 0.25 * front - 0.05]

    return _combed(head, face, comb, 0.042, 0.012, face.get("thickness", 0.012))


def swept(head: Head, face: dict) -> np.ndarray:
    """Short hair combed back."""

    def comb(at: np.ndarray, along: float) -> np.ndarray:
        return np.c_[0.15 * np.sign(at[:, 0]), np.ones(len(at)), 0.25 * np.ones(len(at))]

    return _combed(head, face, comb, 0.055, 0.014, face.get("thickness", 0.013))


def crop(head: Head, face: dict) -> np.ndarray:
    """Short hair lying forward, as it grows."""
    return _combed(
        head, face, lambda at, along: from_crown(at), 0.026, 0.010, face.get("thickness", 0.010)
    )


def bun(head: Head, face: dict) -> np.ndarray:
    """Hair pulled back tightly from the face; a knot on the crown if `knot` is true."""
    rng = head.rng
    points, normals, place = head.roots(lambda p: scalp(p, face["recede"], 6), 24000)
    goal = np.array([0.0, 0.03, 0.74])
    if face.get("knot"):
        goal = np.array([0.0, -0.055, head.vertices[np.unique(head.quads), 2].max() + 0.016])
    reach = np.linalg.norm(points - goal, axis=1)
    wave = 0.05 * rng.normal(size=points.shape) + noise(rng, points, 0.015, 0.10)

    def field(at: np.ndarray, along: float) -> np.ndarray:
        return unit(goal - at) + wave

    edge = np.clip(scalp(place, face["recede"], 25), 0, 1)
    height = 0.0012 + 0.0085 * rng.random(len(points)) * edge
    strands = grow(points, normals, head.skin(), field, reach * 0.95, height, 14)
    strands = clump(strands, 16, 0.25, rng)
    return np.concatenate([strands, _knot(goal, rng)]) if face.get("knot") else strands


def _knot(centre: np.ndarray, rng: np.random.Generator, count: int = 5000) -> np.ndarray:
    """A round knot of wound strands."""
    axis = unit(np.array([0.0, 0.35, 1.0]) + 0.25 * rng.normal(size=(count, 3)))
    a = unit(np.cross(axis, rng.normal(size=(count, 3))))
    b = np.cross(axis, a)
    lift = rng.uniform(-1, 1, count)
    ring = np.sqrt(1 - 0.9 * lift**2)
    turn = rng.random(count)[:, None] * 6.28 + np.linspace(0, 2.4, 15)[None]
    radius = 0.030 * rng.uniform(0.93, 1.0, count)[:, None, None]
    spin = np.cos(turn)[..., None] * a[:, None] + np.sin(turn)[..., None] * b[:, None]
    return centre + radius * (ring[:, None, None] * spin + (0.8 * lift[:, None] * axis)[:, None])


STYLES = {style.__name__: style for style in (buzz, afro, short, swept, crop, bun, bob, long)}
