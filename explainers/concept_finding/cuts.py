"""The best cut of a number: above it a word is said to be true."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def best_iou_cuts(values: Array, shares: Array) -> tuple[Array, Array]:
    """The cut of each unit with the largest IoU, and that IoU; each [K].

    Formula: ``IoU(t) = sum_p y_p [v_p > t] / (sum_p y_p + sum_p (1 - y_p) [v_p > t])``, at all cuts
    between two neighbouring values at once.

    Arguments:
        values: of K units at P places, [K, P].
        shares: the word's share ``y`` of each place, in [0, 1], [P].

    Example:
        >>> cuts, ious = best_iou_cuts(np.array([[0.0, 1.0, 2.0, 3.0]]), np.array([0, 0, 1, 1]))
        >>> cuts.tolist(), ious.tolist()
        ([1.5], [1.0])
    """
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, 1).astype(float)
    inside = np.cumsum(shares[order], 1, dtype=float)
    outside = np.arange(1, values.shape[1] + 1) - inside
    ious = inside / np.maximum(shares.sum() + outside, 1e-12)
    below = np.concatenate([ordered[:, 1:], ordered[:, -1:] - 1], axis=1)
    ious[ordered == below] = -1  # no cut parts equal values
    best = ious.argmax(1)[:, None]
    here, there = (np.take_along_axis(each, best, 1)[:, 0] for each in (ordered, below))
    return (here + there) / 2, np.take_along_axis(ious, best, 1)[:, 0]


def best_accuracy_cuts(values: Array, true: Array) -> tuple[Array, Array, Array]:
    """The cut of each unit with the best balanced accuracy, its side and that accuracy; each [K].

    Formula: mean of the share of true ones on their side and the share of false ones on theirs.

    Arguments:
        values: [K, N].
        true: bool, [N]; some true, some false.

    Returns: cuts, sides (1: true above the cut, -1: below), balanced accuracies.

    Example:
        >>> values = np.array([[3.0, 2.0, 1.0]])
        >>> cuts, sides, right = best_accuracy_cuts(values, np.array([False, True, True]))
        >>> cuts.tolist(), sides.tolist(), right.tolist()
        ([2.5], [-1], [1.0])
    """
    true = np.asarray(true, bool)
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, 1).astype(float)
    hits = np.cumsum(true[order], 1) / true.sum()
    alarms = np.cumsum(~true[order], 1) / (~true).sum()
    gain = hits - alarms  # 2 accuracy - 1
    below = np.concatenate([ordered[:, 1:], ordered[:, -1:] - 1], axis=1)
    gain[ordered == below] = 0
    best = np.abs(gain).argmax(1)[:, None]
    here, there, gained = (np.take_along_axis(a, best, 1)[:, 0] for a in (ordered, below, gain))
    return (here + there) / 2, np.where(gained < 0, -1, 1), (1 + np.abs(gained)) / 2
