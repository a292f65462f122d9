"""Hair strands grown over a head: roots, a direction field, a height above the skin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, cKDTree

Density = Callable[[np.ndarray], np.ndarray]  # chance of a root at reference points
Field = Callable[[np.ndarray, float], np.ndarray]  # direction at points, at a part of the way


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors of length one."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


@dataclass(frozen=True)
class Roots:
    """Points on triangles of the body: triangle corners [N, 3] and barycentric weights [N, 3]."""

    corners: np.ndarray
    weights: np.ndarray

    def on(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and outward normals [N, 3] on a head."""
        a, b, c = (vertices[self.corners[:, k]] for k in range(3))
        points = np.einsum("nk,nkd->nd", self.weights, vertices[self.corners])
        return points, unit(np.cross(b - a, c - a))


def sample_roots(
    reference: np.ndarray, quads: np.ndarray, density: Density, count: int, rng: np.random.Generator
) -> Roots:
    """Up to `count` roots spread evenly by area, kept with probability density(points)."""
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    a, b, c = (reference[triangles[:, k]] for k in range(3))
    chance = density((a + b + c) / 3) + density(a) + density(b) + density(c)
    triangles = triangles[chance > 0]
    a, b, c = (reference[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    corners, weights, found = [], [], 0
    for _ in range(40):
        pick = rng.choice(len(triangles), 2 * count, p=area / area.sum())
        w = np.sort(rng.random((2 * count, 2)), axis=1)
        w = np.c_[w[:, 0], w[:, 1] - w[:, 0], 1 - w[:, 1]]
        points = np.einsum("nk,nkd->nd", w, reference[triangles[pick]])
        keep = density(points) > rng.random(len(points))
        corners.append(triangles[pick][keep])
        weights.append(w[keep])
        found += int(keep.sum())
        if found >= count:
            break
    return Roots(np.concatenate(corners)[:count], np.concatenate(weights)[:count])


class Surface:
    """Signed distance to a surface given by dense points with outward normals."""

    def __init__(self, points: np.ndarray, normals: np.ndarray) -> None:
        self.points, self.normals, self.tree = points, normals, cKDTree(points)

    def height(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Height above the surface [N] and the smoothed normal [N, 3] there."""
        distance, index = self.tree.query(at, k=6)
        weight = 1 / (distance + 2e-3)
        weight /= weight.sum(1, keepdims=True)
        normal = unit(np.einsum("nk,nkd->nd", weight, self.normals[index]))
        foot = np.einsum("nk,nkd->nd", weight, self.points[index])
        return ((at - foot) * normal).sum(1), normal

    @classmethod
    def of_quads(cls, vertices: np.ndarray, quads: np.ndarray) -> Surface:
        """A surface sampled at 3 x 3 points of each quad."""
        steps = np.array([1, 3, 5]) / 6
        u, v = (grid.ravel()[None, :, None] for grid in np.meshgrid(steps, steps))
        a, b, c, d = (vertices[quads[:, k]][:, None] for k in range(4))
        points = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d
        normal = unit(np.cross(vertices[quads[:, 2]] - vertices[quads[:, 0]],
                               vertices[quads[:, 3]] - vertices[quads[:, 1]]))  # fmt: skip
        return cls(points.reshape(-1, 3), np.repeat(normal, points.shape[1], 0))

    @classmethod
    def of_hull(cls, points: np.ndarray, rng: np.random.Generator) -> Surface:
        """The convex hull of points, sampled evenly: a cap that spans ears and hollows."""
        hull = ConvexHull(points)
        a, b, c = (points[hull.simplices[:, k]] for k in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        pick = rng.choice(len(area), 12000, p=area / area.sum())
        w = np.sort(rng.random((len(pick), 2)), axis=1)
        w = np.c_[w[:, 0], w[:, 1] - w[:, 0], 1 - w[:, 1]]
        on = w[:, :1] * a[pick] + w[:, 1:2] * b[pick] + w[:, 2:] * c[pick]
        return cls(on, hull.equations[pick, :3])


def grow(
    roots: np.ndarray,
    normals: np.ndarray,
    surface: Surface,
    field: Field,
    length: np.ndarray,
    height: np.ndarray,
    steps: int,
    cling: Density | None = None,
    stiffness: float = 0.35,
) -> np.ndarray:
    """Strands [N, steps + 1, 3] that follow `field` over a surface.

    field(points, along) gives the wished direction [N, 3]; `height` [N] is the wished height of
    the middle part above the surface; cling(points) [N] in 0..1 says how strongly a strand is
    held there (1: it lies on the head; 0: it hangs and is only kept from going inside).
    """
    points, strands = roots.copy(), [roots.copy()]
    heading = unit(normals * 0.6 + unit(field(points, 0.0)))
    for step in range(steps):
        along = (step + 1) / steps
        above, normal = surface.height(points)
        wish = field(points, along)
        hold = np.ones(len(points)) if cling is None else cling(points)
        flat = wish - (wish * normal).sum(1, keepdims=True) * normal
        wish = unit(np.where(hold[:, None] > 0.5, flat, wish))
        heading = unit((1 - stiffness) * heading + stiffness * 2 * wish)
        points = points + heading * (length / steps)[:, None]
        above, normal = surface.height(points)
        goal = height * min(1.0, along / 0.35)
        lift = np.where(above < goal, goal - above, (goal - above) * 0.6 * hold)
        points = points + lift[:, None] * normal
        strands.append(points.copy())
    return np.stack(strands, 1)


def clump(strands: np.ndarray, size: int, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Pull the tips of neighbouring strands together into locks of about `size` strands."""
    guides = rng.choice(len(strands), max(1, len(strands) // size), replace=False)
    _, nearest = cKDTree(strands[guides, 0]).query(strands[:, 0])
    along = np.linspace(0, 1, strands.shape[1])[None, :, None]
    return strands + strength * along**1.2 * (strands[guides][nearest] - strands)
