"""The order of a participant's items within a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from study_app.orders.allocation import Pick, spread

Item = Mapping[str, Any]
RUN = 2
"""A model is asked about no more than so many times in a row, where that is possible."""
_DRAWS = 50


def arranged(
    picks: Sequence[Pick],
    how: str,
    rng: Random,
    before: Sequence[Item] = (),
    faces: Sequence[str] = (),
) -> list[Pick]:
    """The picks in the order in which they are asked.

    Arguments:
        how: ``fixed`` (in the order of ``faces``), ``shuffled``, or ``spread`` (shuffled, but no
            model more than `RUN` times in a row).
        rng: the source of chance. Where the order drawn from it shows a face twice in a row,
            further orders are drawn from a source of their own, so that nothing else changes.
        before: what the participant is asked before.
        faces: all faces in the order of the study file.
    """
    if how == "fixed":
        return sorted(picks, key=lambda pick: faces.index(pick.item["face"]))
    order = _drawn(picks, how, rng)
    again = Random(repr([pick.item["id"] for pick in order]))
    best = _twice(order, before)
    for _ in range(_DRAWS if best and len(order) > 1 else 0):
        other = _drawn(picks, how, again)
        if (found := _twice(other, before)) < best:
            order, best = other, found
        if not best:
            break
    return order


def _twice(order: Sequence[Pick], before: Sequence[Item]) -> int:
    """How often a face comes twice in a row."""
    faces = [item["face"] for item in (*before[-1:], *(pick.item for pick in order))]
    return sum(one == other != "" for one, other in pairwise(faces))


def _drawn(picks: Sequence[Pick], how: str, rng: Random) -> list[Pick]:
    shuffled = rng.sample(picks, len(picks))
    if how == "shuffled":
        return shuffled
    return [shuffled[i] for i in spread([pick.item["model"] for pick in shuffled], rng, RUN)]
