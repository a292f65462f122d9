"""Blocks that only some participants get: decided by their background, exact to the last trial."""

import json
from collections import Counter
from pathlib import Path

import pytest

from db import schema
from db.records import PREFER_NOT
from study_app import trials
from study_app.frozen import Frozen
from study_app.orders.sequence import planned
from study_app.participation import session
from study_app.participation.session import Page
from study_app.participation.trial_data import progress
from study_app.trials import Person

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
USERS = {"question": "explainability", "is": ["user", PREFER_NOT]}


def branching() -> str:
    """Practice and a question for all, pairs and a practice of them for users only, then words."""
    data = json.loads(FROZEN)
    options = ["saliency", "inversion", "visualization"]
    block = {"trial": "pick_any", "items": 2, "prompt": "Do", "options": options}
    data["study"]["blocks"] = [
        {**block, "items": 1, "role": "practice"},
        {**block, "attention": 1},
        {**block, "trial": "pairwise", "items": 3, "show_if": USERS},
        {**block, "trial": "pick_one", "items": 1, "role": "practice", "show_if": USERS},
        {"trial": "one_word", "items": 1, "prompt": "Say", "options": []},
    ]
    return json.dumps(data)


@pytest.fixture
def branched(store):
    version = store.add_version("section7", branching())
    store.set_status(version, "live")
    return version


def enrolled(store, version, answer):
    token = session.new_token(store)
    session.give_consent(store, token, version, "live", agreed=True)
    study = session.state(store, token).study
    choices = {question["id"]: next(iter(question["choices"])) for question in study.background}
    assert session.save_background(store, token, choices | {"explainability": answer}) == {}
    # twice: the second time changes nothing, whatever it says
    session.save_background(store, token, choices | {"explainability": "user"})
    session.finish_instructions(store, token)
    return token


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("never", "pick_any pick_any pick_any pick_any one_word"),
        ("user", "pick_any pick_one pick_any pick_any pick_any " + "pairwise " * 3 + "one_word"),
        (PREFER_NOT, "pick_any pick_one pick_any pick_any pick_any pairwise pairwise pairwise "
         "one_word"),
    ],
)  # fmt: skip
def test_everybody_gets_their_blocks_and_is_done_after_the_last(store, branched, answer, expected):
    token = enrolled(store, branched, answer)
    seen, labels = [], []
    while (here := session.state(store, token)).page == Page.TRIAL:
        assert here.completion_code is None
        assert (here.answered, here.total) == (len(seen), len(expected.split()))
        kind = trials.load(here.trial.type)
        assert here.trial.view == kind.view(here.asked)
        seen.append(here.trial.type)
        labels.append(progress(here.trial)[0])
        sent = {"answer": kind.simulate(here.asked, Person({}))}
        assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    assert seen == expected.split()
    assert here.page == Page.DEBRIEFING and here.completion_code
    practice = 1 if answer == "never" else 2
    of = len(seen) - practice
    counted = [f"Question {n} of {of}" for n in range(1, of + 1)]
    assert labels == ["Practice question"] * practice + counted
    rows = store.responses(version=branched).dicts()
    assert Counter(row["type"] for row in rows)["pairwise"] == 2 * seen.count("pairwise")
    assert [r["position"] for r in rows] == sorted(r["position"] for r in rows)


def test_what_was_planned_on_joining_leaves_no_trace(store, branched):
    token = enrolled(store, branched, "never")
    with store.reading() as connection:
        trials_there = {row.id for row in connection.execute(schema.trial.select())}
        offered = {row.trial for row in connection.execute(schema.trial_option.select())}
    assert len(trials_there) == 5 and offered == trials_there
    assert store.count_trials(store.assignment(token)["id"]) == 5


def test_the_blocks_that_all_get_are_the_same_for_all():
    study = Frozen.parse("0", branching())
    for number in range(1, 30):
        whole = planned(study, number)
        some = planned(study, number, background={"explainability": "never"})
        assert [p[1:] for p in some] == [p[1:] for p in whole if p.block not in (2, 3)]
        assert [p.position for p in some] == list(range(1, 6))
