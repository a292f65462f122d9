"""What is deleted after its time, and what must stay, on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import schema
from db.deletion import Due
from db.errors import TakesPartError
from db.records import Mode
from study_app.participation import session
from study_app.participation.arrival import Arrival
from study_app.participation.session import Page

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
NOTHING = Due(0, 0, 0)


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def take_part(store, version, mode="live", *, days=0.0, external=None, answers=99) -> str:
    """Somebody who was last seen so many days ago."""
    token = session.join(store, version, mode, session.new_token(store), Arrival(external))
    study = session.state(store, token).study
    session.save_background(
        store, token, {q["id"]: next(iter(q["choices"])) for q in study.background}
    )
    session.finish_instructions(store, token)
    session.log_event(store, token, "reload", {"n": 1})
    for _ in range(answers):
        if (trial := session.state(store, token).trial) is None:
            break
        sent = {"answer": {"chosen": [1], "none": False}, "rt_ms": 900.0}
        assert session.answer(store, token, trial.token, sent).kind == "stored"
    with store.engine.begin() as connection:
        table = schema.assignment
        seen = days_ago(days) + timedelta(hours=1)
        mine = sa.update(table).where(table.c.token == token)
        connection.execute(mine.values(lease_until=seen))
    return token


def rows(store) -> dict[str, list]:
    """Everything in the database but its settings."""
    with store.reading() as connection:
        return {
            name: sorted(map(str, connection.execute(sa.select(table)).all()))
            for name, table in schema.metadata.tables.items()
        }


def states(store, mode="live") -> list[str]:
    return [row["state"] for row in store.participants(mode=mode).dicts()]


def test_counting_changes_nothing_and_deleting_does_what_was_counted(store, version):
    take_part(store, version, days=40, external="a")
    take_part(store, version, days=40, answers=3)
    recent = take_part(store, version, days=10, external="b")
    before = rows(store)
    due = store.retain("participants", before=days_ago(30))
    assert due == Due(2, 13, 1) and rows(store) == before
    assert store.retain("participants", before=days_ago(30), sure=True) == due
    assert states(store) == ["withdrawn", "withdrawn", "completed"]
    assert len(store.responses(version=version).rows) == 30
    assert session.state(store, recent).page == Page.DEBRIEFING
    left = rows(store)
    assert len(left["external_id"]) == 1 and len(left["background"]) == 4
    assert len(left["trial"]) == 10 and len(left["assignment"]) == len(left["participant"]) == 3
    assert store.retain("participants", before=days_ago(30), sure=True) == NOTHING
    with store.reading() as connection:
        c = schema.event.c
        facts = connection.execute(sa.select(c.data).where(c.kind == "expired").order_by(c.id))
        assert [fact.data["was"] for fact in facts] == ["completed", "trials"]
    progress = store.progress(version=version)
    assert (progress["joined"], progress["withdrawn"], progress["answers"]) == (3, 2, 10)


def test_who_is_under_way_is_left_alone(store, version):
    here = take_part(store, version, answers=2)
    take_part(store, version, days=0.5, answers=2)
    store.set_status(version, "closed")
    assert store.retain("participants", closed=True, sure=True).participants == 1
    assert session.state(store, here).page == Page.TRIAL
    assert states(store) == ["trials", "withdrawn"]


def test_only_closed_versions_only_one_study_only_one_mode(store, version):
    other = json.loads(FROZEN)
    other["study"]["id"] = "other"
    second = store.add_version("other", json.dumps(other))
    store.set_status(second, "live")
    for which in (version, second):
        for mode in ("live", "pilot"):
            take_part(store, which, mode, days=5, answers=1)
    assert store.retain("participants", closed=True) == NOTHING
    store.set_status(version, "closed")
    assert store.retain("participants", closed=True).participants == 2
    assert store.retain("participants", closed=True, study="other") == NOTHING
    assert store.retain("participants", study="other").participants == 2
    assert store.retain("participants", closed=True, mode=Mode.PILOT, sure=True) == Due(1, 1, 0)
    assert states(store, "pilot") == ["withdrawn", "trials"] and "withdrawn" not in states(store)


def test_external_ids_go_alone_and_stay_while_another_study_needs_them(store, version):
    later = store.add_version("section7", FROZEN + " ")
    store.set_status(later, "live")
    first = take_part(store, version, days=9, external="only here")
    take_part(store, version, days=9, external="in both", answers=1)
    take_part(store, later, days=9, external="in both", answers=1)
    store.set_status(version, "closed")
    assert store.retain("external-ids", closed=True) == Due(0, 0, 1)
    before = rows(store)
    assert store.retain("external-ids", closed=True, sure=True) == Due(0, 0, 1)
    after = rows(store)
    assert len(after["external_id"]) == 1
    assert before | {"external_id": []} == after | {"external_id": []}
    assert session.state(store, first).page == Page.DEBRIEFING
    with pytest.raises(TakesPartError):
        session.join(store, later, "live", session.new_token(store), Arrival("in both"))
    assert store.progress(version=later)["joined"] == 1
    store.set_status(later, "closed")
    assert store.retain("external-ids", closed=True, sure=True) == Due(0, 0, 1)
    assert rows(store)["external_id"] == []


def test_a_person_in_two_studies_keeps_their_id_until_nothing_of_them_is_left(store, version):
    later = store.add_version("section7", FROZEN + " ")
    store.set_status(later, "live")
    take_part(store, version, days=50, external="p", answers=1)
    take_part(store, later, days=5, external="p", answers=1)
    assert store.retain("participants", before=days_ago(30)) == Due(1, 1, 0)
    assert store.retain("participants", before=days_ago(30), sure=True) == Due(1, 1, 0)
    assert len(rows(store)["external_id"]) == 1
    assert store.retain("participants", before=days_ago(3), sure=True) == Due(1, 1, 1)
    assert rows(store)["external_id"] == []


def test_who_expired_may_still_withdraw(store, version):
    token = take_part(store, version, days=50)
    code = session.state(store, token).withdrawal_code
    store.retain("participants", before=days_ago(30), sure=True)
    assert session.state(store, token).page == Page.WITHDRAWN
    assert session.withdraw(store, code) and states(store) == ["withdrawn"]


@pytest.mark.parametrize("deleting", ["retain", "withdraw"])
def test_deleted_words_are_in_no_file_any_more(store, version, tmp_path, deleting):
    if not store.is_sqlite:
        pytest.skip("PostgreSQL's files are the server's")
    token = take_part(store, version, days=50, answers=1)
    session.log_event(store, token, "reload", {"word": "XYZZYPLUGH"})
    files = list(tmp_path.glob("whyface.db*"))
    assert any(b"XYZZYPLUGH" in path.read_bytes() for path in files)
    if deleting == "retain":
        store.retain("participants", before=days_ago(-1), sure=True)
    else:
        session.withdraw(store, session.state(store, token).withdrawal_code)
    files = list(tmp_path.glob("whyface.db*"))
    assert files and not any(b"XYZZYPLUGH" in path.read_bytes() for path in files)


def test_each_consent_keeps_the_version_of_its_text(store, version):
    changed = json.loads(FROZEN)
    changed["study"]["consent"] = {"file": "consent.md", "version": 7}
    second = store.add_version("section7", json.dumps(changed))
    for which in (version, second):
        take_part(store, which, "pilot", answers=0)
    consents = [row["consent_version"] for row in store.participants(mode="pilot").dicts()]
    first = json.loads(FROZEN)["study"]["consent"]["version"]
    assert consents == [str(first), "7"]
