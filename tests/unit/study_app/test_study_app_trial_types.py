"""Each trial type: what it shows, which answers it takes, and what it makes of hostile ones."""

import json
import random
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from db.records import Offer
from db.scale import Scale
from study_app import trials
from study_app.trials import Checked, Invalid, Person, Trial, free_text, one_word, rating

NAMES = ["saliency", "inversion", "visualization"]
ITEM = {"question": "Why?", "picture": "f" * 64, "alt": "Photograph of a face"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
STATEMENTS = {"clear": "It is clear.", "true": "It is true."}
CASES = {
    "pick_any": {},
    "pick_one": {},
    "pick_one none": {"none": "None"},
    "pairwise": {},
    "pairwise tie": {"tie": "No difference"},
    "ranking": {},
    "rating": {},
    "rating statements": {"statements": STATEMENTS},
    "slider": {"steps": 10},
    "free_text": {"least": 3, "most": 90},
    "free_text each": {"about": "each", "least": 0},
    "one_word": {},
    "one_word each": {"about": "each"},
}


def asked(case: str, expected=None, **more) -> Trial:
    """A trial of the type that the case's first word names."""
    name = case.split()[0]
    kind = trials.load(name)
    parameters = kind.Parameters(**CASES[case], **more)
    names = NAMES[: 2 if name == "pairwise" else 3]
    beside = (trials.rule(name, "asked") or (lambda _: ()))(parameters)
    offers = [Offer(i, n, n[0] * 64) for i, n in enumerate([*names, *beside], 1)]
    return Trial(ITEM, "Do it", parameters, tuple(offers), expected)


def kind(case: str):
    return trials.load(case.split()[0])


@pytest.mark.parametrize("case", CASES)
def test_the_view_is_plain_data_that_gives_no_method_away(case):
    view = kind(case).view(asked(case))
    assert view == json.loads(json.dumps(view))
    control = view["control"]
    assert [o["letter"] for o in control["options"]] == list("ABC")[: len(control["options"])]
    assert not any(name in json.dumps(view) for name in NAMES)
    assert len(control["options"]) == (2 if case.startswith("pairwise") else 3)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_a_browser_sends_is_stored_whole_or_refused(case, data):
    keys = st.sampled_from(["chosen", "none", "order", "points", "numbers", "texts"])
    numbers = st.lists(st.integers(-1, 4) | st.booleans() | st.floats(0, 3), max_size=4)
    answer = data.draw(JSON | st.dictionaries(keys, JSON | numbers | st.lists(st.text())))
    trial = asked(case)
    try:
        checked = kind(case).rows(trial, answer)
    except Invalid as refused:
        assert str(refused).endswith(".")
        return
    positions = {offer.position for offer in trial.options}
    assert {*checked.values, *checked.texts} <= positions and (checked.values or checked.texts)
    assert all(type(value) is float for value in checked.values.values())
    for text in checked.texts.values():
        assert "\0" not in text and text == text.encode().decode().strip()
    scale = kind(case).SCALE
    values = sorted(checked.values.values())
    if scale == Scale.RANKING:
        assert values == [1, 2, 3]
    if scale == Scale.PAIRWISE:
        assert sum(values) == 1
    if case == "pick_one":
        assert values == [0, 0, 1]


@pytest.mark.parametrize("case", CASES)
def test_simulated_answers_are_possible_and_survive_json(case):
    for seed in range(40):
        trial = asked(case)
        person = Person({"saliency": 0.9, "inversion": 0.0}, 0.5, random.Random(seed))
        sent = json.loads(json.dumps(kind(case).simulate(trial, person)))
        kind(case).rows(trial, sent)


@pytest.mark.parametrize(
    ("case", "answer", "expected"),
    [
        ("pick_one", {"chosen": [2]}, {1: 0, 2: 1, 3: 0}),
        ("pick_one none", {"chosen": [], "none": True}, {1: 0, 2: 0, 3: 0}),
        ("pairwise", {"chosen": [1]}, {1: 1, 2: 0}),
        ("pairwise tie", {"chosen": [], "none": True}, {1: 0.5, 2: 0.5}),
        ("ranking", {"order": [3, 1, 2]}, {3: 1, 1: 2, 2: 3}),
        ("rating", {"points": [5, 1, 3]}, {1: 5, 2: 1, 3: 3}),
        ("rating statements", {"points": [2, 4]}, {4: 2, 5: 4}),
        ("slider", {"numbers": [0, 10, 7]}, {1: 0, 2: 10, 3: 7}),
    ],
)
def test_values(case, answer, expected):
    checked = kind(case).rows(asked(case), answer)
    assert checked == Checked({p: float(v) for p, v in expected.items()})


@pytest.mark.parametrize(
    ("case", "answer", "words"),
    [
        ("pick_one", {"chosen": [1, 2]}, "contradicts itself"),
        ("pick_one", {"chosen": [], "none": True}, "contradicts itself"),
        ("pick_one", {"chosen": []}, "Please choose one."),
        ("pick_one none", {"chosen": []}, "choose one, or “None”"),
        ("pairwise", {"chosen": [3]}, "not offered"),
        ("pairwise", {"chosen": [], "none": True}, "contradicts itself"),
        ("ranking", {"order": [1, 2]}, "could not be read"),
        ("ranking", {"order": [1, 2, 2]}, "does not order"),
        ("ranking", {"order": [True, 2, 3]}, "does not order"),
        ("ranking", {"order": [1, 2, {}]}, "does not order"),
        ("rating", {"points": [1, 2, None]}, "one point on each scale"),
        ("rating", {"points": [1, 2, 6]}, "one point on each scale"),
        ("rating", {"points": [1, 2, 0]}, "one point on each scale"),
        ("rating statements", {"points": [1, 2, 3]}, "could not be read"),
        ("slider", {"numbers": [1, 2, 11]}, "set the slider of each"),
        ("slider", {"numbers": [1, 2, 1.5]}, "set the slider of each"),
        ("slider", {"numbers": None}, "could not be read"),
        ("free_text", {"texts": ["  \0 "]}, "write something"),
        ("free_text", {"texts": ["ab"]}, "at least 3 characters"),
        ("free_text", {"texts": ["a" * 91]}, "at most 90 characters"),
        ("free_text", {"texts": ["eyes \ud83d"]}, "could not be read"),
        ("free_text", {"texts": [3]}, "could not be read"),
        ("free_text", {"texts": "eyes"}, "could not be read"),
        ("one_word", {"texts": ["two words"]}, "exactly one word"),
        ("one_word", {"texts": ["<b>eyes</b>"]}, "exactly one word"),
        ("one_word", {"texts": ["=SUM(A1)"]}, "exactly one word"),
        ("one_word", {"texts": ["x" * 41]}, "at most 40"),
        ("one_word each", {"texts": ["eyes", "mouth"]}, "could not be read"),
    ],
)
def test_impossible_answers_are_refused_in_plain_words(case, answer, words):
    with pytest.raises(Invalid, match=words):
        kind(case).rows(asked(case), answer)


def test_words_stand_with_what_they_are_about():
    hostile = '<img src=x onerror=alert(1)> =1+1 "quoted"'
    assert free_text.rows(asked("free_text"), {"texts": [f" {hostile}\r\n"]}).texts == {4: hostile}
    each = one_word.rows(asked("one_word each"), {"texts": ["eyes", " half-open ", "العين"]})
    assert each.texts == {1: "eyes", 2: "half-open", 3: "العين"} and each.values == {}


@pytest.mark.parametrize("word", ["l'œil", "काजल", "می‌خواهم", "眼", "T-Zone", "3D"])
def test_words_of_any_script_are_words(word):
    assert one_word.is_word(word)


@given(st.text())
def test_a_word_never_holds_space_or_markup(text):
    if one_word.is_word(text):
        assert len(text.split()) == 1 and not set(text) & set('<>&"=@+{}[]()\0\n')


@pytest.mark.parametrize(("expected", "chosen", "right"), [((2,), [2], True), ((2,), [1], False)])
@pytest.mark.parametrize("case", ["pick_one", "pairwise"])
def test_attention_checks(case, expected, chosen, right):
    assert kind(case).rows(asked(case, expected), {"chosen": chosen}).correct is right


def test_who_is_attentive_passes():
    for case in ("pick_one none", "pairwise tie"):
        trial = asked(case, (2,))
        sent = kind(case).simulate(trial, Person({}, 1.0, random.Random(1)))
        assert kind(case).rows(trial, sent).correct is True


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("rating", {"points": ["one"]}),
        ("rating", {"points": ["x"] * 12}),
        ("rating", {"statements": {"Not a name": "x"}}),
        ("slider", {"steps": 1}),
        ("free_text", {"least": 5, "most": 4}),
        ("free_text", {"about": "all"}),
        ("pairwise", {"none": "x"}),
        ("one_word", {"alt": "no letter"}),
    ],
)
def test_parameters_are_checked(name, parameters):
    with pytest.raises(ValidationError):
        trials.load(name).Parameters(**parameters)


@given(st.integers(2, 7), st.randoms(use_true_random=False))
def test_pairs_are_balanced_in_every_round(n, rng):
    orders = trials.load("pairwise").design(n, rng)
    once = n * (n - 1) // 2
    twice = orders + orders
    for start in range(len(orders)):
        seen = Counter(frozenset(order) for order in twice[start : start + once])
        assert seen == Counter(frozenset(pair) for pair in combinations(range(n), 2))
    assert len(set(orders)) == 2 * once
    left = Counter(order[0] for order in orders[:once])
    assert max(left.values()) - min(left[i] for i in range(n)) <= 1


def test_statements_keep_their_order_and_their_names():
    assert rating.asked(rating.Parameters(statements=STATEMENTS)) == ("clear", "true")
