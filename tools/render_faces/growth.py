"""What every hairstyle grows on: a head, its roots, and noise that neighbouring strands share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from anatomy import CROWN
from scipy.spatial import cKDTree
from strands import Density, Surface, sample_roots, unit


@dataclass(frozen=True)
class Head:
    """What a hairstyle needs to know about a head."""

    reference: np.ndarray  # vertices of the mean head
    vertices: np.ndarray  # of this head
    quads: np.ndarray  # of its skin above the chest
    ears: np.ndarray  # which of these quads belong to the ears
    rng: np.random.Generator

    def skin(self) -> Surface:
        """The skin without the ears."""
        return Surface.of_quads(self.vertices, self.quads[~self.ears])

    def roots(self, density: Density, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Positions and normals on this head, and positions on the mean head."""
        found = sample_roots(self.reference, self.quads, density, count, self.rng)
        points, normals = found.on(self.vertices)
        return points, normals, found.on(self.reference)[0]


def from_crown(points: np.ndarray) -> np.ndarray:
    """Directions away from the whorl, as hair grows by itself."""
    return unit(points - CROWN)


def noise(rng: np.random.Generator, roots: np.ndarray, cell: float, amount: float) -> np.ndarray:
    """Noise [N, 3] that neighbours within about `cell` metres share."""
    low, high = roots.min(0), roots.max(0)
    seeds = low + rng.random((int(np.prod((high - low) / cell)) + 20, 3)) * (high - low)
    distance, index = cKDTree(seeds).query(roots, k=4)
    weight = 1 / (distance + 0.2 * cell) ** 2
    values = rng.normal(size=(len(seeds), 3))[index]
    return amount * (values * weight[..., None]).sum(1) / weight.sum(1, keepdims=True)
