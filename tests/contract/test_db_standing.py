"""Who is where, how many of each kind, since when: what the rows say, on every database."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from db.assignments import LEASE
from db.records import Ending, Status
from db.schema import assignment
from study_app.participation import session
from study_app.participation.session import Page

ANSWER = {"answer": {"chosen": [1], "none": False}, "rt_ms": 1500.0, "hidden_ms": 0.0}


def person(store, version, questions=None, mode="live", choice=0):
    """Somebody who consents; with ``questions`` also tells about themselves and answers so many."""
    token = session.new_token(store)
    session.give_consent(store, token, version, mode, agreed=True)
    if questions is not None:
        asked = session.state(store, token).study.background
        given = {question["id"]: list(question["choices"])[choice] for question in asked}
        assert session.save_background(store, token, given) == {}
        session.finish_instructions(store, token)
        for _ in range(questions):
            here = session.state(store, token)
            if here.page != Page.TRIAL:
                break
            sent = ANSWER
            if here.trial.role == "attention":
                right = list(here.asked.expected)
                sent = {**ANSWER, "answer": {"chosen": right, "none": False}}
            assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    return token


def leaves(store, token, ago=LEASE + timedelta(minutes=1)):
    """Not seen since then."""
    gone = update(assignment).where(assignment.c.token == token)
    moment = datetime.now(UTC) - ago + LEASE
    store.write(lambda connection: connection.execute(gone.values(lease_until=moment)))


@pytest.fixture
def crowd(store, version):
    """Two who finished, one amid the questions, one who left, one too late, one who withdrew."""
    tokens = {
        "done": person(store, version, 99),
        "also": person(store, version, 99, choice=1),
        "amid": person(store, version, 3),
        "left": person(store, version, 2),
        "late": person(store, version, 1),
        "agreed": person(store, version),
        "gone": person(store, version, 2),
        "pilot": person(store, version, 2, mode="pilot"),
    }
    leaves(store, tokens["left"])
    store.end(tokens["late"], Ending.TIMED_OUT)
    code = session.state(store, tokens["gone"]).withdrawal_code
    assert session.withdraw(store, code)
    return store, version, tokens


def test_under_way_are_those_seen_lately_who_have_not_finished(crowd):
    store, version, tokens = crowd
    rows = store.under_way(version=version).dicts()
    assert [row["number"] for row in rows] == [6, 3], "the latest first"
    agreed, amid = rows
    assert (amid["state"], amid["answered"]) == ("trials", 3)
    assert (agreed["state"], agreed["answered"]) == ("background", 0)
    assert amid["trials"] == store.count_trials(store.assignment(tokens["amid"])["id"])
    assert timedelta() < datetime.now(UTC) - amid["since"] < timedelta(minutes=1)
    assert amid["consented_at"] <= amid["since"]
    assert not set(amid) & {"token", "participant", "receipt", "arrival"}
    assert len(store.under_way(version=version, mode="pilot").rows) == 1


def test_ways_are_what_the_rows_tell(crowd):
    store, version, _ = crowd
    answers = store.responses(version=version).dicts()
    trials = {row["trial"]: row for row in answers}.values()
    answered = Counter(row["number"] for row in trials)
    checks = Counter(row["number"] for row in trials if row["role"] == "attention")
    assert checks[1] and not checks[3]
    for row in store.ways(version=version).dicts():
        number = row["number"]
        assert row["answered"] == answered[number]
        assert (row["checks"], row["passed"]) == (checks[number], checks[number])
        spent = sum(one["rt_ms"] for one in trials if one["number"] == number)
        assert (row["rt_ms"] or 0) == spent
    told = {
        row["number"]: (row["state"], row["ended"]) for row in store.ways(version=version).dicts()
    }
    assert told == {
        row["number"]: (row["state"], row["ended"])
        for row in store.participants(version=version).dicts()
    }
    assert told[5] == ("trials", "timed_out") and told[7] == ("withdrawn", None)


def test_most_trials(crowd):
    store, version, _ = crowd
    longest = max(row["trials"] for row in store.participants(version=version).dicts())
    assert store.most_trials(version=version) == longest
    assert store.most_trials(version=version, mode="test") == 0


def test_moments_count_up_to_all_however_few_are_kept(crowd):
    store, version, _ = crowd
    people = store.participants(version=version).dicts()
    for most in (200, 3, 1):
        found = store.moments(version=version, most=most)
        for kind in ("consented", "completed"):
            mine = [(at, n) for name, at, n in found if name == kind]
            moments = sorted(row[f"{kind}_at"] for row in people if row[f"{kind}_at"])
            assert mine[0] == (moments[0], 1)
            assert mine[-1] == (moments[-1], len(moments))
            assert mine == sorted(mine) and len(mine) <= most + 2
            assert all(moments[n - 1] == at for at, n in mine)


def test_standing_counts_in_groups_over_all_versions(crowd):
    store, version, _ = crowd
    newer = store.add_version("section7", store.frozen(version) + "\n")
    assert newer != version
    store.set_status(newer, Status.LIVE)
    person(store, newer, 99)

    def counts(by="", here=version, mode="live"):
        table = store.standing(version=here, mode=mode, by=by)
        assert table.columns == ("group", "consented", "completed", "under_way")
        return {row[0]: row[1:] for row in table.rows}

    assert counts() == {"": (7, 3, 2)} == counts(here=newer), "as caps count: all versions"
    assert counts("arm") == {"": (7, 3, 2)}
    assert counts("language") == {None: (7, 3, 2)}
    first, second = list(
        next(q for q in session.state(store, session.new_token(store), version).study.background
             if q["id"] == "gender")["choices"]
    )[:2]  # fmt: skip
    assert counts("gender") == {first: (5, 2, 1), second: (1, 1, 0), None: (1, 0, 1)}
    assert counts("no such question") == {None: (7, 3, 2)}
    assert counts(mode="pilot") == {"": (1, 0, 1)}
    held = store.places_left(version, "live", 100)
    assert held == 100 - 5, "who completed or is under way holds a place"


def test_nobody(store, version):
    assert store.under_way(version=version).rows == []
    assert store.ways(version=version).rows == []
    assert store.moments(version=version) == []
    assert store.standing(version=version).rows == []
