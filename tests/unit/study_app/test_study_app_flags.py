"""Rules of quality in the exported data: a column each, explained, beside everybody's answers."""

import csv
import json
from pathlib import Path
from random import Random

import pytest

from db.records import Mode, Status
from db.store import Store
from study_app import export, trials
from study_app.frozen import frozen
from study_app.participation import session
from study_app.simulate import draw_background, draw_person

ROOT = Path(__file__).parents[3]
DATA = json.loads((ROOT / "tests" / "data" / "frozen_section7.json").read_text("utf-8"))
QUALITY = {
    "min_ms": 300, "attention": 1, "straight_line": 0.9, "hidden_ms": 10_000, "min_width": 700,
    "marks_only": ["straight_line", "min_width"],
}  # fmt: skip


def walk(store, version, rng, *, rt_ms=5000.0, width=1200, hidden=0.0, first=False, attentive=1.0):
    """One participant; ``first``: always ticks the explanation that stands first."""
    study = frozen(store, version)
    token = session.new_token(store)
    session.join(store, version, Mode.TEST, token)
    background = draw_background(study, rng)
    session.save_background(store, token, background)
    session.finish_instructions(store, token)
    person = draw_person(study, background, rng)
    person.attentive = attentive
    while (here := session.state(store, token)).page == session.Page.TRIAL:
        told = trials.load(here.trial.type).simulate(here.asked, person)
        if first and here.trial.role == "main":
            told = {"chosen": [1], "none": False}
        sent = {"answer": told, "rt_ms": rt_ms, "hidden_ms": hidden, "viewport": [width, 800]}
        session.mark_shown(store, token, here.trial.token)
        outcome = session.answer(store, token, here.trial.token, sent)
        assert outcome.kind == "stored", outcome
    return store.assignment(token)["participant"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flags")
    data = json.loads(json.dumps(DATA))
    data["study"]["quality"] = QUALITY
    with Store(folder / "a.db") as store:
        version = store.add_version("section7", json.dumps(data))
        store.set_status(version, Status.FROZEN)
        people = {
            "honest": walk(store, version, Random(1)),
            "hasty": walk(store, version, Random(2), rt_ms=100.0),
            "narrow": walk(store, version, Random(3), width=360),
            "away": walk(store, version, Random(4), hidden=20_000.0),
            "straight": walk(store, version, Random(5), first=True),
            "asleep": walk(store, version, Random(6), attentive=0.0),
        }
        export.save(export.read(store, "test"), folder / "out", "csv")
    return people, folder / "out"


def table(folder, name):
    (path,) = folder.rglob(f"*{name}*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_rule_marks_whom_it_concerns_and_nobody_is_missing(exported):
    people, folder = exported
    rows = {row["participant"]: row for row in table(folder, "participants")}
    assert set(rows) == set(people.values())
    concerned = {
        who: {name.removeprefix("flag_") for name, value in rows[key].items()
              if name.startswith("flag_") and value not in ("0", "")}
        for who, key in people.items()
    }  # fmt: skip
    assert concerned == {
        "honest": set(),
        "hasty": {"too_fast"},
        "narrow": {"narrow_window"},
        "away": {"hidden_answers"},
        "straight": {"straight_line"},
        "asleep": {"attention"},
    }
    assert rows[people["away"]]["flag_hidden_answers"] == "8"
    assert rows[people["narrow"]]["viewport_width"] == "360"
    answers = table(folder, "responses")
    away = [row for row in answers if row["flag_hidden_answers"] == "1"]
    assert {row["participant"] for row in away} == {people["away"]}
    assert {row["role"] for row in away} == {"main"} and len(away) == 24


def test_the_codebook_explains_each_flag(exported):
    _, folder = exported
    told = {row["column"]: row["description"] for row in table(folder, "codebook")}
    flags = {name for name in table(folder, "participants")[0] if name.startswith("flag_")}
    assert flags <= set(told)
    assert "stays in the results" in told["flag_straight_line"]
    assert "is set aside" in told["flag_attention"]
    assert "300 ms" in told["flag_too_fast"]


@pytest.mark.parametrize("size", [None, [1], ["a", 2], [0, 5], [1e9, 5], [True, 5], {"w": 1}])
def test_an_impossible_window_is_unknown(size):
    from study_app.participation.answering import _pixels

    assert _pixels(size) is None
    assert _pixels([1199.6, 800]) == [1200, 800]
