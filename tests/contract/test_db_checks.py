"""The question about the instructions, and the window's width, on both databases."""

import csv
import json
from pathlib import Path
from random import Random

import pytest

from analysis.data import exclusions, frames
from db.checks import ATTEMPTS, CHECK
from study_app import export, simulate, trials
from study_app.frozen import frozen
from study_app.participation import session
from study_app.participation.session import Page

DATA = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
ASKED = {
    "ask": "What are you asked to do?",
    "choices": {"tick": "Tick what helps", "guess": "Guess the age"},
    "right": "tick",
    "attempts": 2,
}


@pytest.fixture
def asking(store) -> str:
    """A live version that asks about its instructions."""
    data = json.loads(DATA)
    data["study"]["quality"] = {"instruction_check": ASKED}
    version = store.add_version("section7", json.dumps(data))
    store.set_status(version, "live")
    return version


def instructed(store, version) -> str:
    """Somebody who is reading the instructions."""
    token = session.new_token(store)
    session.join(store, version, "live", token)
    study = frozen(store, version)
    session.save_background(store, token, simulate.draw_background(study, Random(1)))
    return token


def finish(store, token, width) -> None:
    person = trials.Person({}, 1.0, Random(1))
    while (here := session.state(store, token)).page == Page.TRIAL:
        told = trials.load(here.trial.type).simulate(here.asked, person)
        sent = {"answer": told, "rt_ms": 4000.0, "hidden_ms": 0.0, "viewport": width}
        assert session.answer(store, token, here.trial.token, sent).kind == "stored"


def told_about(store, version, token) -> dict:
    rows = store.participants(version=version).dicts()
    me = store.assignment(token)["participant"]
    return next(row for row in rows if row["participant"] == me)


def test_attempts_are_counted_and_the_last_one_goes_on(store, asking):
    token = instructed(store, asking)
    for nothing in (None, "", "walk", 3):
        assert session.finish_instructions(store, token, nothing)
    assert CHECK not in told_about(store, asking, token)["background"]
    assert "once more" in session.finish_instructions(store, token, "guess")
    assert session.state(store, token).page == Page.INSTRUCTIONS  # after a reload as well
    assert session.finish_instructions(store, token, "guess") == ""
    assert session.state(store, token).page == Page.TRIAL
    assert session.finish_instructions(store, token, "tick") == ""  # too late to change it
    told = told_about(store, asking, token)["background"]
    assert (told[CHECK], told[ATTEMPTS]) == ("guess", "2")


def test_who_failed_is_flagged_and_who_was_right_at_last_is_not(store, asking, tmp_path):
    failed, late, right = (instructed(store, asking) for _ in range(3))
    for token, choices in (
        (failed, ["guess", "guess"]),
        (late, ["guess", "tick"]),
        (right, ["tick"]),
    ):
        for choice in choices:
            session.finish_instructions(store, token, choice)
    for token, width in ((failed, [900, 700]), (late, [1200, 700]), (right, None)):
        finish(store, token, width)
    ids = [store.assignment(token)["participant"] for token in (failed, late, right)]
    widths = [told_about(store, asking, token)["viewport_width"] for token in (failed, late, right)]
    assert widths == [900, 1200, None]
    rules = {rule.rule: rule for rule in exclusions.find(frames.load(store))}
    assert rules["instructions"].participants == (ids[0],)
    export.save(export.read(store), tmp_path / "out", "csv")
    (path,) = (tmp_path / "out").rglob("*participants*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["participant"]: row for row in csv.DictReader(file)}
    assert [rows[key]["flag_instructions"] for key in ids] == ["1", "0", "0"]
    assert [rows[key][CHECK] for key in ids] == ["guess", "tick", "tick"]
    assert [rows[key][ATTEMPTS] for key in ids] == ["2", "2", "1"]


def test_simulated_people_have_read_the_instructions(store, asking):
    simulate.simulate(store, asking, 1)
    rules = {r.rule: r for r in exclusions.find(frames.load(store, mode="simulated"))}
    assert rules["instructions"].participants == ()
