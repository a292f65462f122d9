"""Practice that must be passed: rounds, feedback and endings, on both databases."""

import csv
import json
import threading
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from alembic import command
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from analysis.data import exclusions, frames
from analysis.summaries.dropout import reached
from db import schema
from db.gates import PRACTICE, ROUNDS
from db.migrations import configuration
from db.store import Store
from explainers.problems import Problems
from study_app import export, simulate
from study_app.frozen import frozen
from study_app.participation import session
from study_app.participation.session import Page
from study_app.participation.trial_data import progress, trial_data

DATA = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
RULE = {"attempts": 3, "pass": 1.0, "feedback": True, "on_fail": "continue"}
SEGMENTS = [*(f"segment_{n}" for n in range(1, 6)), "intruder"]


def odd(name: str, role: str, block: int) -> dict:
    """A question of the intruder test."""
    options = [
        {"option": o, "sha256": sha256(f"{name} {o}".encode()).hexdigest()} for o in SEGMENTS
    ]
    about = {"about": "concept", "concept": name, "family": "ace", "model": "age", "layer": "l"}
    return {
        "id": name, "role": role, "blocks": [block], **about, "target": "40s", "face": "",
        "question": "Which?", "picture": "", "alt": "", "options": options,
    }  # fmt: skip


def gated(**practice) -> str:
    """Two questions of practice behind a gate, then two that count."""
    data = json.loads(DATA)
    block = {
        "trial": "intruder",
        "items": 2,
        "prompt": "Which?",
        "options": [],
        "concepts": ["ace"],
    }
    data["study"] |= {
        "blocks": [{**block, "role": "practice", "practice": RULE | practice}, block],
        "concepts": {"ace": {"method": "ace", "model": "age"}},
        "simulate": {"effects": {"all": {"ace": 0.8}}},
    }
    data["items"] = [odd(f"p{n}", "practice", 0) for n in (1, 2)]
    data["items"] += [odd(f"m{n}", "main", 1) for n in (1, 2)]
    return json.dumps(data)


@pytest.fixture
def version(store) -> str:
    return live(store, gated())


def live(store, study: str) -> str:
    version = store.add_version("section7", study)
    store.set_status(version, "live")
    return version


def begin(store, version) -> str:
    """Somebody before their first question."""
    token = session.new_token(store)
    session.join(store, version, "live", token)
    study = frozen(store, version)
    session.save_background(store, token, simulate.draw_background(study, Random(1)))
    check = study.instruction_check
    session.finish_instructions(store, token, check and check["right"])
    return token


def sent(here, right: bool) -> dict:
    wanted = [o.position for o in here.asked.options if (o.option == "intruder") == right]
    answer = {"chosen": wanted[:1], "none": False}
    return {"answer": answer, "rt_ms": 3000.0, "hidden_ms": 0.0, "viewport": [900, 700]}


def give(store, token, right: bool):
    """Answer the question they are at; the state after it."""
    here = session.state(store, token)
    assert here.page == Page.TRIAL and here.feedback is None
    session.mark_shown(store, token, here.trial.token)
    told = session.answer(store, token, here.trial.token, sent(here, right), show_next=True)
    assert told.kind == "stored"
    return session.state(store, token)


def on(store, here):
    session.go_on(store, here.token, here.trial.token)
    return session.state(store, here.token)


def mine(store, version, token) -> dict:
    me = store.assignment(token)["participant"]
    rows = store.participants(version=version).dicts()
    return next(row for row in rows if row["participant"] == me)


def test_feedback_stays_until_one_goes_on_and_says_what_is_right(store, version):
    token = begin(store, version)
    first = session.state(store, token)
    here = give(store, token, right=False)
    assert here.trial.token == first.trial.token and here.page == Page.TRIAL
    told = trial_data(here)["feedback"]
    (place,) = [o.position for o in first.asked.options if o.option == "intruder"]
    assert told["positions"] == [place] and told["right"] is False
    name = first.trial.view["control"]["options"][place - 1]["alt"]
    assert told["text"] == f"Not quite. The right answer: {name}."
    assert told["answer"] == sent(first, right=False)["answer"]
    # a reload, another tab, a resent answer: nothing changes
    again = session.answer(store, token, here.trial.token, sent(first, True))
    assert again.kind == "already" and session.state(store, token) == here
    session.go_on(store, token, "strange")
    session.go_on(store, "strange", here.trial.token)
    assert session.state(store, token) == here
    following = on(store, here)
    assert following.feedback is None and following.trial.token == here.feedback.following
    assert following.trial.shown  # the server's clock begins when one goes on
    session.go_on(store, token, here.trial.token)  # from the other tab
    assert session.state(store, token) == following


