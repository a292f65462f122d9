"""What a participant is asked, and in which order: a pure function of study and number.

The same frozen version and number give the same trials on every machine. What was realised is
stored with the participant, so the analysis never has to rebuild it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from random import Random
from typing import Any

from db.records import Plan
from study_app.frozen import Frozen
from study_app.orders import offering
from study_app.orders.item_orders import arranged
from study_app.orders.parts import Part, parts, role_of

Item = Mapping[str, Any]


def planned(
    frozen: Frozen,
    number: int,
    seed: int | None = None,
    background: Mapping[str, str] | None = None,
) -> list[Plan]:
    """The trials of the ``number``-th participant.

    Practice blocks come first, the others as `parts` says. Within a block, items stand as
    `item_orders` says; attention checks stand at random inner places. Options stand in the orders
    of a Williams design, or of the trial type's own design, taken in turn (see `allocation` and
    `offering`).

    Positions are left free for the further rounds of practice (`practised_again`), so that what
    comes after them has the same position for everybody.

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
    position = 1
    for index, own in groupby(parts(frozen, number, seed), key=lambda part: part.index):
        block = frozen.blocks[index]
        if is_shown(block, background):
            asked = [plan for part in own for plan in _asked(frozen, part, number, seed, before)]
            plans += _placed(asked, position, 1 if block.get("practice") else None)
            position += len(asked) * rounds(block)
    return plans


def practised_again(
    frozen: Frozen, number: int, index: int, attempt: int, position: int
) -> list[Plan]:
    """A round of a block of practice: what participants after this one begin with.

    So items and orders take their next turn, as in the design.

    Arguments:
        number: the participant's number.
        index: the block's place in the study file, from 0.
        attempt: which round, from 1; the first is that of `planned`.
        position: of its first trial.
    """
    seed, turn = frozen.study["seed"], number + attempt - 1
    own = [part for part in parts(frozen, turn, seed) if part.index == index]
    asked = [plan for part in own for plan in _asked(frozen, part, turn, seed, [])]
    return list(_placed(asked, position, attempt))


def rounds(block: Mapping[str, Any]) -> int:
    """How many times a block may be asked.

    Example:
        >>> rounds({"practice": {"attempts": 3}}), rounds({})
        (3, 1)
    """
    return int((block.get("practice") or {"attempts": 1})["attempts"])


def _asked(
    frozen: Frozen, part: Part, number: int, seed: int, before: list[Item]
) -> Iterator[Plan]:
    """The trials of a part in their order; adds their items to those asked ``before``."""
    block, role = part.block, role_of(part.block)
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
        # Not first and not last: there a check is expected, or comes when all is done. After one
        # question for practice it would look like one that counts.
        first = min(1, len(trials) - (role == "practice"))
        place = rng.randint(first, max(len(trials) - 1, first))
        # One that may be tried again tells nothing about attention.
        kind = role if block.get("practice") else "attention"
        trials.insert(place, (kind, item, rng.choice(orders)))
    for role, item, order in trials:
        yield _plan(part.index, block, role, item, order, rng)
        before.append(item)


def _placed(plans: Sequence[Plan], first: int, attempt: int | None) -> Iterator[Plan]:
    """The plans at their positions; in a block with rounds the round stands in ``config``."""
    for position, plan in enumerate(plans, start=first):
        config = plan.config if attempt is None else {**plan.config, "attempt": attempt}
        yield plan._replace(position=position, config=config)


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
    return Plan(0, index, role, block["trial"], item["id"], offers, config)
