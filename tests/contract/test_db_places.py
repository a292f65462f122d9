"""Who gets in, into which arm and place, and what comes back when somebody leaves."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from db import schema
from db.errors import NoPlaceError, TakesPartError
from db.migrations import configuration
from db.store import Store
from study_app.participation import session
from study_app.participation.arrival import Arrival
from study_app.participation.session import Page

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
ANSWER = {"answer": {"chosen": [1], "none": False}}
NEVER, USER = {"explainability": "never"}, {"explainability": "user"}


def opened(store, status="live", **changed) -> str:
    data = json.loads(FROZEN)
    data["study"] |= changed
    version = store.add_version("section7", json.dumps(data))
    store.set_status(version, status)
    return version


def joined(store, version, came=Arrival()):  # noqa: B008 - a frozen value
    token = session.new_token(store)
    return session.give_consent(store, token, version, "live", True, came)


def told(store, token, answers=NEVER):
    study = session.state(store, token).study
    choices = {question["id"]: next(iter(question["choices"])) for question in study.background}
    assert session.save_background(store, token, choices | answers) == {}
    return session.state(store, token).page


def finished(store, token):
    session.finish_instructions(store, token)
    while (here := session.state(store, token)).page == Page.TRIAL:
        assert session.answer(store, token, here.trial.token, ANSWER).kind == "stored"
    return here


def change(store, token, **values):
    a = schema.assignment
    with store.engine.begin() as connection:
        connection.execute(sa.update(a).where(a.c.token == token).values(values))


def gone(store, token):
    change(store, token, lease_until=datetime.now(UTC) - timedelta(minutes=1))


def places(store, version):
    return [(p["arm"], p["place"]) for p in store.participants(version=version).dicts()]


def test_places_follow_one_another_and_come_back(store):
    version = opened(store)
    tokens = [joined(store, version) for _ in range(4)]
    gone(store, tokens[1])
    gone(store, tokens[2])
    tokens += [joined(store, version) for _ in range(3)]
    assert [place for _, place in places(store, version)] == [1, 2, 3, 4, 2, 3, 5]
    assert [p["number"] for p in store.participants(version=version).dicts()] == list(range(1, 8))
    session.withdraw(store, session.state(store, tokens[3]).withdrawal_code)
    joined(store, version)
    assert places(store, version)[-1] == ("", 4)


def test_whoever_comes_back_after_their_place_was_given_away_may_finish(store):
    version = opened(store, recruitment={"source": "link", "cap": 1})
    late = joined(store, version)
    told(store, late)
    gone(store, late)
    other = joined(store, version)
    told(store, other)
    assert finished(store, late).page == finished(store, other).page == Page.DEBRIEFING
    assert {place for _, place in places(store, version)} == {1}


def test_the_same_place_means_the_same_questions_in_each_arm(store):
    arms = {"two": {"options": ["saliency", "inversion"]}, "fixed": {"order": "fixed"}}
    version = opened(store, arms=arms)
    tokens = [joined(store, version) for _ in range(6)]
    for token in tokens:
        told(store, token)
    items, options = {}, {}
    with store.reading() as connection:
        a, t, o = schema.assignment.c, schema.trial.c, schema.trial_option.c
        query = sa.select(a.arm, a.place, t.position, t.item, o.position, o.option)
        query = query.select_from(schema.assignment.join(schema.trial).join(schema.trial_option))
        for arm, place, at, item, where, option in connection.execute(query):
            items.setdefault((arm, place), {})[at] = item
            options.setdefault((arm, place, at), {})[where] = option
    assert sorted(items) == [(arm, place) for arm in ("fixed", "two") for place in (1, 2, 3)]
    for place in (1, 2, 3):
        assert set(items["two", place].values()) == set(items["fixed", place].values())
    for (arm, _, _), shown in options.items():
        names = [shown[where] for where in sorted(shown)]
        if arm == "two":
            assert sorted(names) == ["inversion", "saliency"]
        else:
            assert names == ["saliency", "inversion", "visualization"]
    assert finished(store, tokens[0]).page == Page.DEBRIEFING


def test_arms_are_balanced_on_who_finishes_or_is_under_way(store):
    arms = {"a": {"order": "fixed"}, "b": {"order": "random"}, "c": {"order": "williams"}}
    version = opened(store, arms=arms, background=[])
    for _ in range(6):
        joined(store, version)
    by_arm = Counter(arm for arm, _ in places(store, version))
    assert by_arm == {"a": 2, "b": 2, "c": 2}
    for person in store.participants(version=version).dicts():
        if person["arm"] == "b":
            change_where(store, person["assignment"])
    joined(store, version)
    joined(store, version)
    assert [arm for arm, _ in places(store, version)[-2:]] == ["b", "b"]


def change_where(store, key):
    a = schema.assignment
    old = datetime.now(UTC) - timedelta(minutes=1)
    with store.engine.begin() as connection:
        connection.execute(sa.update(a).where(a.c.id == key).values(lease_until=old))


def test_many_who_join_at_once_share_the_arms_and_stop_at_the_cap(store):
    arms = {"a": {"order": "fixed"}, "b": {"order": "random"}}
    version = opened(store, arms=arms, recruitment={"source": "link", "cap": 9})
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: joined(store, version), range(16)))
    assert store.progress(version=version)["joined"] == 9
    assert sorted(Counter(arm for arm, _ in places(store, version)).values()) == [4, 5]
    left_out = next(token for token in tokens if store.assignment(token) is None)
    assert session.state(store, left_out, version).page == Page.FULL
    with pytest.raises(NoPlaceError):
        session.join(store, version, "live", left_out)
    assert session.join(store, version, "pilot", left_out) == left_out


def test_a_cap_counts_all_versions_of_the_study(store):
    first = opened(store, recruitment={"source": "link", "cap": 2})
    joined(store, first)
    second = opened(store, recruitment={"source": "link", "cap": 2}, title="Mended")
    joined(store, second)
    for version in (first, second):
        new = session.new_token(store)
        assert session.state(store, new, version).page == Page.FULL


def test_a_full_group_ends_there_and_other_groups_go_on(store):
    quotas = {"expertise": {"never": 2}}
    version = opened(store, recruitment={"source": "link", "quotas": quotas})
    pages = [told(store, joined(store, version)) for _ in range(3)]
    assert pages == [Page.INSTRUCTIONS, Page.INSTRUCTIONS, Page.FULL]
    assert told(store, joined(store, version), USER) == Page.INSTRUCTIONS
    progress = store.progress(version=version)
    assert (progress["full"], progress["instructions"], progress["joined"]) == (1, 3, 4)
    turned_away = store.participants(version=version).dicts()[2]
    assert (turned_away["ended"], turned_away["trials"]) == ("full", 0)
    assert turned_away["background"]["explainability"] == "never"


def test_a_quota_holds_however_many_answer_at_once(store):
    quotas = {"expertise": {"never": 3}}
    version = opened(store, recruitment={"source": "link", "quotas": quotas})
    tokens = [joined(store, version) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        pages = Counter(pool.map(lambda token: told(store, token), tokens))
    assert pages == {Page.INSTRUCTIONS: 3, Page.FULL: 5}


def test_screening_out_survives_a_refresh_and_gives_the_place_back(store):
    rule = {"question": "explainability", "is": ["never"]}
    version = opened(store, screen_out=[rule], recruitment={"source": "link", "cap": 1})
    token = joined(store, version)
    assert told(store, token) == Page.SCREENED_OUT
    session.finish_instructions(store, token)
    session.save_background(store, token, USER)
    here = session.state(store, token, version)
    assert here.page == Page.SCREENED_OUT and here.withdrawal_code and not here.completion_code
    (person,) = store.participants(version=version).dicts()
    assert (person["state"], person["ended"], person["trials"]) == (
        "instructions", "screened_out", 0,
    )  # fmt: skip
    assert store.progress(version=version)["abandoned"] == 0
    assert told(store, joined(store, version), USER) == Page.INSTRUCTIONS
    assert [place for _, place in places(store, version)] == [1, 1]
    assert session.withdraw(store, here.withdrawal_code)
    assert session.state(store, token).page == Page.WITHDRAWN


def test_the_time_ends_and_what_was_answered_stays(store):
    version = opened(store, recruitment={"source": "link", "maximum_minutes": 30})
    token = joined(store, version)
    told(store, token)
    session.finish_instructions(store, token)
    trial = session.state(store, token).trial.token
    assert session.answer(store, token, trial, ANSWER).kind == "stored"
    trial = session.state(store, token).trial.token
    change(store, token, consented_at=datetime.now(UTC) - timedelta(minutes=31))
    assert session.state(store, token).page == Page.TIMED_OUT
    assert session.answer(store, token, trial, ANSWER).kind == "refused"
    (person,) = store.participants(version=version).dicts()
    assert (person["state"], person["ended"], person["answered"]) == ("trials", "timed_out", 1)
    other = joined(store, version)
    told(store, other)
    done = finished(store, other)
    change(store, other, consented_at=datetime.now(UTC) - timedelta(days=3))
    assert session.state(store, other) == done


def test_an_id_alone_opens_nobodys_run_and_the_session_does(store):
    version = opened(store)
    came = Arrival("pid-7", "session-1")
    first = joined(store, version, came)
    for guess in (Arrival("pid-7"), Arrival("pid-7", "session-2")):
        token = session.new_token(store)
        assert session.state(store, token, version, came=guess).page == Page.ALREADY
        assert session.give_consent(store, token, version, "live", True, guess) == token
        assert store.assignment(token) is None
        with pytest.raises(TakesPartError):
            session.join(store, version, "live", token, guess)
    token = session.new_token(store)
    here = session.state(store, token, version, came=came)
    assert (here.token, here.page) == (first, Page.BACKGROUND)
    assert session.give_consent(store, token, version, "live", True, came) == first
    assert store.progress(version=version)["joined"] == 1
    with store.reading() as connection:
        for table in schema.metadata.sorted_tables:
            stored = str(connection.execute(sa.select(table)).all())
            assert "pid-7" not in stored and "session-1" not in stored


def test_a_person_takes_part_once_whichever_version_is_served(store):
    first, second = opened(store), opened(store, title="Mended")
    token = joined(store, first, Arrival("p", "s"))
    new = session.new_token(store)
    assert session.state(store, new, second, came=Arrival("p", "s")).token == token
    assert session.state(store, new, second, came=Arrival("p", "t")).page == Page.ALREADY
    assert session.state(store, new, second, came=Arrival("q", "s")).page == Page.CONSENT


def test_a_withdrawn_persons_id_and_session_are_forgotten(store):
    version = opened(store)
    token = joined(store, version, Arrival("p", "s"))
    assert session.withdraw(store, session.state(store, token).withdrawal_code)
    assert store.assignment(token)["arrival"] is None
    new = session.new_token(store)
    assert session.state(store, new, version, came=Arrival("p", "s")).page == Page.CONSENT


def test_participants_of_an_older_release_keep_their_number_as_place(url):
    now = datetime.now(UTC)
    with Store(url) as store:
        schema.metadata.drop_all(store.engine)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE whyface_schema")
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "0002")
            rows = {
                "study": {"id": "s", "created_at": now},
                "study_version": {
                    "hash": "0" * 64, "study": "s", "number": 1, "frozen": "{}",
                    "status": "live", "created_at": now,
                },
                "participant": {"id": "ann", "created_at": now},
                "assignment": {
                    "participant": "ann", "version": "0" * 64, "mode": "live", "number": 7,
                    "state": "trials", "token": "t", "consent_version": "1",
                    "consented_at": now, "receipt": "r", "lease_until": now,
                },
            }  # fmt: skip
            for name, values in rows.items():
                connection.execute(sa.insert(schema.metadata.tables[name]).values(values))
    with Store(url) as store:
        (person,) = store.participants().dicts()
        assert (person["place"], person["arm"], person["ended"]) == (7, "", None)
