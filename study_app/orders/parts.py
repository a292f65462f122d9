"""The parts that a participant walks through: blocks in their order, and what each asks about.

A block that is repeated has a part for each of its explanations, or for each network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

from study_app.designs import in_turn, many
from study_app.frozen import Frozen
from study_app.orders.allocation import Pick, items_for
from study_app.orders.concept_turns import windows

Block = Mapping[str, Any]
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Trials that stand together.

    Arguments:
        index: the block's place in the study file, from 0.
        name: the explanation or the network that it is about; empty for a whole block.
        block: the block as this part asks it.
        picks: what is asked about, in no order yet.
    """

    index: int
    name: str
    block: Block
    picks: Sequence[Pick]


def role_of(block: Block) -> str:
    """What the block's trials are for: main or practice."""
    return str(block.get("role", "main"))


def parts(frozen: Frozen, number: int, seed: int) -> Iterator[Part]:
    """The parts of the ``number``-th participant, in order, whatever the blocks' conditions."""
    for index in block_order(frozen, number, seed):
        yield from _parts(frozen, index, number, seed)


def block_order(frozen: Frozen, number: int, seed: int) -> list[int]:
    """The blocks' places in the study file, in the order of the ``number``-th participant.

    Practice comes first. The others stand as in the file or, by the study's ``block_order``,
    change places among themselves, except those that are ``fixed``.
    """
    practice = [i for i, block in enumerate(frozen.blocks) if role_of(block) == "practice"]
    order = [i for i, block in enumerate(frozen.blocks) if role_of(block) != "practice"]
    places = [place for place, i in enumerate(order) if not frozen.blocks[i].get("fixed")]
    how = frozen.study.get("block_order", "fixed")
    moving = [order[place] for place in places]
    turn = in_turn(how, len(moving), number, f"{seed} blocks")
    for place, new in zip(places, turn, strict=True):
        order[place] = moving[new]
    return practice + order


def _parts(frozen: Frozen, index: int, number: int, seed: int) -> Iterator[Part]:
    """A block's parts.

    Where each part has other faces, all participants of a round of the design share their items,
    so that in every round each item meets each explanation equally often. After the rounds in
    which each item had its turn, the items' shares change places, so that they also come early
    and late equally often.
    """
    block = frozen.blocks[index]
    pool = frozen.of_block(index)
    count, own = block["items"], f"{seed} {index}"
    repeat = block.get("repeat")
    if block.get("concepts"):
        yield Part(index, "", block, windows(pool, count, number, own))
        return
    if repeat is None:
        yield Part(index, "", block, items_for(pool, count, number, own))
        return
    names = _levels(block, pool)
    how, others = repeat.get("order", "williams"), repeat.get("items", "other") == "other"
    order = in_turn(how, len(names), number, f"{own} repeated")
    turn = (number - 1) // many(how, len(names))
    for place, level in enumerate(order):
        name = names[level]
        one = {**block, "options": [name]} if repeat["for"] == "options" else block
        mine = [item for item in pool if repeat["for"] == "options" or item["model"] == name]
        if not others:
            yield Part(index, name, one, items_for(mine, count, number, own))
            continue
        total = count * len(names)
        share = (place + turn // _cycle(mine, total)) % len(names)
        picks = items_for(mine, total, turn + 1, own)
        yield Part(index, name, one, picks[share * count : (share + 1) * count])


def _levels(block: Block, pool: Sequence[Item]) -> list[str]:
    if block["repeat"]["for"] == "options":
        return list(block["options"])
    return list(dict.fromkeys(item["model"] for item in pool))


def cycle_of(frozen: Frozen, index: int, orders: int) -> int:
    """After how many participants a block's items, orders and parts all begin anew.

    Arguments:
        index: the block's place in the study file, from 0.
        orders: how many orders its explanations have.
    """
    block, pool = frozen.blocks[index], frozen.of_block(index)
    count, repeat = block["items"], block.get("repeat")
    if block.get("concepts"):
        return len(pool) // gcd(count, len(pool)) * orders
    if repeat is None:
        return _cycle(pool, count, orders)
    names = _levels(block, pool)
    mine = [item for item in pool if repeat["for"] == "options" or item["model"] == names[0]]
    rounds = many(repeat.get("order", "williams"), len(names))
    if repeat.get("items", "other") == "same":
        return lcm(rounds, _cycle(mine, count, orders))
    total = count * len(names)
    return rounds * lcm(_cycle(mine, total, orders), _cycle(mine, total) * len(names))


def _cycle(items: Sequence[Item], n: int, orders: int = 1) -> int:
    """After how many participants of ``n`` items each `items_for` and orders begin anew."""
    faces, models = ({item[key] for item in items} for key in ("face", "model"))
    grid = len(faces) * len(models) == len(items)
    size = (len(faces) if grid else len(items)) * orders
    return size // gcd(n, size) * (len(models) if grid else 1)
