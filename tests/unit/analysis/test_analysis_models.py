"""Models fitted by a library: equal to what a balanced design gives by hand, and calibrated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import statistics
from analysis.statistics.median_response_time import bootstrap_medians


def times(people: int = 24, each: int = 6, seed: int = 0, slope: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = rng.normal(8, 0.4, people)
    return pd.DataFrame(
        [
            {
                "participant": f"p{person}",
                "trial": f"p{person}-{n}",
                "position": n + 1,
                "rt_ms": np.exp(level[person] + slope * n + rng.normal(0, 0.3)),
                "group": "a" if person < people // 2 else "b",
            }
            for person in range(people)
            for n in range(each)
        ]
    )


def picks(seed: int, people: int = 36, effect: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        group = "expert" if person % 2 else "layman"
        liking = rng.normal(0, 0.7, 2)
        for item in range(8):
            for k, option in enumerate(("map", "image")):
                lift = effect if (group, option) == ("expert", "image") else 0.0
                chance = 1 / (1 + np.exp(-(liking[k] + lift)))
                rows.append((f"p{person}", item, option, group, int(rng.random() < chance)))
    return pd.DataFrame(rows, columns=["participant", "trial", "option", "group", "value"])


def test_balanced_times_give_the_t_interval_of_peoples_mean_logarithms() -> None:
    data = times()
    means = np.log(data["rt_ms"]).groupby(data["participant"]).mean().to_numpy()
    [overall, *_] = statistics.run("response_time_model", data.drop(columns="position"))
    low, high = stats.t.interval(0.95, 23, means.mean(), stats.sem(means))
    assert overall.value == pytest.approx(np.exp(means.mean()))
    assert (overall.low, overall.high) == pytest.approx((np.exp(low), np.exp(high)), rel=1e-4)


def test_two_balanced_groups_give_the_pooled_t_test() -> None:
    data = times().drop(columns="position")
    found = statistics.run("response_time_model", data, within="group")
    by_group = np.log(data["rt_ms"]).groupby([data["group"], data["participant"]]).mean()
    t = stats.ttest_ind(by_group["a"], by_group["b"])
    [ratio] = [e for e in found if e.quantity == "time_ratio"]
    assert ratio.p == pytest.approx(t.pvalue, rel=1e-3)
    assert ratio.value == pytest.approx(np.exp(by_group["a"].mean() - by_group["b"].mean()))
    share = next(e for e in found if e.quantity == "within_participant_share").value
    assert 0.2 < share < 0.6  # planted: .09 of .09 + .16


def test_people_who_become_faster_are_found() -> None:
    found = statistics.run("response_time_model", times(slope=-0.1))
    [slope] = [e for e in found if e.quantity == "time_per_question"]
    assert slope.low < np.exp(-0.1) < slope.high < 1 and slope.p is not None and slope.p < 1e-6


def test_bootstrap_medians_are_those_of_resamples_written_out() -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(9), rng.integers(1, 6, 9))
    x = rng.exponential(1000, len(person))
    drawn = np.random.default_rng(7).multinomial(9, np.full(9, 1 / 9), size=50)
    slow = [
        np.sort(np.repeat(x, counts[person]))[(counts[person].sum() - 1) // 2] for counts in drawn
    ]
    assert bootstrap_medians(x, person, 50, 7).tolist() == slow


def test_the_median_covers_and_says_what_it_rests_on() -> None:
    data = times(people=60)
    [e] = statistics.run("median_response_time", data)
    assert e.low < np.exp(8) < e.high and e.participants == 60 and e.answers == 360
    assert e.value == pytest.approx(data["rt_ms"].median())


def test_saturated_gee_gives_the_ratio_of_observed_odds() -> None:
    """With equally many answers everywhere the model's shares are the observed shares."""
    data = picks(1, effect=1.0)
    found = statistics.run("gee_interaction", data, within="group")
    share = data.groupby(["group", "option"])["value"].mean()
    odds = share / (1 - share)
    expected = (odds["layman", "map"] / odds["layman", "image"]) / (
        odds["expert", "map"] / odds["expert", "image"]
    )
    test, ratio = found
    assert ratio.item == "image - map" and ratio.segment == "expert - layman"
    assert ratio.value == pytest.approx(expected, rel=1e-4)
    assert ratio.low < ratio.value < ratio.high
    assert test.p is not None and (test.p < 0.05) == (ratio.low > 1)


def test_gee_rejects_about_as_often_as_promised_when_nothing_is_there() -> None:
    tests = [statistics.run("gee_interaction", picks(s), within="group")[0].p for s in range(150)]
    rejected = sum(p is not None and p <= 0.05 for p in tests)
    assert rejected <= stats.binom.ppf(0.999, 150, 0.07)
    planted = [
        statistics.run("gee_interaction", picks(s, effect=2.0), within="group")[0].p
        for s in range(20)
    ]
    assert sum(p is not None and p <= 0.05 for p in planted) >= 15


def test_a_cell_without_finite_odds_is_told() -> None:
    data = picks(2)
    data.loc[(data["group"] == "expert") & (data["option"] == "map"), "value"] = 1
    [e] = statistics.run("gee_interaction", data, within="group")
    assert e.p != e.p and e.note == "expert always picked map: its odds have no finite estimate"
