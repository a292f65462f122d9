"""A map of the plane that carries points exactly to points, and everything between with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import Delaunay

from explainers.face import Array

ROUNDING = 1e-9
FLAT = 1e-3
"""A triangle is folded when its area falls below this fraction of what it was."""


@dataclass(frozen=True, eq=False)
class PiecewiseAffine:
    """A map of the plane that is affine in each triangle, and so exact at their corners.

    Formula: a point with barycentric coordinates ``b`` in a triangle of ``source`` goes to ``sum_k
    b_k t_k`` with that triangle's corners ``t`` in ``target``. Beyond the triangles the nearest
    one's map goes on.

    Arguments:
        source: the points that are carried, [P, 2].
        target: where to, [P, 2].
        triangles: numbers of the points at each triangle's corners, [T, 3]. As long as none of them
            is folded (`mesh` sees to it) the map can be inverted.

    Example:
        >>> square = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], float)
        >>> PiecewiseAffine(square, square * 2 + 1, np.array([[0, 1, 2], [3, 1, 2]]))(square[3] / 4)
        array([1.5, 1.5])
    """

    source: Array
    target: Array
    triangles: Array

    def __call__(self, points: Array) -> Array:
        """Where ``points`` [..., 2] go, [..., 2]."""
        places = np.asarray(points, float).reshape(-1, 2)
        moved = np.empty_like(places)
        inside = np.full(len(places), -np.inf)
        x, y = places.T
        for corners in self.triangles:
            (left, top), (right, bottom) = self.source[corners].min(0), self.source[corners].max(0)
            near = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
            self._carry(corners, near.nonzero()[0], places, moved, inside)
        beyond = (inside < -ROUNDING).nonzero()[0]
        for corners in self.triangles if len(beyond) else ():
            self._carry(corners, beyond, places, moved, inside)
        return moved.reshape(np.shape(points))

    def _carry(
        self, corners: Array, which: Array, places: Array, moved: Array, inside: Array
    ) -> None:
        """Carry those of the places ``which`` that are further inside this triangle."""
        a, b, c = self.source[corners]
        second = (places[which] - a) @ np.linalg.inv(np.stack([b - a, c - a]))
        barycentric = np.column_stack([1 - second.sum(1), second])
        least = barycentric.min(1)
        better = least > inside[which]
        moved[which[better]] = barycentric[better] @ self.target[corners]
        inside[which[better]] = least[better]

    @property
    def inverse(self) -> PiecewiseAffine:
        """The map back."""
        return PiecewiseAffine(self.target, self.source, self.triangles)


def mesh(source: Array, target: Array, fixed: int) -> PiecewiseAffine:
    """The piecewise affine map between two sets of points that folds nowhere.

    The triangles are those of Delaunay among ``source``. Where ``target`` would turn some of them
    over (a closed eye, say, whose lids' points cross), the point that most of them have in common
    is left out, until none is.

    Arguments:
        source, target: [P, 2].
        fixed: how many of the first points stay in any case, such as a frame around the others
            that is the same in both.

    Example:
        >>> frame = np.array([[0, 0], [4, 0], [0, 4], [4, 4]], float)
        >>> inner = np.array([[1, 2], [3, 2]], float)
        >>> len(mesh(np.vstack([frame, inner]), np.vstack([frame, inner + 0.5]), 4).source)
        6
        >>> len(mesh(np.vstack([frame, inner]), np.vstack([frame, inner[::-1]]), 4).source) < 6
        True
    """
    kept = np.arange(len(source))
    while True:
        triangles = Delaunay(source[kept]).simplices
        before, after = (_areas(points[kept], triangles) for points in (source, target))
        folded = triangles[after * np.sign(before) <= FLAT * np.abs(before)]
        folded = folded[folded >= fixed]
        if not len(folded):
            return PiecewiseAffine(source[kept], target[kept], triangles)
        kept = np.delete(kept, np.bincount(folded).argmax())


def _areas(points: Array, triangles: Array) -> Array:
    a, b, c = points[triangles.T]
    u, v = b - a, c - a
    return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