def test_a_failed_round_is_asked_once_more_in_another_order(store, version):
    token = begin(store, version)
    rounds, labels = [], []
    for attempt, answers in enumerate([(True, False), (False, False), (True, True)], start=1):
        asked = []
        for right in answers:
            here = session.state(store, token)
            labels.append(progress(here.trial))
            asked.append((here.asked.item["id"], [o.option for o in here.asked.options]))
            assert here.trial.attempt == attempt
            here = give(store, token, right)
            assert here.feedback.right is right
            words = here.feedback.text
            here = on(store, here)
        rounds.append(asked)
        assert ("round" in words) == (attempt < 3)
    assert words == "Right. The practice is over. Now the questions begin."
    assert [sorted(name for name, _ in asked) for asked in rounds] == [["p1", "p2"]] * 3
    assert all(one != other for one, other in pairwise(rounds))
    assert labels[0] == ("Practice question", 0, 2)
    assert (
        labels[2:]
        == [("Practice question, round 2", 0, 2)] * 2 + [("Practice question, round 3", 0, 2)] * 2
    )
    assert progress(here.trial) == ("Question 1 of 2", 0, 2)
    assert here.trial.position == 7
    give(store, token, True)
    assert progress(session.state(store, token).trial) == ("Question 2 of 2", 1, 2)
    assert give(store, token, False).page == Page.DEBRIEFING
    told = mine(store, version, token)
    assert (told["background"][PRACTICE], told["background"][ROUNDS]) == ("yes", "3")
    assert (told["state"], told["answered"], told["trials"]) == ("completed", 8, 8)


def test_whoever_passes_at_once_has_the_same_positions(store, version):
    token = begin(store, version)
    for _ in range(2):
        here = on(store, give(store, token, True))
    assert here.trial.position == 7 and progress(here.trial) == ("Question 1 of 2", 0, 2)
    assert mine(store, version, token)["background"][ROUNDS] == "1"
    assert give(store, token, True).trial.position == 8
    assert store.most_trials(version=version) == 8
    assert [row["answered"] for row in store.ways(version=version).dicts()] == [7]


@pytest.mark.parametrize(("share", "rounds"), [(0.5, 1), (0.51, 2)])
def test_the_share_that_must_be_right(store, share, rounds):
    version = live(store, gated(**{"pass": share}))
    token = begin(store, version)
    on(store, give(store, token, True))
    here = on(store, give(store, token, False))
    assert here.trial.attempt == rounds if rounds > 1 else here.trial.role == "main"


def test_without_feedback_the_next_question_comes_at_once(store):
    version = live(store, gated(feedback=False))
    token = begin(store, version)
    assert give(store, token, False).feedback is None
    here = give(store, token, True)
    assert here.feedback is None and here.trial.attempt == 2


