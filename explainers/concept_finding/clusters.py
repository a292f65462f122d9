"""Pieces that a network sees as alike: k-means, and which clusters are worth being concepts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans

Array = npt.NDArray[Any]


def clusters(
    features: Array, faces: Sequence[str], count: int, least: int, seed: int
) -> list[npt.NDArray[np.int64]]:
    """Groups of pieces that are near each other in a network's features, those most alike first.

    Source: Ghorbani et al., Towards Automatic Concept-based Explanations (2019), Section 3.
    Formula: k-means; within a cluster pieces are ordered by their distance to its centre, so that
    outliers come last and fall away where only the first ones are kept.

    Arguments:
        features: [N, C], a row for each piece.
        faces: which face each piece is of, N of them.
        count: how many clusters are looked for.
        least: clusters with fewer pieces are left out, and those of too few faces (`common`).
        seed: of the first centres.

    Returns: rows of each cluster that is kept, nearest first; large clusters first.

    Example:
        >>> features = np.array([[0.0], [0.1], [0.3], [9.0], [9.1], [9.3]])
        >>> [group.tolist() for group in clusters(features, "abcabc", 2, least=2, seed=0)]
        [[1, 0, 2], [4, 3, 5]]
    """
    count = min(count, len(np.unique(features, axis=0)))
    found = KMeans(count, n_init=10, random_state=seed).fit(features)
    away = ((features - found.cluster_centers_[found.labels_]) ** 2).sum(1)
    groups = []
    for label in range(count):
        (rows,) = np.nonzero(found.labels_ == label)
        if len(rows) >= least and common([faces[row] for row in rows.tolist()], len(set(faces))):
            groups.append(rows[np.argsort(away[rows], kind="stable")])
    return sorted(groups, key=lambda rows: (-len(rows), rows[0]))


def common(faces: Sequence[str], among: int) -> bool:
    """Whether a cluster is of enough different faces to be something that they share.

    Source: the code of Ghorbani et al. (github.com/amiratag/ACE), ``discover_concepts``.
    Formula: with ``f`` different faces in ``n`` pieces, of ``m`` faces: ``f > n / 2``, or ``f > n /
    4`` and ``f > m / 4``, or ``f > n / 10`` and ``f > m / 2``.

    Arguments:
        faces: which face each piece of the cluster is of.
        among: m.

    Example:
        >>> common(["f01"] * 3, among=10), common(["f01", "f02", "f01"], among=10)
        (False, True)
    """
    n, f = len(faces), len(set(faces))
    return f > n / 2 or (f > n / 4 and f > among / 4) or (f > n / 10 and f > among / 2)
