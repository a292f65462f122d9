"""Teeth and tongue, kept inside the lips."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

CLEARANCE = 0.0012  # metres behind the outer skin


def behind_lips(vertices: np.ndarray, teeth: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """Vertices with every tooth vertex moved back until it is behind the outer skin before it.

    `teeth` are vertex indices, `outer` the indices of the vertices of the skin on the front of
    the face without the inside of the mouth. Where the mouth is open there is no skin in front
    of a tooth, or only skin on the far side of the triangulated gap, and a tooth stays.
    """
    flat = vertices[outer][:, [0, 2]]
    triangles = Delaunay(flat)
    found = triangles.find_simplex(vertices[teeth][:, [0, 2]])
    moved = vertices.copy()
    for tooth, simplex in zip(teeth, found, strict=True):
        if simplex >= 0:
            skin = vertices[outer[triangles.simplices[simplex]], 1].max()
            moved[tooth, 1] = max(moved[tooth, 1], skin + CLEARANCE)
    return moved
