"""Which sets of players to ask about: the few that weigh most, and random ones of the others."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from explainers.saliency.shapley_parts import all_coalitions

Array = npt.NDArray[Any]


def sample_coalitions(players: int, samples: int, seed: int) -> tuple[Array, Array]:
    """At most ``samples`` different coalitions, neither none nor all, and their weights.

    The sizes ``s`` and ``n - s`` weigh ``1 / (s (n - s))``. A pair of sizes is used in full while
    its share of the remaining samples has room for all its coalitions. Random ones are spread over
    the other sizes as evenly as their weights allow; one that is drawn again weighs more.

    Returns: bool, [N, n], each coalition next to its complement where they were drawn; float64,
    [N], with the sum 1.
    """
    if players == 1:
        return np.zeros((0, 1), bool), np.zeros(0)
    if 2**players - 2 <= samples:
        shown = all_coalitions(players)[1:-1]
        sizes = shown.sum(1)
        counts = np.array([comb(players, int(size)) for size in sizes])
        weights = 1 / (counts * sizes * (players - sizes))
        return shown, weights / weights.sum()
    sizes = np.arange(1, players // 2 + 1)
    # Both sizes of a pair; the middle one is its own partner.
    mass = np.where(2 * sizes == players, 1, 2) / (sizes * (players - sizes))
    mass = mass / mass.sum()
    rows: list[Array] = []
    weights_: list[Array] = []
    full = 0
    left = samples
    for size, share in zip(sizes, mass, strict=True):
        count = comb(players, int(size)) * (1 if 2 * size == players else 2)
        if count > left * share / mass[full:].sum():
            break
        some = _all_of_size(players, int(size))
        both = np.stack([some, ~some], 1).reshape(-1, players)
        rows.append(both)
        weights_.append(np.full(len(both), share / len(both)))
        left -= count
        full += 1
    drawn, times = _draw(players, sizes[full:], mass[full:], left // 2, seed)
    rows.append(np.stack([drawn, ~drawn], 1).reshape(-1, players))
    weights_.append(np.repeat(times / times.sum() * mass[full:].sum() / 2, 2))
    weights = np.concatenate(weights_)
    return np.concatenate(rows), weights / weights.sum()


def _all_of_size(players: int, size: int) -> Array:
    """All sets of ``size`` players; half of them, without complements, where that is the middle."""
    sets = np.array(list(combinations(range(players), size)))
    if 2 * size == players:
        sets = sets[sets[:, 0] == 0]
    shown = np.zeros((len(sets), players), bool)
    np.put_along_axis(shown, sets, True, axis=1)
    return shown


def _draw(players: int, sizes: Array, mass: Array, pairs: int, seed: int) -> tuple[Array, Array]:
    """``pairs`` random sets and how often each was drawn; only one of a set and its complement."""
    rng = np.random.default_rng(seed)
    found: dict[bytes, int] = {}
    edges = np.cumsum(mass / mass.sum())
    edges[-1] = 1.0
    # The golden ratio's multiples spread over [0, 1) evenly, however many are needed.
    places = (rng.random() + np.arange(50 * pairs) * 0.6180339887498949) % 1.0
    for size in sizes[np.searchsorted(edges, places, side="right").clip(max=len(sizes) - 1)]:
        if len(found) == pairs:
            break
        chosen = np.zeros(players, bool)
        chosen[rng.permutation(players)[:size]] = True
        if 2 * size == players and not chosen[0]:
            chosen = ~chosen
        found[chosen.tobytes()] = found.get(chosen.tobytes(), 0) + 1
    drawn = np.array([np.frombuffer(key, bool) for key in found]).reshape(-1, players)
    return drawn, np.array(list(found.values()), float)
