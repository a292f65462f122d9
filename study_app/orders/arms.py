"""Arms: what differs between groups of participants, and who gets into which.

The database puts everybody who joins into the arm in which the fewest have finished or are under
way (`db.places`), so the arms are balanced on those who finish. Places are counted within each arm
and plans are made by place, so people at the same place of two arms are asked the same questions,
and what differs between them is the arm alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from db.records import Plan
from study_app.frozen import Frozen
from study_app.orders.sequence import planned


def names(frozen: Frozen) -> tuple[str, ...]:
    """The arms in the order of the study file; one without a name where there are none."""
    return tuple(frozen.study.get("arms") or ("",))


def preferred(frozen: Frozen, number: int) -> list[str]:
    """The arms in the order in which the ``number``-th participant would take them.

    It decides where several arms are equally full, so that nobody can tell the next one.
    """
    there = names(frozen)
    return Random(f"{frozen.study['seed']} arms {number}").sample(there, len(there))


def nth(frozen: Frozen, number: int) -> tuple[int, str]:
    """Place and arm of the ``number``-th participant if everybody finishes."""
    there = names(frozen)
    full, before = divmod(number - 1, len(there))
    left = list(there)
    for one in range(number - before, number + 1):
        arm = next(name for name in preferred(frozen, one) if name in left)
        left.remove(arm)
    return full + 1, arm


def plans(frozen: Frozen, number: int) -> list[Plan]:
    """The trials of the ``number``-th participant if everybody finishes."""
    place, arm = nth(frozen, number)
    return planned(in_arm(frozen, arm), place)


def in_arm(frozen: Frozen, arm: str) -> Frozen:
    """The study as the participants of an arm get it; the version stays what it is."""
    if not arm:
        return frozen
    own = frozen.study["arms"][arm]
    blocks = [within(own, block) for block in frozen.blocks]
    return replace(frozen, study={**frozen.study, "blocks": blocks})


def within(arm: Mapping[str, Any], block: Mapping[str, Any]) -> Mapping[str, Any]:
    """One block as the participants of an arm get it.

    Example:
        >>> within({"options": ["b"]}, {"options": ["a", "b"], "order": "fixed"})
        {'options': ['b'], 'order': 'fixed'}
    """
    options = [name for name in block["options"] if name in (arm.get("options") or [name])]
    order = {"order": arm["order"]} if arm.get("order") else {}
    return {**block, "options": options, **order}
