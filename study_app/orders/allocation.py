"""Which items a participant gets, so that models, faces and orders are balanced over participants.

Counterbalancing by number: nothing is drawn at random that can be taken in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import gcd
from random import Random
from typing import Any, NamedTuple

Item = Mapping[str, Any]


class Pick(NamedTuple):
    """An item for a participant, and whose turn it is among the orders of the options."""

    item: Item
    turn: int


def items_for(items: Sequence[Item], n: int, number: int, seed: str) -> list[Pick]:
    """The ``n`` items of the ``number``-th participant, before they are shuffled.

    With F faces and M models, each pair an item, participant p (from 0) is asked at place i about
    the face q mod F, q = n floor(p / M) + i, with the model (i mod F + s_r + p) mod M, where
    r = floor(i / F) and s_r makes the rounds over the faces differ. So

    - no face comes twice before all faces came once,
    - each participant gets the models as equally often as possible,
    - M consecutive participants get each model with each face of that window once,
    - turn = q mod F + floor(q / F): each item meets each order of the options in turn.

    Items that do not form such a grid are taken in turn, in one shuffled order.

    Arguments:
        items: what can be asked: ``model``, ``face``.
        n: how many to give; at most the number of items.
        number: the participant's number, from 1.
        seed: shuffles the faces once for the study.
    """
    if n > len(items):
        raise ValueError(f"{n} items are asked for, but there are {len(items)}")
    faces = sorted({item["face"] for item in items})
    models = list(dict.fromkeys(item["model"] for item in items))
    grid = {(item["model"], item["face"]): item for item in items}
    p = number - 1
    if len(grid) < len(faces) * len(models) or len(grid) < len(items):
        listed = Random(f"{seed} items").sample(list(items), len(items))
        window = range(p * n, p * n + n)
        return [Pick(listed[q % len(listed)], q % len(listed) + q // len(listed)) for q in window]
    Random(f"{seed} faces").shuffle(faces)
    many, kinds = len(faces), len(models)
    starts = _starts(many, kinds)
    picks = []
    for i in range(n):
        q = n * (p // kinds) + i
        model = models[(i % many + starts[i // many] + p) % kinds]
        picks.append(Pick(grid[model, faces[q % many]], q % many + q // many))
    return picks


def _starts(faces: int, models: int) -> list[int]:
    """Where each round over the faces begins among the models.

    A round uses ``faces mod models`` models once more than the others; the next round begins
    where these end, until the circle closes, then one further.
    """
    step = faces % models
    circle = models // gcd(step, models)
    return [(r * step + r // circle) % models for r in range(models)]


def spread(kinds: Sequence[str], rng: Random, most: int = 2) -> list[int]:
    """A random order of things in which no kind stands more than ``most`` times in a row.

    Each place is drawn from the things that leave the rest solvable: k things of a kind fit into
    the gaps between ``rest`` others if k <= most (rest + 1), less what stands before the first.
    Where there is no such order, the things stand in the order given from there on.

    Arguments:
        kinds: the kind of each thing.
        rng: the source of chance.
        most: the longest run.

    Returns: the indices of ``kinds`` in their new order.

    Example:
        >>> "".join("aaaab"[i] for i in spread("aaaab", Random(1)))
        'aabaa'
    """
    left = list(range(len(kinds)))
    order: list[int] = []
    last, run = "", 0
    while left:
        counts = Counter(kinds[i] for i in left)
        fit = [
            i
            for i in left
            if not (kinds[i] == last and run == most)
            and _solvable(
                counts - Counter([kinds[i]]), kinds[i], run * (kinds[i] == last) + 1, most
            )
        ]
        chosen = rng.choice(fit) if fit else left[0]
        left.remove(chosen)
        order.append(chosen)
        run = run + 1 if kinds[chosen] == last else 1
        last = kinds[chosen]
    return order


def _solvable(counts: Counter[str], last: str, run: int, most: int) -> bool:
    total = sum(counts.values())
    return all(
        count <= most * (total - count + 1) - (run if kind == last else 0)
        for kind, count in counts.items()
    )
