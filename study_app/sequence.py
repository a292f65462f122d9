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
from study_app.allocation import Pick, items_for, spread
from study_app.frozen import Frozen

Item = Mapping[str, Any]


def planned(
    frozen: Frozen,
    number: int,
    seed: int | None = None,
    background: Mapping[str, str] | None = None,
) -> list[Plan]:
    """The trials of the ``number``-th participant.

    Practice blocks come first. Within a block, items are shuffled so that no model is asked about
    more than twice in a row where that is possible; attention checks stand at random inner places.
    Options stand in the orders of a Williams design, or of the trial type's own design, taken in
    turn (see `study_app.allocation` and `study_app.offering`).

    Arguments:
        frozen: the study.
        number: the participant's number within the version and mode, from 1.
        seed: instead of the study's own.
        background: what they answered about themselves; blocks with another condition are left
            out, and each of the others is as it would be beside them. None: all blocks.

    Returns: the plans, positions counting from 1.
    """
    seed = frozen.study["seed"] if seed is None else seed
    blocks = sorted(enumerate(frozen.blocks), key=lambda block: _role(block[1]) != "practice")
    plans: list[Plan] = []
    for index, block in blocks:
        if not is_shown(block, background):
            continue
        rng = Random(f"{seed} block {index} participant {number}")
        orders = offering.orders(block, Random(f"{seed} block {index} orders"))
        picks = items_for(frozen.of_role(_role(block)), block["items"], number, f"{seed} {index}")
        turns = offering.turns(block, [pick.turn for pick in picks])
        picks = [pick._replace(turn=turn) for pick, turn in zip(picks, turns, strict=True)]
        trials = [
            (_role(block), pick.item, orders[pick.turn % len(orders)])
            for pick in _order(picks, rng)
        ]
        for item in _checks(frozen, block, number):
            # Not first and not last: there a check is expected, or comes when all is done.
            first = min(1, len(trials))
            place = rng.randint(first, max(len(trials) - 1, first))
            trials.insert(place, ("attention", item, rng.choice(orders)))
        for role, item, order in trials:
            plans.append(_plan(len(plans) + 1, index, block, role, item, order, rng))
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


def _role(block: Mapping[str, Any]) -> str:
    return str(block.get("role", "main"))


def _order(picks: Sequence[Pick], rng: Random) -> list[Pick]:
    shuffled = rng.sample(picks, len(picks))
    return [shuffled[i] for i in spread([pick.item["model"] for pick in shuffled], rng)]


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
