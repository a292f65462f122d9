"""What a participant is asked, and in which order: a pure function of study and number.

The same frozen version and number give the same trials on every machine. What was realised is
stored with the participant, so the analysis never has to rebuild it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from db.records import Plan
from study_app import offering
from study_app.frozen import Frozen
from study_app.item_orders import arranged
from study_app.parts import parts, role_of

Item = Mapping[str, Any]


def planned(
    frozen: Frozen,
    number: int,
    seed: int | None = None,
    background: Mapping[str, str] | None = None,
) -> list[Plan]:
    """The trials of the ``number``-th participant.

    Practice blocks come first, the others as `study_app.parts` says. Within a block, items stand as
    `study_app.item_orders` says; attention checks stand at random inner places. Options stand in
    the orders of a Williams design, or of the trial type's own design, taken in turn (see
    `study_app.allocation` and `study_app.offering`).

    Arguments:
        frozen: the study.
        number: the participant's number within the version and mode, from 1.
        seed: instead of the study's own.
        background: what they answered about themselves; blocks with another condition are left
            out, and each of the others is as it would be beside them. None: all blocks.

    Returns: the plans, positions counting from 1.
    """
    seed = frozen.study["seed"] if seed is None else seed
    plans: list[Plan] = []
    before: list[Item] = []
    for part in parts(frozen, number, seed):
        block, role = part.block, role_of(part.block)
        if not is_shown(block, background):
            continue
        whole = f"{seed} block {part.index}"
        mine = f"{whole} {part.name}" if part.name else whole
        rng = Random(f"{mine} participant {number}")
        orders = offering.orders(block, Random(f"{whole} orders"))
        faces = [item["face"] for item in frozen.of_role(role)]
        turns = offering.turns(block, [pick.turn for pick in part.picks])
        picks = [pick._replace(turn=turn) for pick, turn in zip(part.picks, turns, strict=True)]
        trials = [
            (role, pick.item, orders[pick.turn % len(orders)])
            for pick in arranged(picks, block.get("item_order", "spread"), rng, before, faces)
        ]
        for item in _checks(frozen, block, number):
            # Not first and not last: there a check is expected, or comes when all is done.
            first = min(1, len(trials))
            place = rng.randint(first, max(len(trials) - 1, first))
            trials.insert(place, ("attention", item, rng.choice(orders)))
        for role, item, order in trials:
            plans.append(_plan(len(plans) + 1, part.index, block, role, item, order, rng))
            before.append(item)
    return plans


def is_shown(block: Mapping[str, Any], background: Mapping[str, str] | None) -> bool:
    """Whether a block's condition holds for whoever answered so; None: nobody was asked yet.

    Example:
        >>> experts = {"show_if": {"question": "job", "is": ["engineer", "scientist"]}}
        >>> is_shown(experts, {"job": "engineer"}), is_shown(experts, {"job": "cook"})
        (True, False)
    """
    condition = block.get("show_if")
    if condition is None or background is None:
        return True
    return background.get(condition["question"]) in condition["is"]


def _checks(frozen: Frozen, block: Mapping[str, Any], number: int) -> list[Item]:
    there = frozen.of_role("attention")
    wanted = block.get("attention", 0)
    return [there[(number - 1 + i) % len(there)] for i in range(wanted)]


def _plan(
    position: int,
    index: int,
    block: Mapping[str, Any],
    role: str,
    item: Item,
    order: Sequence[int],
    rng: Random,
) -> Plan:
    offers = offering.offers(block, item, order, rng)
    config: dict[str, Any] = {}
    if "expected_positions" in item:
        config["expected_positions"] = list(item["expected_positions"])
    return Plan(position, index, role, block["trial"], item["id"], offers, config)
