"""The page Progress: who is where, how it ended, groups beside their targets, fast when large."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from db.assignments import LEASE
from db.records import Ending
from db.schema import assignment
from db.store import Store
from study_app.dashboard import board, data, places, ways
from study_app.dashboard.board import Board
from study_app.dashboard.views.progress import step, where_left
from study_app.participation import session
from study_app.publishing.publish import go_live

DATA = json.loads((Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8"))


@pytest.fixture
def store(tmp_path):
    """Arms, languages, a cap, quotas, screening out; nobody has come."""
    study = DATA["study"] | {
        "languages": ["en", "fa"],
        "arms": {"maps": {"options": ["saliency", "inversion"]}, "<b>all</b>": {"order": "fixed"}},
        "screen_out": [{"question": "age_range", "is": ["65+"]}],
        "recruitment": {"cap": 10, "quotas": {"expertise": {"never": 1, "user": 4}}},
    }
    frozen = json.dumps({**DATA, "study": study, "translations": {"fa": []}})
    with Store(tmp_path / "whyface.db", synchronous="OFF") as opened:
        go_live(opened, opened.add_version(study["id"], frozen))
        board.use(Board(opened, tmp_path, "scrypt$of$a$password"))
        yield opened


def the_version(store: Store) -> str:
    return store.versions()[0]["hash"]


def comes(store: Store, questions: int = 99, passes: bool = True, **about) -> str:
    """One person who agrees, tells about themselves, and answers so many questions."""
    token = session.new_token(store)
    session.give_consent(store, token, the_version(store), "live", agreed=True)
    session.speak(store, token, "fa")
    asked = session.state(store, token).study.background
    given = {q["id"]: about.get(q["id"], next(iter(q["choices"]))) for q in asked}
    assert session.save_background(store, token, given) == {}
    session.finish_instructions(store, token)
    for _ in range(questions):
        here = session.state(store, token)
        if here.trial is None:
            break
        right = passes and here.asked.expected
        picked = list(right) if right else [1, 2]
        sent = {"answer": {"chosen": picked, "none": False}, "rt_ms": 9000, "hidden_ms": 0}
        assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    return token


def leaves(store: Store, token: str) -> None:
    gone = update(assignment).where(assignment.c.token == token)
    ago = datetime.now(UTC) - timedelta(minutes=1)
    store.write(lambda connection: connection.execute(gone.values(lease_until=ago)))


@pytest.fixture
def crowd(store):
    """One of each kind."""
    comes(store, explainability="never")
    comes(store, passes=False, explainability="user")
    comes(store, questions=2, explainability="user")
    leaves(store, comes(store, questions=4, explainability="user"))
    store.end(comes(store, questions=4, explainability="user"), Ending.TIMED_OUT)
    comes(store, age_range="65+", explainability="user")
    comes(store, explainability="never")  # their quota of one is full
    agreed = session.new_token(store)
    session.give_consent(store, agreed, the_version(store), "live", agreed=True)
    session.give_consent(store, session.new_token(store), the_version(store), "live", agreed=False)
    gone = session.state(store, comes(store, questions=1)).withdrawal_code
    assert session.withdraw(store, gone)
    return store


def page(mode: str = "live") -> AppTest:
    def script(mode: str) -> None:
        from study_app.dashboard import data, layout, views

        layout._page(dict(views.load())["progress"], data.versions()[0], mode)

    at = AppTest.from_function(script, args=(mode,), default_timeout=60).run()
    assert not at.exception and not at.error
    return at


def seen(store: Store) -> ways.Ways:
    shown = data.look(the_version(store), "live")
    going = store.under_way(version=shown.version).dicts()
    return ways.ways(shown, frozenset(row["number"] for row in going))


def test_how_it_ended_for_each_kind_and_on_which_page(crowd):
    found = {(row.page, row.end): row.people for row in seen(crowd).ended().itertuples()}
    assert found == {
        ("Consent", "did not agree"): 1,
        ("About you", "under way"): 1,
        ("About you", "screened out"): 1,
        ("About you", "their group was full"): 1,
        ("Question 3", "under way"): 1,
        ("Question 5", "left"): 1,
        ("Question 5", "time over"): 1,
        ("End", "completed"): 1,
        ("End", "completed, checks failed"): 1,
    }


def test_how_far_people_came_leaves_out_whom_the_study_turned_away(crowd):
    steps = seen(crowd).reached()
    people = dict(zip(steps["step"], steps["people"], strict=True))
    assert people["Consent"] == 6 and people["Background answered"] == 5
    assert people["Question 2 answered"] == 5 and people["Question 3 answered"] == 4
    assert people["Question 4 answered"] == 4 and people["Question 5 answered"] == 2
    assert list(people.values())[-1] == 2
    assert where_left(seen(crowd)) == "1 person has left. Most stopped at: question 5 (1)."


def test_under_way_are_named_by_number_and_never_by_token(crowd):
    at = page()
    table = next(t.value for t in at.table if list(t.value.columns)[:1] == ["Arm"])
    assert list(table.columns) == ["Arm", "Language", "Step", "There", "Agreed"]
    assert table.loc[3, "Step"] == f"question 3 of {crowd.most_trials(version=the_version(crowd))}"
    assert table.loc[3, "Language"] == "fa" and table.loc[3, "There"] == "just now"
    assert table.loc[8, "Step"] == "about you" and table.loc[8, "Language"] == "—"
    everything = "".join(e.proto.body for e in at.get("html")) + "".join(
        t.value.to_string() for t in at.table
    )
    with crowd.reading() as connection:
        rows = connection.execute(assignment.select()).all()
    for row in rows:
        for secret in (row.token, row.participant, row.receipt, row.completion_code):
            assert secret is None or secret not in everything


def test_groups_stand_beside_their_targets(crowd):
    shown = data.look(the_version(crowd), "live")
    cap = places.everybody(shown)
    assert cap.groups == (places.Group("Everybody", 8, 2, 2, 10),)
    arms, expertise = places.kinds(shown)
    assert [(g.name, g.wanted) for g in arms.groups] == [("maps", 5), ("<b>all</b>", 5)]
    assert sum(g.completed for g in arms.groups) == 2
    assert abs(arms.groups[0].completed - arms.groups[1].completed) <= 1
    assert [(g.completed, g.under_way, g.wanted) for g in expertise.groups] == [
        (1, 0, 1), (0, 0, None), (1, 1, 4), (0, 1, None),
    ]  # fmt: skip
    assert expertise.groups[-1].name == places.UNKNOWN
    bars = "".join(e.proto.body for e in page().get("html") if "whyface-bars" in e.proto.body)
    assert bars.count("<i style") == 1 + 2 + 2, "a mark for each target"
    assert "&lt;b&gt;all&lt;/b&gt;" in bars and "<b>all" not in bars


def test_without_caps_and_groups_nothing_is_said_about_them(tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:
        study = {k: v for k, v in DATA["study"].items() if k != "segments"}
        version = store.add_version(study["id"], json.dumps({**DATA, "study": study}))
        go_live(store, version)
        board.use(Board(store, tmp_path, ""))
        comes(store, questions=2)
        shown = data.look(version, "live")
        assert places.everybody(shown) is None and list(places.kinds(shown)) == []
        assert [h.value for h in page().header] == [
            "Over time", "How far people came", "Where it ended, and how", "Under way",
        ]  # fmt: skip


def test_the_median_time_is_of_those_who_finished(crowd):
    trials = crowd.most_trials(version=the_version(crowd))
    assert seen(crowd).duration() == f"{trials * 9 // 60} min {trials * 9 % 60} s"


def test_steps_in_words():
    assert step("instructions", 0, 9) == "instructions"
    assert timedelta(hours=1) == LEASE, "the page says: seen within the last hour"
