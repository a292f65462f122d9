"""Tick any: what is shown, and which answers are possible."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from db.records import Offer
from explainers.problems import Problems
from study_app import trials
from study_app.trials import Checked, Invalid, Person, Trial, pick_any

OPTIONS = tuple(
    Offer(i + 1, name, name[0] * 64) for i, name in enumerate(["visual", "saliency", "inversion"])
)
ITEM = {"question": "Why?", "picture": "f" * 64, "alt": "Photograph of a face"}


def trial(expected=None, **parameters) -> Trial:
    return Trial(ITEM, "Tick", pick_any.Parameters(**parameters), OPTIONS, expected)


def test_the_view_tells_what_is_shown_and_nothing_else():
    view = pick_any.view(trial())
    assert view == json.loads(json.dumps(view))
    assert [o["letter"] for o in view["control"]["options"]] == ["A", "B", "C"]
    assert [o["sha256"][0] for o in view["control"]["options"]] == ["v", "s", "i"]
    assert view["control"]["options"][0]["alt"] == "Explanation A"
    assert (view["control"]["min"], view["control"]["max"]) == (1, 3)
    text = json.dumps(view).replace("s" * 64, "")
    assert not any(name in text for name in ("saliency", "inversion", "visual"))


@given(st.sets(st.sampled_from([1, 2, 3])))
def test_every_offered_option_gets_a_value(chosen):
    checked = pick_any.rows(trial(), {"chosen": list(chosen), "none": not chosen})
    assert checked == Checked({p: float(p in chosen) for p in (1, 2, 3)}, None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "could not be read"),
        ([1], "could not be read"),
        ({}, "could not be read"),
        ({"chosen": "12"}, "could not be read"),
        ({"chosen": [1], "none": 0}, "could not be read"),
        ({"chosen": [4], "none": False}, "not offered"),
        ({"chosen": [0]}, "not offered"),
        ({"chosen": [True]}, "not offered"),
        ({"chosen": [1.0]}, "not offered"),
        ({"chosen": [[1]]}, "not offered"),
        ({"chosen": [{}]}, "not offered"),
        ({"chosen": [1, 1]}, "contradicts itself"),
        ({"chosen": [1], "none": True}, "contradicts itself"),
        ({"chosen": [], "none": False}, "at least one explanation, or “None of them helps”"),
    ],
)
def test_impossible_answers_are_refused_in_plain_words(answer, words):
    with pytest.raises(Invalid, match=words):
        pick_any.rows(trial(), answer)


def test_at_most():
    few = trial(at_most=1)
    assert pick_any.view(few)["control"]["max"] == 1
    with pytest.raises(Invalid, match="at most 1"):
        pick_any.rows(few, {"chosen": [1, 2]})
    assert pick_any.view(trial(at_most=9))["control"]["max"] == 3


@pytest.mark.parametrize(("chosen", "right"), [([2], True), ([1, 2], False), ([1], False)])
def test_an_attention_check_is_right_only_as_asked(chosen, right):
    assert pick_any.rows(trial((2,)), {"chosen": chosen}).correct is right
    assert pick_any.rows(trial((2,)), {"chosen": [], "none": True}).correct is False


@pytest.mark.parametrize(
    "parameters", [{"nones": "x"}, {"none": " "}, {"at_most": 0}, {"alt": "A"}]
)
def test_parameters_are_checked(parameters):
    with pytest.raises(ValidationError):
        pick_any.Parameters(**parameters)


@given(st.integers(0, 10**6), st.integers(1, 3))
def test_simulated_answers_are_possible(seed, at_most):
    import random

    person = Person({"saliency": 0.9}, 0.5, random.Random(seed))
    for asked in (trial(at_most=at_most), trial((2,), at_most=at_most)):
        pick_any.rows(asked, pick_any.simulate(asked, person))


@pytest.mark.parametrize("name", trials.names())
def test_every_trial_type_declares_what_the_contract_names(name):
    kind = trials.load(name)
    assert kind.SCALE and kind.REFERENCE and all(kind.COLUMNS.values())
    assert all(callable(getattr(kind, part)) for part in ("view", "rows", "simulate"))
    for field in kind.Parameters.model_fields.values():
        assert field.description


def test_an_unknown_trial_type():
    with pytest.raises(Problems, match="did you mean 'pick_any'"):
        trials.load("pick_anny")
