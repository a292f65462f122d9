"""What is planted in simulated participants is found again in the database."""

import json
import statistics
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

from db.store import Store
from explainers.problems import Problems
from study_app import simulate
from study_app.frozen import Frozen

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
PLANTED = json.loads(FROZEN)["study"]["simulate"]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "a.db"
    with Store(path, synchronous="OFF") as store:
        version = store.add_version("section7", FROZEN)
        assert simulate.simulate(store, version, 101, seed=7) == 101
        yield store, version


def test_own_rates_have_the_planted_mean_and_correlation():
    rng = Random(1)
    for p, icc in ((0.6, 0.21), (0.25, 0.05), (0.5, 0.8)):
        rates = [simulate.own_rate(p, icc, rng) for _ in range(20_000)]
        assert statistics.fmean(rates) == pytest.approx(p, abs=0.01)
        assert statistics.variance(rates) == pytest.approx(icc * p * (1 - p), rel=0.05)


def test_groups_and_preferences_are_found_again(simulated):
    store, version = simulated
    people = {
        row["participant"]: row["background"]["explainability"]
        for row in store.participants(version=version, mode="simulated").dicts()
    }
    counts = {group: list(people.values()).count(group) for group in ("never", "aware", "user")}
    for group, share in PLANTED["background"]["explainability"].items():
        assert counts[group] == pytest.approx(101 * share, abs=4 * (101 * share) ** 0.5)
    picked = defaultdict(lambda: defaultdict(list))
    for row in store.responses(version=version, mode="simulated").dicts():
        if row["role"] == "main":
            picked[people[row["participant"]], row["option"]][row["participant"]].append(
                row["value"]
            )
    for (group, option), answers in picked.items():
        rates = [statistics.fmean(values) for values in answers.values()]
        assert len(rates) == counts[group] and all(len(v) == 8 for v in answers.values())
        error = statistics.stdev(rates) / len(rates) ** 0.5
        planted = PLANTED["effects"][group][option]
        # Nine comparisons at four standard errors: wrong once in two thousand seeds.
        assert statistics.fmean(rates) == pytest.approx(planted, abs=4 * error)
    answers = [v for (_, o), d in picked.items() if o == "saliency" for v in d.values()]
    between = statistics.variance(map(statistics.fmean, answers))
    within = statistics.fmean(statistics.variance(values) for values in answers)
    icc = (between - within / 8) / (between - within / 8 + within)
    assert icc == pytest.approx(PLANTED["icc"], abs=0.12)


def test_times_and_attention_look_like_peoples(simulated):
    store, version = simulated
    rows = store.responses(version=version, mode="simulated").dicts()
    times = {row["trial"]: row["rt_ms"] for row in rows}
    assert 5000 < statistics.median(times.values()) < 11_000
    assert min(times.values()) > 300
    checks = {row["trial"]: row["correct"] for row in rows if row["role"] == "attention"}
    assert len(checks) == 101 and 0 < list(checks.values()).count(False) < 15


def test_simulated_people_are_never_among_live_ones(simulated):
    store, version = simulated
    assert store.progress(version=version, mode="simulated")["completed"] == 101
    assert store.progress(version=version)["joined"] == 0
    assert store.responses().rows == [] and store.participants().rows == []


def test_only_the_missing_are_added_and_the_same_seed_answers_the_same(tmp_path):
    tables = []
    for name, steps in (("a", [6]), ("b", [2, 2, 6])):
        with Store(tmp_path / f"{name}.db", synchronous="OFF") as store:
            version = store.add_version("section7", FROZEN)
            added = [simulate.simulate(store, version, n) for n in steps]
            assert sum(added) == 6
            keep = ("number", "position", "item", "option", "option_position", "value", "rt_ms")
            rows = store.responses(version=version, mode="simulated").dicts()
            tables.append([tuple(row[key] for key in keep) for row in rows])
    assert tables[0] == tables[1]


def test_a_study_that_plants_nothing(tmp_path):
    data = json.loads(FROZEN)
    del data["study"]["simulate"]
    with Store(tmp_path / "a.db") as store:
        version = store.add_version("section7", json.dumps(data))
        with pytest.raises(Problems, match="has no 'simulate:'"):
            simulate.simulate(store, version, 3)


def test_groups_are_optional():
    data = json.loads(FROZEN)
    data["study"].pop("segments")
    data["study"]["simulate"] = {"n": 1, "icc": 0, "effects": {"all": {"saliency": 0.7}}}
    frozen = Frozen.parse("0", json.dumps(data))
    background = simulate.draw_background(frozen, Random(1))
    assert set(background) == {q["id"] for q in frozen.background}
    assert simulate.draw_person(frozen, background, Random(1)).rates == {"saliency": 0.7}
