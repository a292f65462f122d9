"""What the database sums up is what the rows sum up to, on every database."""

import pandas as pd
import pytest

import db.aggregates
from study_app.participation import session
from study_app.participation.session import Page
from study_app.simulate import simulate

FAST = 5000.0


@pytest.fixture
def answered(store, version):
    """Simulated people, one who left early, one who only agreed, and somebody of another mode."""
    simulate(store, version, 12)
    for mode, questions in (("simulated", 4), ("simulated", 0), ("test", 3)):
        token = session.new_token(store)
        session.give_consent(store, token, version, mode, agreed=True)
        here = session.state(store, token)
        choices = {
            question["id"]: next(iter(question["choices"])) for question in here.study.background
        }
        session.save_background(store, token, choices)
        session.finish_instructions(store, token)
        for n in range(questions):
            here = session.state(store, token)
            assert here.page == Page.TRIAL
            sent = {"answer": {"chosen": [1], "none": False}, "rt_ms": 1000.0 if n else None}
            assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    return store, version


@pytest.fixture(params=["one connection", "halves"])
def both(request, answered, monkeypatch):
    if request.param == "halves":
        monkeypatch.setattr(db.aggregates, "_MANY", 2)
    return answered


def rows(store, version) -> pd.DataFrame:
    table = store.responses(version=version, mode="simulated")
    return pd.DataFrame(table.rows, columns=list(table.columns))


def frame(table) -> pd.DataFrame:
    return pd.DataFrame(table.rows, columns=list(table.columns))


def test_cells_are_the_sums_of_the_rows(both):
    store, version = both
    main = rows(store, version).query("role == 'main'")
    offered = [*sorted(set(main["option"])), "nowhere"]
    table = store.cells(version=version, mode="simulated", options=offered)
    found = frame(table).set_index("number")
    assert found["rows"].to_dict() == main.groupby("number").size().to_dict()
    for place, option in enumerate(offered):
        mine = main[main["option"] == option].groupby("number")["value"].agg(["size", "sum"])
        mine = mine.reindex(found.index)
        assert (found[f"count_{place}"] == mine["size"].fillna(0)).all()
        assert (found[f"total_{place}"].fillna(-1) == mine["sum"].fillna(-1)).all()


def test_people_are_the_participants_with_their_background(both):
    store, version = both
    told = store.participants(version=version, mode="simulated").dicts()
    asked = ["deep_learning", "gender", "nothing"]
    found = store.people(version=version, mode="simulated", questions=asked).dicts()
    assert found == [
        {
            **{
                name: row[name]
                for name in ("number", "participant", "mode", "state", "ended", "arm", "language")
            },
            **{f"answer_{n}": row["background"].get(name) for n, name in enumerate(asked)},
        }
        for row in told
    ]


def test_walks_are_what_the_rows_tell_of_each_participant(both):
    store, version = both
    trials = rows(store, version).drop_duplicates("trial")
    table = frame(store.walks(version=version, mode="simulated", fast_ms=FAST))
    assert set(table["number"]) == set(trials["number"]), "who answered nothing is left out"
    for walk in table.to_dict("records"):
        mine = trials[trials["number"] == walk["number"]]
        check, main = mine[mine["role"] == "attention"], mine[mine["role"] == "main"]
        assert walk["checks"] == len(check)
        assert walk["passed"] == check["correct"].eq(True).sum()
        assert walk["rt_ms"] == pytest.approx(mine["rt_ms"].sum())
        assert walk["questions"] == len(main)
        times = main["rt_ms"].dropna().astype(float)
        assert walk["timed"] == len(times)
        assert walk["fast"] == (times < FAST).sum()
        for name, side in (
            ("slowest_fast", times[times < FAST].max()),
            ("fastest_slow", times[times >= FAST].min()),
        ):
            assert walk[name] == side or (pd.isna(walk[name]) and pd.isna(side))


def test_fast_answers_are_those_of_the_rows(both):
    store, version = both
    main = rows(store, version).query("role == 'main'")
    fast = main[main["rt_ms"].astype(float) < FAST]
    expected = fast[["number", "trial", "option", "value"]].itertuples(index=False, name=None)
    found = store.fast_answers(version=version, mode="simulated", fast_ms=FAST)
    assert sorted(found.rows) == sorted(expected) and 0 < len(fast) < len(main)


def test_options_aside_are_those_of_practice_and_checks(both):
    store, version = both
    aside = rows(store, version).query("role != 'main'")
    assert store.options_aside(version=version, mode="simulated") == sorted(set(aside["option"]))


def test_nobody_gives_nothing(store, version):
    assert store.cells(version=version, options=["a"]).rows == []
    assert store.walks(version=version).rows == []
    assert store.people(version=version).rows == []
    assert store.fast_answers(version=version, fast_ms=100).rows == []
    assert store.options_aside(version=version) == []
