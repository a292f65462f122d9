"""Which questions about concepts a participant gets, and whose turn each is among the orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from random import Random
from typing import Any

from study_app.allocation import Pick


def windows(items: Sequence[Mapping[str, Any]], n: int, number: int, seed: str) -> list[Pick]:
    """The ``n`` questions of the ``number``-th participant: a window that moves along all of them.

    With L items in one shuffled order, participant p (from 0) is asked at place k about item
    (n p + k) mod L, and it is the turn of order k + floor(p / P), where P = L / gcd(n, L) is after
    how many participants the windows come again. So

    - each item is asked equally often after P participants,
    - one participant meets the orders in turn, without a gap,
    - each time the windows come again, each item meets the next order.

    Arguments:
        items: what can be asked.
        n: how many to give; at most the number of items.
        number: the participant's number, from 1.
        seed: shuffles the items once for the study.

    Example:
        >>> [pick.turn for pick in windows([{"id": name} for name in "abc"], 3, 2, "")]
        [1, 2, 3]
    """
    if n > len(items):
        raise ValueError(f"{n} items are asked for, but there are {len(items)}")
    listed = Random(f"{seed} items").sample(list(items), len(items))
    p = number - 1
    start = p // (len(listed) // gcd(n, len(listed)))
    return [Pick(listed[(n * p + k) % len(listed)], start + k) for k in range(n)]