def test_who_fails_to_the_last_goes_on_flagged(store, version, tmp_path):
    failed, passed, left = (begin(store, version) for _ in range(3))
    for _ in range(6):
        here = on(store, give(store, failed, False))
    assert here.trial.role == "main"
    for token in (failed, passed):
        while session.state(store, token).page == Page.TRIAL:
            if (here := give(store, token, True)).feedback:
                on(store, here)
    give(store, left, False)
    ids = [store.assignment(token)["participant"] for token in (failed, passed, left)]
    found = {rule.rule: rule for rule in exclusions.find(frames.load(store))}
    assert found["practice"].participants == (ids[0],)
    assert found["incomplete"].participants == (ids[2],)
    export.save(export.read(store), tmp_path / "out", "csv")
    (path,) = (tmp_path / "out").rglob("*participants*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["participant"]: row for row in csv.DictReader(file)}
    assert [rows[key]["flag_practice"] for key in ids] == ["1", "0", "0"]
    assert [rows[key][PRACTICE] for key in ids] == ["no", "yes", ""]
    assert [rows[key][ROUNDS] for key in ids] == ["3", "1", ""]
    # Who needed fewer rounds has not dropped out.
    assert [step.answers for step in reached(frames.load(store))][-3:] == [2, 2, 2]


def test_the_study_may_end_for_who_fails(store):
    version = live(store, gated(on_fail="end", attempts=2))
    token = begin(store, version)
    for _ in range(3):
        on(store, give(store, token, False))
    here = give(store, token, False)
    assert here.page == Page.FAILED_CHECKS and here.feedback is None
    (open_trial, *_) = store.open_trials(store.assignment(token)["id"])
    answer = {"answer": {"chosen": [1], "none": False}, "rt_ms": 1.0}
    late = session.answer(store, token, open_trial["token"], answer)
    assert late.kind == "refused"
    told = mine(store, version, token)
    assert (told["state"], told["ended"], told["background"][PRACTICE]) == (
        "trials", "failed_checks", "no",
    )  # fmt: skip
    assert store.progress(version=version)["failed_checks"] == 1
    assert store.assignment(token)["completion_code"] is None


def test_instructions_may_end_it_too(store):
    data = json.loads(DATA)
    check = {"ask": "What?", "choices": {"a": "A", "b": "B"}, "right": "a", "attempts": 2}
    data["study"]["quality"] = {"instruction_check": {**check, "on_fail": "end"}}
    version = live(store, json.dumps(data))
    token = session.new_token(store)
    session.join(store, version, "live", token)
    session.save_background(
        store, token, simulate.draw_background(frozen(store, version), Random(1))
    )
    assert session.finish_instructions(store, token, "b")
    assert session.state(store, token).page == Page.INSTRUCTIONS
    assert session.finish_instructions(store, token, "b") == ""
    assert session.state(store, token).page == Page.FAILED_CHECKS
    assert session.finish_instructions(store, token, "a") == ""
    assert session.state(store, token).page == Page.FAILED_CHECKS


def test_an_attention_check_is_what_practice_about_predictions_asks(store):
    data = json.loads(DATA)
    options = ["saliency", "inversion", "visualization"]
    block = {"trial": "pick_any", "items": 1, "prompt": "Do", "options": options}
    data["study"]["blocks"] = [
        {**block, "role": "practice", "attention": 1, "practice": RULE},
        block,
    ]
    version = live(store, json.dumps(data))
    token = begin(store, version)
    check = session.state(store, token)
    assert progress(check.trial)[0] == "Practice question"
    assert store.checks(token) == (0, 0)
    wanted = list(check.asked.expected)
    wrong = {"chosen": [p for p in (1, 2, 3) if p not in wanted], "none": False}
    session.answer(store, token, check.trial.token, {"answer": wrong})
    here = session.state(store, token)
    assert here.feedback.positions == tuple(wanted) and not here.feedback.right
    assert "Explanation" in here.feedback.text
    assert store.checks(token) == (0, 0)  # it can be tried again, and tells nothing
    here = on(store, here)
    session.answer(store, token, here.trial.token, {"answer": {"chosen": [1], "none": False}})
    here = session.state(store, token)
    assert here.feedback is None and here.trial.attempt == 2  # nothing is right or wrong there
    assert not here.trial.shown


def test_the_same_answer_twice_at_once_plans_one_round(store, version):
    token = begin(store, version)
    on(store, give(store, token, False))
    here = session.state(store, token)
    kinds = []

    def answer() -> None:
        told = session.answer(store, token, here.trial.token, sent(here, False))
        kinds.append(told.kind)

    threads = [threading.Thread(target=answer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kinds) == ["already"] * 5 + ["stored"]
    assert store.count_trials(store.assignment(token)["id"]) == 6


def test_simulated_people_practise_until_enough_have_finished(store):
    version = live(store, gated(on_fail="end", attempts=1))
    assert simulate.simulate(store, version, 6) == 6
    counts = store.progress(version=version, mode="simulated")
    assert counts["completed"] == 6 and counts["failed_checks"] > 0
    assert simulate.simulate(store, version, 6) == 0


def test_a_study_that_nobody_passes_says_so(store):
    data = json.loads(gated(on_fail="end", attempts=1))
    data["study"]["simulate"]["effects"]["all"]["ace"] = 0.0
    version = live(store, json.dumps(data))
    with pytest.raises(Problems, match="plant larger shares"):
        simulate.simulate(store, version, 1)


def test_an_older_releases_endings_are_kept(url):
    now = datetime.now(UTC)
    with Store(url) as store:
        schema.metadata.drop_all(store.engine)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE whyface_schema")
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "0005")
            rows = {
                "study": {"id": "s", "created_at": now},
                "study_version": {
                    "hash": "0" * 64, "study": "s", "number": 1, "frozen": "{}",
                    "status": "live", "created_at": now,
                },
                "participant": {"id": "ann", "created_at": now},
                "assignment": {
                    "participant": "ann", "version": "0" * 64, "mode": "live", "number": 1,
                    "state": "trials", "token": "t", "consent_version": "1", "ended": "timed_out",
                    "consented_at": now, "receipt": "r", "lease_until": now,
                },
                "background": {"assignment": 1, "question": "q", "value": "v"},
            }  # fmt: skip
            for name, values in rows.items():
                connection.execute(insert(schema.metadata.tables[name]).values(values))
    with Store(url) as store:
        (person,) = store.participants().dicts()
        assert (person["ended"], person["background"]) == ("timed_out", {"q": "v"})
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE assignment SET ended = 'failed_checks'"))
        with pytest.raises(IntegrityError), store.engine.begin() as connection:
            connection.execute(text("UPDATE assignment SET ended = 'bored'"))


def test_only_known_endings_are_kept(store, version):
    token = begin(store, version)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE assignment SET ended = 'failed_checks'"))
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.execute(text("UPDATE assignment SET ended = 'bored'"))
    assert session.state(store, token).page == Page.FAILED_CHECKS
