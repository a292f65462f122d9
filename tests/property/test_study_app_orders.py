"""Orders and allocation: balanced over participants, whatever the study's size."""

import json
from collections import Counter, defaultdict
from itertools import groupby, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study_app.designs import williams
from study_app.frozen import Frozen
from study_app.orders.allocation import items_for, spread
from study_app.orders.sequence import planned

DATA = json.loads(
    (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text(encoding="utf-8")
)
FROZEN = Frozen.parse("0" * 64, json.dumps(DATA))


def longest(kinds) -> int:
    return max((len(list(run)) for _, run in groupby(kinds)), default=0)


def grid(models: int, faces: int):
    return [{"model": f"m{m}", "face": f"f{f}"} for m in range(models) for f in range(faces)]


@given(st.integers(2, 9))
def test_williams_every_option_everywhere_and_after_every_other_equally_often(n):
    orders = williams(n)
    assert len(orders) == (n if n % 2 == 0 else 2 * n)
    places = Counter((place, option) for order in orders for place, option in enumerate(order))
    assert len(places) == n * n and len(set(places.values())) == 1
    neighbours = Counter(pair for order in orders for pair in pairwise(order))
    assert len(neighbours) == n * (n - 1) and len(set(neighbours.values())) == 1


def test_williams_of_one_and_none():
    assert williams(1) == ((0,),)
    with pytest.raises(ValueError, match="at least one"):
        williams(0)


@given(st.lists(st.sampled_from("abcd"), max_size=24), st.randoms(use_true_random=False))
def test_spread_keeps_runs_short_wherever_that_is_possible(kinds, rng):
    order = spread(kinds, rng)
    assert sorted(order) == list(range(len(kinds)))
    if all(n <= 2 * (len(kinds) - n + 1) for n in Counter(kinds).values()):
        assert longest(kinds[i] for i in order) <= 2


def test_spread_reaches_every_order():
    found = {tuple("aabb"[i] for i in spread("aabb", Random(n))) for n in range(200)}
    assert len(found) == 6


@given(st.integers(1, 5), st.integers(1, 9), st.data())
def test_items_are_shared_out_evenly(models, faces, data):
    n = data.draw(st.integers(1, models * faces))
    items = grid(models, faces)
    group = data.draw(st.integers(0, 5))
    together = Counter()
    for number in range(group * models + 1, (group + 1) * models + 1):
        mine = [pick.item for pick in items_for(items, n, number, "seed")]
        names = [(item["model"], item["face"]) for item in mine]
        assert len(set(names)) == n
        seen = Counter(item["face"] for item in mine)
        assert max(seen.values()) - min(seen[i["face"]] for i in items) <= 1
        asked = Counter(item["model"] for item in mine)
        assert max(asked.values()) - min(asked[f"m{m}"] for m in range(models)) <= 1
        together.update(names)
    # As many participants as models: each model with each face of this window equally often.
    for face in {face for _, face in together}:
        assert len({together[f"m{m}", face] for m in range(models)}) == 1


@given(st.integers(1, 4), st.integers(1, 6))
def test_each_item_meets_each_order_in_turn(models, faces):
    items, orders = grid(models, faces), 6
    turns = defaultdict(Counter)
    for number in range(1, models * orders + 1):
        for pick in items_for(items, faces, number, "s"):
            turns[pick.item["model"], pick.item["face"]][pick.turn % orders] += 1
    assert len(turns) == models * faces
    assert all(set(count.values()) == {1} and len(count) == orders for count in turns.values())


def test_items_without_a_grid_come_in_turn():
    items = grid(3, 4)[:-1]
    given_ = Counter()
    for number in range(1, 12):
        mine = [pick.item for pick in items_for(items, 5, number, "s")]
        given_.update((item["model"], item["face"]) for item in mine)
    assert set(given_.values()) == {5} and len(given_) == 11
    with pytest.raises(ValueError, match="12 items are asked for, but there are 11"):
        items_for(items, 12, 1, "s")


@settings(max_examples=30)
@given(st.integers(1, 500), st.integers(0, 2**63 - 1))
def test_section7_for_any_participant_and_seed(number, seed):
    plans = planned(FROZEN, number, seed)
    assert plans == planned(FROZEN, number, seed)
    assert [plan.position for plan in plans] == list(range(1, 11))
    roles = [plan.role for plan in plans]
    assert roles[0] == "practice" and roles.count("attention") == 1 and roles.count("main") == 8
    assert roles[1] == "main" and roles[-1] == "main"
    main = [FROZEN.item(plan.role, plan.item) for plan in plans if plan.role == "main"]
    assert len({item["face"] for item in main}) == 8
    assert sorted(Counter(item["model"] for item in main).values()) == [2, 3, 3]
    assert longest(item["model"] for item in main) <= 2
    for plan in plans:
        pictures = {o["option"]: o["sha256"] for o in FROZEN.item(plan.role, plan.item)["options"]}
        assert [offer.position for offer in plan.options] == [1, 2, 3]
        assert {offer.option: offer.sha256 for offer in plan.options} == pictures


@given(st.integers(1, 300))
@settings(max_examples=20)
def test_three_consecutive_participants_see_every_model_with_every_face(first):
    seen = Counter(
        plan.item
        for number in range(first, first + 3)
        for plan in planned(FROZEN, number)
        if plan.role == "main"
    )
    assert len(seen) == 24 and set(seen.values()) == {1}


def test_option_orders_are_balanced_over_items_participants_and_neighbours():
    orders, places = defaultdict(Counter), Counter()
    for number in range(1, 19):
        mine = Counter()
        for plan in planned(FROZEN, number):
            if plan.role == "main":
                order = tuple(offer.option for offer in plan.options)
                orders[plan.item][order] += 1
                mine[order] += 1
                places.update(enumerate(order))
        assert len(mine) == 6 and max(mine.values()) == 2
    assert all(set(count.values()) == {1} and len(count) == 6 for count in orders.values())
    assert len(places) == 9 and set(places.values()) == {18 * 8 // 3}


def test_practice_comes_first_wherever_it_stands_and_checks_move():
    data = json.loads(json.dumps(DATA))
    data["study"]["blocks"].reverse()
    frozen = Frozen.parse("1" * 64, json.dumps(data))
    places = set()
    for number in range(1, 40):
        plans = planned(frozen, number)
        assert plans[0].role == "practice" and plans[0].block == 1
        places |= {plan.position for plan in plans if plan.role == "attention"}
    assert places == set(range(3, 10))


@pytest.mark.parametrize(("order", "kinds"), [("fixed", 1), ("random", 6)])
def test_other_orders(order, kinds):
    data = json.loads(json.dumps(DATA))
    data["study"]["blocks"][1]["order"] = order
    frozen = Frozen.parse("2" * 64, json.dumps(data))
    seen = {
        tuple(offer.option for offer in plan.options)
        for number in range(1, 10)
        for plan in planned(frozen, number)
        if plan.role == "main"
    }
    assert len(seen) == kinds
    if order == "fixed":
        assert seen == {("saliency", "inversion", "visualization")}


def test_participants_differ_and_so_do_seeds():
    orders = {tuple(plan.item for plan in planned(FROZEN, n)) for n in range(1, 60)}
    assert len(orders) == 59
    assert planned(FROZEN, 1, 1) != planned(FROZEN, 1, 2)
