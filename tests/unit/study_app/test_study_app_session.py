"""The participant's way where it goes wrong: strangers, impossible values, closed studies."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import schema
from db.errors import StoreError
from db.records import PREFER_NOT, Status
from db.store import Store
from study_app.participation import session
from study_app.participation.session import Page
from study_app.participation.tokens import is_ours

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")
PICK = {"answer": {"chosen": [1], "none": False}}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("session") / "a.db", synchronous="OFF") as opened:
        yield opened


@pytest.fixture(scope="module")
def version(store):
    added = store.add_version("section7", FROZEN)
    store.set_status(added, "live")
    return added


@pytest.fixture
def token(store, version):
    new = session.new_token(store)
    session.give_consent(store, new, version, "live", agreed=True)
    questions = json.loads(FROZEN)["study"]["background"]
    session.save_background(store, new, {q["id"]: PREFER_NOT for q in questions})
    session.finish_instructions(store, new)
    return new


def stored(store, token):
    """The last response of a participant."""
    query = (
        sa.select(schema.response)
        .join(schema.trial, schema.trial.c.id == schema.response.c.trial)
        .join(schema.assignment)
        .where(schema.assignment.c.token == token)
        .order_by(schema.trial.c.position.desc())
    )
    with store.reading() as connection:
        return connection.execute(query).first()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text() | st.none() | st.integers() | st.binary())
def test_hostile_tokens_lead_nowhere(store, hostile):
    assert session.state(store, hostile) is None
    assert session.answer(store, hostile, hostile, PICK).kind == "refused"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),
        lambda t: ("A" if t[0] != "A" else "B") + t[1:],
        lambda t: t + " ",
        lambda t: t + "\n",
        lambda t: t.upper(),
        lambda t: t.replace(".", "."[::-1] * 2),
        lambda t: t + "' OR '1'='1",
        lambda t: "\u0661" + t[1:],
        lambda t: t.split(".")[0],
    ],
)
def test_a_token_that_was_changed_is_not_ours(store, version, token, change):
    changed = change(token)
    assert not is_ours(store, changed) and session.state(store, changed) is None
    with pytest.raises(ValueError, match="new_token"):
        session.join(store, version, "live", changed)


def test_a_token_of_another_server_is_not_ours(store, tmp_path):
    with Store(tmp_path / "b.db") as other:
        assert session.state(store, session.new_token(other)) is None


def test_looking_leaves_no_trace(store, version):
    new = session.new_token(store)
    before = store.progress(version=version)
    here = session.state(store, new, version)
    assert here.page == Page.CONSENT and here.study.consent.startswith("# Consent")
    session.log_event(store, new, "reload")
    assert store.progress(version=version) == before


def test_background_wants_every_answer_and_says_which_is_missing(store, version):
    new = session.new_token(store)
    session.give_consent(store, new, version, "live", agreed=True)
    answers = {"deep_learning": "none", "explainability": "of course", "gender": PREFER_NOT}
    problems = session.save_background(store, new, answers)
    assert set(problems) == {"explainability", "age_range"}
    assert session.state(store, new).page == Page.BACKGROUND
    with store.reading() as connection:
        table = schema.background
        mine = sa.select(table).join(schema.assignment).where(schema.assignment.c.token == new)
        assert connection.execute(mine).all() == []


def test_pictures_of_the_next_trial_are_known_before(store, token):
    here = session.state(store, token)
    following = here.preload
    session.answer(store, token, here.trial.token, PICK)
    view = session.state(store, token).trial.view
    shown = [view["picture"], *view["control"]["options"]]
    assert [picture["sha256"] for picture in shown] == list(following)


def test_instructions_come_with_the_first_trials_pictures(store, version):
    new = session.new_token(store)
    session.give_consent(store, new, version, "live", agreed=True)
    assert len(session.state(store, new).preload) == 4


def test_a_later_trial_is_refused_until_its_turn(store, token):
    here = session.state(store, token)
    row = store.assignment(token)
    after = store.open_trials(row["id"])[1]["token"]
    outcome = session.answer(store, token, after, PICK)
    assert (outcome.kind, outcome.reason) == ("refused", "Another question comes first.")
    assert session.answer(store, token, here.trial.token, PICK).kind == "stored"
    assert session.answer(store, token, after, PICK).kind == "stored"


def test_an_answer_before_the_instructions_is_refused(store, version):
    new = session.new_token(store)
    session.give_consent(store, new, version, "live", agreed=True)
    trial = store.open_trials(store.assignment(new)["id"])[0]["token"]
    assert session.answer(store, new, trial, PICK).reason == "There is nothing to answer now."


@pytest.mark.parametrize("rt", [None, "12", -1, float("nan"), float("inf"), True, 1e12, 10**400])
def test_an_impossible_response_time_becomes_the_servers(store, token, rt):
    here = session.state(store, token)
    session.mark_shown(store, token, here.trial.token)
    sent = {**PICK, "rt_ms": rt, "hidden_ms": 5.0}
    assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    row = stored(store, token)
    assert row.rt_source == "server" and 0 <= row.rt_ms < 60_000 and row.hidden_ms is None


def test_a_response_time_that_nobody_measured_is_missing(store, token):
    here = session.state(store, token)
    session.answer(store, token, here.trial.token, PICK)
    row = stored(store, token)
    assert (row.rt_ms, row.rt_source) == (None, "server")


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([[1.0, "+", 2]], [[1.0, "+", 2]]),
        ([[n, "+", 2] for n in range(5000)], [[n, "+", 2] for n in range(500)]),
        (["x" * 100_000], []),
        ([float("nan")], []),
        (["\0"], []),
        (["\ud800"], []),
        (["😀"], ["😀"]),
        ("a text", []),
    ],
)
def test_what_the_browser_saw_is_kept_within_bounds(store, token, events, kept):
    here = session.state(store, token)
    sent = {**PICK, "events": events, "onset": 17.5, "viewport": [360, 640]}
    assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    answer = stored(store, token).answer
    bounded = {"answer": PICK["answer"], "events": kept, "onset": 17.5, "viewport": [360, 640]}
    assert answer == bounded


@pytest.mark.parametrize("viewport", [None, "360", [360], [360, "x"], [-1, 640], [1e9, 2]])
def test_a_viewport_that_no_screen_has_is_missing(store, token, viewport):
    here = session.state(store, token)
    session.answer(store, token, here.trial.token, {**PICK, "viewport": viewport})
    assert stored(store, token).answer["viewport"] is None


def test_first_shown_is_first_shown(store, token):
    here = session.state(store, token)
    assert not here.trial.shown
    session.mark_shown(store, token, here.trial.token)
    first = store.trial(token, here.trial.token)["shown_at"]
    session.mark_shown(store, token, here.trial.token)
    assert session.state(store, token).trial.shown
    assert store.trial(token, here.trial.token)["shown_at"] == first
    session.mark_shown(store, token, "somebody else's")


def test_a_closed_study_takes_nobody_but_lets_people_finish(tmp_path):
    with Store(tmp_path / "a.db") as store:
        version = store.add_version("section7", FROZEN)
        early, late = session.new_token(store), session.new_token(store)
        with pytest.raises(StoreError, match="takes no live participants"):
            session.join(store, version, "live", early)
        session.join(store, version, "pilot", session.new_token(store))
        store.set_status(version, Status.LIVE)
        session.join(store, version, "live", early)
        store.set_status(version, Status.CLOSED)
        assert session.state(store, late, version).page == Page.CLOSED
        assert session.state(store, early, version).page == Page.BACKGROUND
        with pytest.raises(StoreError, match="is closed"):
            session.join(store, version, "live", late)


def test_a_study_without_background_questions(tmp_path):
    data = json.loads(FROZEN)
    data["study"]["background"] = []
    with Store(tmp_path / "a.db") as store:
        version = store.add_version("section7", json.dumps(data))
        new = session.new_token(store)
        session.join(store, version, "test", new)
        assert session.state(store, new).page == Page.INSTRUCTIONS
