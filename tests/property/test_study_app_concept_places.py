"""Where the intruder and the concept's row stand: balanced within a participant and over them."""

from collections import Counter
from itertools import pairwise
from math import gcd
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study_app.frozen import Frozen
from study_app.orders.concept_turns import windows
from study_app.orders.sequence import planned
from study_app.trials import coherency, intruder

OFFERED = {"intruder": 6, "coherency": 2}
RIGHT = {"intruder": "intruder", "coherency": "concept"}


def study(trial: str, many: int, items: int, seed: int = 7) -> Frozen:
    """A study with ``many`` questions about concepts, of which each participant gets ``items``."""
    module = {"intruder": intruder, "coherency": coherency}[trial]
    names = module.offered(module.Parameters())
    found = tuple(
        {
            "id": f"{trial}-{n}", "about": "concept", "concept": f"c{n % 7}", "family": "ace",
            "model": "age", "layer": "x", "target": "happy", "face": "", "role": "main",
            "blocks": [0], "question": "", "picture": "", "alt": "",
            "options": [{"option": name, "sha256": f"{n}-{name}"} for name in names],
        }
        for n in range(many)
    )  # fmt: skip
    block = {"trial": trial, "items": items, "prompt": "Which?", "options": [], "concepts": ["ace"]}
    return Frozen("0", {"seed": seed, "blocks": [block]}, "", "", "", found)


def place(plan, trial: str) -> int:
    return next(o.position for o in plan.options if o.option == RIGHT[trial])


@settings(max_examples=40, deadline=None)
@given(
    trial=st.sampled_from(sorted(OFFERED)),
    many=st.integers(6, 24),
    share=st.floats(0.1, 1),
    number=st.integers(1, 500),
    seed=st.integers(0, 9),
)
def test_balanced_within_a_participant(trial, many, share, number, seed):
    items = max(1, round(many * share))
    plans = planned(study(trial, many, items, seed), number)
    assert len({plan.item for plan in plans}) == items
    m = OFFERED[trial]
    counts = Counter(place(plan, trial) for plan in plans)
    assert sum(counts.values()) == items
    assert max(counts.values()) - min(counts[n] for n in range(1, m + 1)) <= 1
    for plan in plans:
        assert sorted(o.position for o in plan.options) == list(range(1, m + 1))
        assert {o.sha256.partition("-")[0] for o in plan.options} == {plan.item.partition("-")[2]}


@settings(max_examples=15, deadline=None)
@given(trial=st.sampled_from(sorted(OFFERED)), many=st.integers(6, 15), data=st.data())
def test_balanced_over_participants_for_each_question(trial, many, data):
    items = data.draw(st.integers(1, many))
    m = OFFERED[trial]
    people = m * many // gcd(items, many)
    frozen, places = study(trial, many, items), Counter()
    for number in range(1, people + 1):
        for plan in planned(frozen, number):
            places[plan.item, place(plan, trial)] += 1
    assert len(places) == many * m
    assert set(places.values()) == {people * items // (many * m)}


@settings(max_examples=15, deadline=None)
@given(trial=st.sampled_from(sorted(OFFERED)), many=st.integers(6, 40), data=st.data())
def test_balanced_whenever_one_looks(trial, many, data):
    items, people = data.draw(st.integers(1, many)), data.draw(st.integers(1, 50))
    m, frozen, places = OFFERED[trial], study(trial, many, items), Counter()
    for number in range(1, people + 1):
        places.update(place(plan, trial) for plan in planned(frozen, number))
    again = (people - 1) // (many // gcd(items, many))
    assert max(places.values()) - min(places[n] for n in range(1, m + 1)) <= 1 + again


@pytest.mark.parametrize("trial", sorted(OFFERED))
def test_all_questions_for_everybody_are_balanced_after_as_many_people_as_places(trial):
    m, places = OFFERED[trial], Counter()
    frozen = study(trial, 15, 15)
    for number in range(1, m + 1):
        for plan in planned(frozen, number):
            places[plan.item, place(plan, trial)] += 1
    assert set(places.values()) == {1} and len(places) == 15 * m


@given(n=st.integers(3, 12), seed=st.integers(0, 99))
def test_the_intruders_design_hides_where_it_comes_next(n, seed):
    orders = intruder.design(n, Random(seed))
    assert all(sorted(order) == list(range(n)) for order in orders)
    places = [order.index(n - 1) for order in orders]
    for start in range(len(orders) - n + 1):
        assert set(places[start : start + n]) == set(range(n))


def test_the_order_of_trials_tells_nothing_about_the_next_place():
    steps = Counter()
    frozen = study("intruder", 18, 15)
    for number in range(1, 61):
        places = [place(plan, "intruder") for plan in planned(frozen, number)]
        steps.update((b - a) % 6 for a, b in pairwise(places))
    total = sum(steps.values())
    assert all(0.08 < steps[step] / total < 0.25 for step in range(1, 6)), steps


@given(many=st.integers(1, 30), concepts=st.integers(1, 9), number=st.integers(1, 99))
def test_no_concept_comes_twice_before_all_came(many, concepts, number):
    items = [{"id": str(n), "concept": n % concepts} for n in range(many)]
    listed = [pick.item for pick in windows(items, many, 1, "seed")]
    assert sorted(item["id"] for item in listed) == sorted(item["id"] for item in items)
    rounds = [item["concept"] for item in listed]
    first = rounds[: min(concepts, many)]
    assert len(set(first)) == len(first)
    picks = windows(items, many, number, "seed")
    assert [pick.turn for pick in picks] == list(range(number - 1, number - 1 + many))


def test_more_than_there_are_cannot_be_asked():
    with pytest.raises(ValueError, match="3 items are asked for"):
        windows([{"concept": "a"}], 3, 1, "")
