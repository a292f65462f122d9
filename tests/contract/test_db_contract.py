"""What holds on every database: SQLite and PostgreSQL run the same tests."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from db import schema
from db.errors import StoreError
from db.migrations import VERSION_TABLE, revision, revisions
from db.records import Mode, Status
from db.store import Store
from study_app.participation import session
from study_app.participation.arrival import Arrival
from study_app.participation.session import Page

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
ANSWER = {"answer": {"chosen": [2], "none": False}, "rt_ms": 1234.5, "hidden_ms": 10.0}


def joined(store, version, mode="live"):
    token = session.new_token(store)
    assert session.give_consent(store, token, version, mode, agreed=True) == token
    return token


def at_trials(store, version, mode="live"):
    token = joined(store, version, mode)
    study = session.state(store, token).study
    choices = {question["id"]: next(iter(question["choices"])) for question in study.background}
    assert session.save_background(store, token, choices) == {}
    session.finish_instructions(store, token)
    return token


def walk(store, token):
    while (here := session.state(store, token)).page == Page.TRIAL:
        session.mark_shown(store, token, here.trial.token)
        assert session.answer(store, token, here.trial.token, ANSWER).kind == "stored"
    return here


def test_migrations_build_exactly_the_schema(store):
    with store.reading() as connection:
        assert revision(connection) == revisions()[0]
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []
        built = sa.inspect(connection)
        for table in schema.metadata.tables.values():
            # Alembic does not compare checks.
            checks = {check["name"] for check in built.get_check_constraints(table.name)}
            declared = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            assert checks == declared, table.name


def test_opening_again_changes_nothing(url):
    with Store(url) as first:
        version = first.add_version("s", "{}")
        secret = first.secret
    with Store(url, create=False) as second:
        assert second.frozen(version) == "{}"
        assert second.secret == secret


def test_many_may_open_an_empty_database_at_once(url):
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: Store(url), range(6)))
    assert len({store.secret for store in stores}) == 1
    for store in stores:
        store.close()


def test_a_newer_database_is_refused(url):
    with Store(url) as store, store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer whyface") as error:
        Store(url)
    assert "p@ss" not in str(error.value) and "%40" not in str(error.value)


def test_another_applications_database_is_refused_and_left_alone(url):
    with Store(url) as store:
        schema.metadata.drop_all(store.engine)
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
            connection.exec_driver_sql("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StoreError, match=r"another application.*invoices"):
        Store(url)


def test_a_wrong_password_is_refused_and_not_printed(postgresql):
    with pytest.raises(StoreError, match="password authentication failed") as error:
        Store(postgresql.replace(":p%40ss", ":wrong-one") + "/postgres")
    assert "wrong-one" not in str(error.value)


def test_a_missing_postgresql_database(postgresql):
    with pytest.raises(StoreError, match=r"cannot be opened.*does not exist") as error:
        Store(postgresql + "/nowhere")
    assert "p@ss" not in str(error.value) and "p%40ss" not in str(error.value)


def test_versions_count_up_within_a_study_and_are_stored_once(store):
    first = store.add_version("a", '{"n":1}')
    assert store.add_version("a", '{"n":1}') == first
    store.add_version("a", '{"n":2}')
    store.add_version("b", '{"n":3}')
    rows = [(row["study"], row["number"], row["status"]) for row in store.versions()]
    assert rows == [("a", 1, "frozen"), ("a", 2, "frozen"), ("b", 1, "frozen")]


def test_status_only_moves_forward(store, version):
    store.set_status(version, Status.CLOSED)
    with pytest.raises(StoreError, match="is closed and cannot become frozen"):
        store.set_status(version, Status.FROZEN)
    with pytest.raises(StoreError, match="holds no study version"):
        store.set_status("0" * 64, Status.LIVE)


def test_a_whole_walk(store, version):
    before = datetime.now(UTC)
    done = walk(store, at_trials(store, version))
    assert done.page == Page.DEBRIEFING and done.completion_code
    table = store.responses(version=version)
    rows = table.dicts()
    assert len(rows) == 10 * 3
    assert Counter(row["value"] for row in rows) == {0.0: 20, 1.0: 10}
    assert {row["option_position"] for row in rows if row["value"]} == {2}
    for row in rows:
        assert row["rt_ms"] == 1234.5 and row["hidden_ms"] == 10.0 and row["rt_source"] == "client"
        assert before <= row["shown_at"] <= row["answered_at"] <= datetime.now(UTC)
        assert row["answered_at"].utcoffset() == timedelta(0)
        assert row["correct"] is (True if row["role"] == "attention" else None)
    (person,) = store.participants(version=version).dicts()
    assert (person["trials"], person["answered"], person["number"]) == (10, 10, 1)
    assert person["background"]["explainability"] == "never"
    assert store.responses(mode=Mode.SIMULATED).rows == []


def test_numbers_are_unique_however_many_join_at_once(store, version):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: joined(store, version), range(24)))
    numbers = [row["number"] for row in store.participants(version=version).dicts()]
    assert sorted(numbers) == list(range(1, 25))


def test_one_token_joins_once_however_often_it_is_sent(store, version):
    token = session.new_token(store)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: session.join(store, version, "live", token), range(16)))
    assert store.progress(version=version)["joined"] == 1


def test_a_trial_is_answered_once_whoever_is_first(store, version):
    token = at_trials(store, version)
    for _ in range(10):
        trial = session.state(store, token).trial
        start = threading.Barrier(8)

        def send(position, trial=trial, start=start):
            start.wait()
            sent = {"answer": {"chosen": [position % 3 + 1], "none": False}}
            return session.answer(store, token, trial.token, sent).kind

        with ThreadPoolExecutor(8) as pool:
            kinds = Counter(pool.map(send, range(8)))
        assert kinds == {"stored": 1, "already": 7}
    rows = store.responses(version=version).dicts()
    assert len(rows) == 30 and sum(row["value"] for row in rows) == 10
    assert session.state(store, token).page == Page.DEBRIEFING


def test_modes_never_mix(store, version):
    walk(store, at_trials(store, version, "test"))
    assert store.progress(version=version)["joined"] == 0
    assert store.progress(version=version, mode="test")["completed"] == 1
    assert store.responses(study="section7", mode="live").rows == []
    assert len(store.responses(study="section7", mode="test").rows) == 30


def test_a_person_who_joins_several_versions_at_once_is_one_person(store, version):
    versions = [version] + [store.add_version("section7", FROZEN + " " * n) for n in range(1, 6)]
    start = threading.Barrier(len(versions))

    def arrive(which):
        start.wait()
        session.join(store, which, "pilot", session.new_token(store), came=Arrival("pid-9"))

    with ThreadPoolExecutor(len(versions)) as pool:
        list(pool.map(arrive, versions))
    people = store.participants(mode="pilot").dicts()
    assert len(people) == len(versions) and len({row["participant"] for row in people}) == 1


def test_withdrawing_deletes_everything_but_the_fact(store, version):
    kept = walk(store, at_trials(store, version))
    token = session.new_token(store)
    session.give_consent(store, token, version, "live", True, came=Arrival("pid"))
    session.log_event(store, token, "reload", {"n": 1})
    code = session.state(store, token).withdrawal_code
    assert session.withdraw(store, f" {code.lower()} ")
    assert session.state(store, token).page == Page.WITHDRAWN
    with store.reading() as connection:
        left = {
            table: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for table in (schema.event, schema.external_id, schema.background, schema.trial)
        }
    assert list(left.values()) == [0, 0, 4, 10]
    assert not session.withdraw(store, "AAAA-AAAA-AAAA-AAAA")
    progress = store.progress(version=version)
    assert (progress["withdrawn"], progress["completed"], progress["answers"]) == (1, 1, 10)
    assert session.state(store, kept.token).completion_code == kept.completion_code


def test_progress_counts_who_is_under_way(store, version):
    gone = joined(store, version)
    at_trials(store, version)
    session.give_consent(store, session.new_token(store), version, "live", agreed=False)
    with store.engine.begin() as connection:
        table = schema.assignment
        old = datetime.now(UTC) - timedelta(minutes=1)
        connection.execute(sa.update(table).where(table.c.token == gone).values(lease_until=old))
    progress = store.progress(version=version)
    assert progress["active"] == 1 and progress["abandoned"] == 1 and progress["declined"] == 1
    assert progress["background"] == 1 and progress["trials"] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO response (trial, answered_at, rt_source, scale, answer)"
        " SELECT trial, answered_at, rt_source, scale, answer FROM response",
        "INSERT INTO response_option (trial, position, value) SELECT trial, 9, 1 FROM response",
        "INSERT INTO response_option (trial, position, value)"
        " SELECT max(trial) + 1, 1, 1 FROM response",
        "UPDATE response_option SET position = 4 WHERE position = 1",
        "DELETE FROM trial_option",
        "DELETE FROM trial",
        "DELETE FROM participant",
        "DELETE FROM study_version",
        "UPDATE assignment SET state = 'completed'",
        "UPDATE assignment SET state = 'lost'",
        "UPDATE assignment SET mode = 'real'",
        "UPDATE assignment SET number = 0",
        "UPDATE trial SET position = 1",
        "UPDATE trial_option SET \"option\" = 'saliency'",
        "UPDATE response SET rt_ms = -1",
        "UPDATE response SET scale = 'mood'",
        "UPDATE study_version SET status = 'gone'",
        "INSERT INTO background (assignment, question, value) VALUES (99, 'q', 'v')",
    ],
)
def test_constraints_refuse(store, version, statement):
    token = at_trials(store, version)
    trial = session.state(store, token).trial
    session.answer(store, token, trial.token, ANSWER)
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.exec_driver_sql(statement)
