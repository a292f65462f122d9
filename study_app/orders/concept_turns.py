"""Which questions about concepts a participant gets, and whose turn each is among the orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import gcd
from random import Random
from typing import Any

from study_app.orders.allocation import Pick

Item = Mapping[str, Any]


def windows(items: Sequence[Item], n: int, number: int, seed: str) -> list[Pick]:
    """The ``n`` questions of the ``number``-th participant: a window that moves along all of them.

    The items stand in rounds: in each round one about each concept, shuffled. With L items in all,
    participant p (from 0) is asked at place k about item
    (n p + k) mod L, and it is the turn of order n (p mod P) + k + floor(p / P), where
    P = L / gcd(n, L) is after how many participants the windows come again. So

    - each item is asked equally often after P participants,
    - no concept comes again before nearly all came, where n is no more than there are concepts,
    - one participant meets the orders in turn, without a gap, and the next one goes on where they
      stopped: at any time all orders were met equally often, but for one or two times,
    - each time the windows come again, each item meets the next order.

    Arguments:
        items: what can be asked.
        n: how many to give; at most the number of items.
        number: the participant's number, from 1.
        seed: shuffles the items once for the study.

    Example:
        >>> abc = [{"concept": name} for name in "abc"]
        >>> [pick.turn for pick in windows(abc, 2, 2, "")], windows(abc, 2, 4, "")[0].turn
        ([2, 3], 1)
    """
    if n > len(items):
        raise ValueError(f"{n} items are asked for, but there are {len(items)}")
    listed = _in_rounds(items, Random(f"{seed} items"))
    p = number - 1
    again, place = divmod(p, len(listed) // gcd(n, len(listed)))
    start = n * place + again
    return [Pick(listed[(n * p + k) % len(listed)], start + k) for k in range(n)]


def _in_rounds(items: Sequence[Item], rng: Random) -> list[Item]:
    before: Counter[str] = Counter()
    places: list[tuple[int, int, Item]] = []
    for item in rng.sample(list(items), len(items)):
        before[item["concept"]] += 1
        places.append((before[item["concept"]], len(places), item))
    return [item for _, _, item in sorted(places, key=lambda place: place[:2])]
