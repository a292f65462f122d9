"""What the orders of a study hold to, checked over the plans of all of its participants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, product
from math import lcm
from random import Random
from typing import Any

from db.records import Plan
from study_app.designs import many
from study_app.frozen import Frozen
from study_app.orders import offering
from study_app.orders.item_orders import RUN
from study_app.orders.parts import cycle_of, role_of
from study_app.orders.sequence import planned
from study_app.questions.items import pairs
from study_app.study_file.study import Study

MOST = 240
"""So many participants are looked at if the orders take longer to begin anew."""


@dataclass(frozen=True)
class Property:
    """Something that the orders should hold to.

    Arguments:
        name: in words.
        holds: whether they do, for everybody who was looked at.
        detail: how it stands, or why it cannot hold.
    """

    name: str
    holds: bool
    detail: str = ""

    def __str__(self) -> str:
        """In one line."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.name}: {'holds' if self.holds else 'no'}{detail}"


def round_of(frozen: Frozen) -> int:
    """After how many participants blocks, items and orders all begin anew."""
    moving = [b for b in frozen.blocks if role_of(b) != "practice" and not b.get("fixed")]
    found = many(frozen.study.get("block_order", "fixed"), len(moving))
    for index, block in enumerate(frozen.blocks):
        if role_of(block) != "practice":
            orders = len(offering.orders(block, Random(0)))
            found = lcm(found, cycle_of(frozen, index, orders))
    return found


def stand_in(study: Study) -> Frozen:
    """The study before pictures and concepts exist, as far as its orders need it."""
    plain = study.model_dump(mode="json", by_alias=True, exclude_none=True)
    plain["blocks"] = [block for block in plain["blocks"] if not block.get("concepts")]
    items = tuple(
        {"id": f"{model}-{face}", "role": role, "model": model, "face": face, "picture": "",
         "options": []}
        for role, model, face in pairs(study)
    )  # fmt: skip
    return Frozen("", plain, "", "", "", items)


def properties(frozen: Frozen, participants: int | None = None) -> list[Property]:
    """What the orders of the first participants hold to.

    Arguments:
        participants: how many; `round_of` them, but at most `MOST`, if None.
    """
    number = min(round_of(frozen), MOST) if participants is None else participants
    walks = [planned(frozen, n) for n in range(1, number + 1)]
    found = [_faces(frozen, walks), _models(frozen, walks)]
    for index, block in enumerate(frozen.blocks):
        if role_of(block) != "practice":
            place = f" in block {index + 1}" if len(frozen.blocks) > 1 else ""
            mine = [[p for p in walk if p.block == index and p.role == "main"] for walk in walks]
            found += _block(frozen, block, place, mine)
            asked = Counter(plan.item for walk in mine for plan in walk)
            there = [item["id"] for item in frozen.of_block(index)]
            found.append(_even(f"each question is asked equally often{place}", asked, there))
    if frozen.study.get("block_order", "fixed") != "fixed":
        found.append(_blocks(frozen, walks))
    return found


def _faces(frozen: Frozen, walks: Sequence[Sequence[Plan]]) -> Property:
    people, blocks = 0, set()
    for walk in walks:
        faces = [(plan.block, frozen.item(plan.role, plan.item)["face"]) for plan in walk]
        twice = [(a[0], b[0]) for a, b in pairwise(faces) if a[1] == b[1] != ""]
        people += bool(twice)
        blocks |= {one == other for one, other in twice}
    where = ", between blocks" if blocks == {False} else ""
    return _rarely("no face twice in a row", people, len(walks), where)


def _models(frozen: Frozen, walks: Sequence[Sequence[Plan]]) -> Property:
    def long(walk: Sequence[Plan]) -> bool:
        main = [plan for plan in walk if plan.role == "main"]
        named = [(plan.block, frozen.item(plan.role, plan.item)["model"]) for plan in main]
        several = {block for block, _ in named if len({m for b, m in named if b == block}) > 1}
        runs = ((key, len(list(run))) for key, run in groupby(named))
        return any(block in several and length > RUN for (block, _), length in runs)

    single = len({item["model"] for item in frozen.of_role("main")}) == 1
    name = "no network more than twice in a row within a block"
    if single:
        return Property(name, False, "there is one network")
    return _rarely(name, sum(map(long, walks)), len(walks))


def _rarely(name: str, times: int, people: int, where: str = "") -> Property:
    """Whether it happens to nobody."""
    detail = f"not for {times} of {people} participants{where}" if times else ""
    return Property(name, not times, detail)


def _block(
    frozen: Frozen, block: Mapping[str, Any], place: str, walks: Sequence[Sequence[Plan]]
) -> Iterator[Property]:
    repeat = block.get("repeat") or {}
    names = offering.offered(block)
    if repeat:
        alone = repeat["for"] == "options"
        of = {item["id"]: item["model"] for item in frozen.of_role("main")}
        walked = [[p.options[0].option if alone else of[p.item] for p in walk] for walk in walks]
        places = Counter(
            (n, name) for walk in walked for n, (name, _) in enumerate(groupby(walk), start=1)
        )
        levels = names if alone else list(dict.fromkeys(of.values()))
        what = "explanation" if alone else "network"
        name = f"each {what} has its part equally often at each place{place}"
        yield _ordered(name, repeat.get("order", "williams"), places, levels)
    if repeat and alone:
        met = Counter((p.item, p.options[0].option) for walk in walks for p in walk)
        wanted = list(product(sorted({item for item, _ in met}), names))
        yield _even(f"each explanation meets each question equally often{place}", met, wanted)
    elif (shown := offering.shown_at_once(block)) > 1:
        places = Counter((o.position, o.option) for w in walks for p in w for o in p.options)
        name = f"each explanation stands equally often at each place{place}"
        own = not set(names) <= set(block.get("options") or ())
        how = "williams" if own else block.get("order", "williams")
        yield _ordered(name, how, places, names, shown)


def _blocks(frozen: Frozen, walks: Sequence[Sequence[Plan]]) -> Property:
    places: Counter[tuple[int, str]] = Counter()
    moving: dict[str, None] = {}
    for walk in walks:
        order = list(dict.fromkeys(plan.block for plan in walk))
        there = [i for i in order if role_of(frozen.blocks[i]) != "practice"]
        free = [i for i in there if not frozen.blocks[i].get("fixed")]
        moving |= dict.fromkeys(map(str, sorted(free)))
        places.update((n, str(i)) for n, i in enumerate(free, start=1))
    how = frozen.study["block_order"]
    return _ordered("each block comes equally often at each place", how, places, list(moving))


def _ordered(
    name: str,
    how: str,
    places: Mapping[tuple[int, str], int],
    names: Sequence[str],
    shown: int | None = None,
) -> Property:
    """Whether all ``names`` are at all places equally often, unless ``how`` does not promise it."""
    if how == "fixed":
        return Property(name, False, "the order is fixed")
    if how in ("random", "shuffled"):
        return Property(name, False, "orders are drawn, so that only the average is even")
    wanted = [(n + 1, option) for n in range(shown or len(names)) for option in names]
    return _even(name, places, wanted)


def _even(name: str, counts: Mapping[Any, int], wanted: Sequence[Any]) -> Property:
    """Whether everything ``wanted`` was counted equally often."""
    often = [counts.get(key, 0) for key in wanted]
    low, high = min(often, default=0), max(often, default=0)
    same = f"{low} times each" if low == high else f"{low} to {high} times"
    return Property(name, low == high, same)
