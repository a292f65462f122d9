"""What is planted is found again by the statistic that fits each trial type's answers."""

import json
import math
from pathlib import Path

import pytest

from analysis import statistics
from analysis.data import frames
from analysis.summaries.summary import summarise
from db.scale import Scale
from db.store import Store
from study_app import trials
from study_app.simulate import simulate

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
RATES = {"saliency": 0.7, "inversion": 0.5, "visualization": 0.3}
ODDS = {name: p / (1 - p) for name, p in RATES.items()}
LUCE = {name: odds / sum(ODDS.values()) for name, odds in ODDS.items()}


def walked(tmp_path, n, **block):
    """What n simulated people answered to one block."""
    data = json.loads(FROZEN)
    data["study"]["blocks"] = [{"items": 8, "prompt": "Do", "options": list(RATES)} | block]
    data["study"]["simulate"] = {"n": n, "icc": 0, "effects": {"all": RATES}}
    del data["study"]["segments"]
    data["study"] |= {"analysis": [], "quality": {"min_ms": 300, "attention": 0}}
    with Store(tmp_path / "a.db", synchronous="OFF") as store:
        version = store.add_version("section7", json.dumps(data))
        simulate(store, version, n, seed=11)
        return frames.load(store, mode="simulated")


def found(data, statistic, quantity, **options):
    estimates = statistics.run(statistic, data, by="option", **options)
    return {e.item: (e.value, e.error) for e in estimates if e.quantity == quantity}


def close(estimates, truth):
    # Four standard errors: three options are outside once in five thousand seeds.
    assert set(estimates) == set(truth)
    for name, (value, error) in estimates.items():
        assert value == pytest.approx(truth[name], abs=4 * (error or 0)), name
        assert error is None or error < 0.5  # None: the reference


def log_worths():
    return {name: math.log(odds / ODDS["saliency"]) for name, odds in ODDS.items()}


def test_pick_one(tmp_path):
    data = walked(tmp_path, 25, trial="pick_one").main
    shares = {
        e.item: e
        for e in statistics.run("selection_share", data, by="option")
        if e.quantity == "selection_share"
    }
    for name, e in shares.items():
        assert e.value == pytest.approx(LUCE[name], abs=4 * (LUCE[name] / 25 / 8) ** 0.5)
    assert sum(e.value for e in shares.values()) == pytest.approx(1)


def test_pairwise_with_ties_and_balance(tmp_path):
    data = walked(tmp_path, 40, trial="pairwise", tie="No difference").main
    close(found(data, "bradley_terry", "log_worth"), log_worths())
    assert set(data["value"]) == {0.0, 0.5, 1.0}
    pairs = data.groupby("trial")["option"].agg(lambda names: " ".join(sorted(names)))
    theirs = data.groupby("trial")["participant"].first()
    counts = pairs.groupby(theirs).value_counts().unstack()
    assert ((counts >= 2) & (counts <= 3)).all(axis=None)  # eight trials, three pairs
    left = data[data["option_position"] == 1]["option"].value_counts()
    assert left.max() - left.min() <= 0.05 * left.sum()


def test_ranking(tmp_path):
    data = walked(tmp_path, 25, trial="ranking").main
    close(found(data, "plackett_luce", "log_worth"), log_worths())


def test_rating(tmp_path):
    data = walked(tmp_path, 25, trial="rating").main
    assert set(data["value"]) == {1, 2, 3, 4, 5}
    effects = {name: -value for name, value in log_worths().items() if name != "saliency"}
    fitted = found(data, "cumulative_link", "effect")
    assert fitted, {e.quantity for e in statistics.run("cumulative_link", data, by="option")}
    for name, truth in effects.items():
        (key,) = [item for item in fitted if name in item]
        assert abs(fitted[key][0]) == pytest.approx(truth, abs=4 * fitted[key][1])


def test_slider(tmp_path):
    data = walked(tmp_path, 25, trial="slider").main
    upper = (data["value"] > 50).groupby(data["option"]).mean()
    for name, p in RATES.items():
        assert upper[name] == pytest.approx(p, abs=4 * (0.25 / 200) ** 0.5)


@pytest.mark.parametrize("trial", trials.names())
def test_the_analysis_knows_what_to_do_with_each_type(tmp_path, trial):
    summary = summarise(walked(tmp_path, 6, trial=trial, items=4))
    assert [result.problem for result in summary.results if result.problem] == []
    words = trials.load(trial).SCALE == Scale.WORD
    assert {"response_time"} < {result.statistic for result in summary.results} or words


@pytest.mark.parametrize("trial", ["free_text", "one_word"])
def test_words_reach_the_frames(tmp_path, trial):
    data = walked(tmp_path, 2, trial=trial).main
    assert set(data["option"]) == {"item"} and data["value"].isna().all()
    assert data["text"].str.len().min() >= 3 and len(data) == 16
