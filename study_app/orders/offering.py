"""What the trials of a block offer, by the rules of its trial type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from pydantic import BaseModel

from db.records import Offer
from study_app import trials
from study_app.designs import latin_square, williams

COMMON = frozenset(
    (
        *("trial", "name", "role", "items", "item_order", "prompt", "options", "order"),
        *("concepts", "repeat", "fixed", "attention", "show_if", "practice"),
    )
)
"""A block's keys that belong to every trial type; the others are the type's own parameters."""

Block = Mapping[str, Any]


def parameters(block: Block) -> BaseModel:
    """The validated parameters of the block's trial type."""
    own = {key: value for key, value in block.items() if key not in COMMON}
    return trials.load(block["trial"]).Parameters.model_validate(own)


def offered(block: Block) -> list[str]:
    """What each question of the block offers: its options, or what a concept's question has."""
    own = trials.rule(block["trial"], "offered")
    return list(block["options"] if own is None else own(parameters(block)))


def orders(block: Block, rng: Random) -> list[tuple[int, ...]]:
    """The orders of what the block offers, to be taken in turn.

    A Williams design, shuffled, or a Latin square, unless the trial type has a design of its own.
    """
    n = len(offered(block))
    own = trials.rule(block["trial"], "design")
    if own is not None:
        return list(own(n, rng))
    if n and block.get("order") == "latin_square":
        return list(latin_square(n, rng))
    found: list[tuple[int, ...]] = list(williams(n)) if n else [()]
    rng.shuffle(found)
    return found


def turns(block: Block, given: Sequence[int]) -> list[int]:
    """Whose turn each of a participant's items is among the orders.

    Orders of all options are taken by item, so that each item meets each order. A design of the
    type's own, such as pairs, is taken without gaps, so that each participant meets all of it.
    """
    if trials.rule(block["trial"], "design") is None or not given:
        return list(given)
    return list(range(given[0], given[0] + len(given)))


def offers(
    block: Block, item: Mapping[str, Any], order: Sequence[int], rng: Random
) -> tuple[Offer, ...]:
    """What one trial offers: explanations in their order, then what is asked beside them.

    Arguments:
        order: which of the block's options, see `orders`.
        rng: for blocks whose order is random.
    """
    pictures = {entry["option"]: entry["sha256"] for entry in item["options"]}
    options = offered(block)
    own = trials.rule(block["trial"], "offered") is not None
    how = "williams" if own else block.get("order", "williams")
    balanced = how in ("williams", "latin_square")
    arranged = [options[i] for i in (order if balanced else sorted(order))]
    if how == "random":
        rng.shuffle(arranged)
    names = [*arranged, *asked(block)]
    # A statement or a text about the item shows no picture of its own: it is about the face's.
    return tuple(
        Offer(i, name, pictures.get(name, item["picture"])) for i, name in enumerate(names, 1)
    )


def asked(block: Block) -> tuple[str, ...]:
    """What is answered beside the explanations, such as statements; mostly nothing."""
    own = trials.rule(block["trial"], "asked")
    return () if own is None else tuple(own(parameters(block)))


def shown_at_once(block: Block) -> int:
    """How many explanations stand side by side in one trial of the block."""
    return len(orders(block, Random(0))[0])
