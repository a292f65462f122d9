"""Sensitivity and psychometric curves against published tables and fits."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import statistics
from analysis.errors import AnalysisError
from analysis.statistics import mafc_dprime, oddity_dprime

REFERENCE = Path(__file__).parents[2] / "reference"


def test_two_alternatives_are_the_normal_distribution() -> None:
    for d in (0.0, 0.5, 1.5, 3.0):
        assert mafc_dprime.correct(d, 2) == pytest.approx(stats.norm.cdf(d / np.sqrt(2)), abs=1e-10)


def test_right_answers_are_what_ideal_observers_give() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(400_000, 4))
    noise[:, 0] += 1.2
    for m in (3, 4):
        share = (noise[:, :m].argmax(axis=1) == 0).mean()
        assert mafc_dprime.correct(1.2, m) == pytest.approx(share, abs=0.004)
    three = np.sort(noise[:, :3], axis=1)
    apart = np.where(three[:, 1] - three[:, 0] < three[:, 2] - three[:, 1], 2, 0)
    odd = three[np.arange(len(three)), apart] == noise[:, 0]
    assert oddity_dprime.correct(1.2) == pytest.approx(odd.mean(), abs=0.004)


def answers(right: int, n: int) -> pd.DataFrame:
    return pd.DataFrame({"value": [1.0] * right + [0.0] * (n - right)})


def test_dprime_undoes_the_expected_share() -> None:
    share = oddity_dprime.correct(1.5)
    data = pd.DataFrame({"value": [share] * 50, "participant": range(50)})
    [d, guessing] = statistics.run("oddity_dprime", data)
    assert d.value == pytest.approx(1.5, abs=1e-9)
    assert guessing.value == pytest.approx(share)
    [d, _] = statistics.run("mafc_dprime", answers(76, 100), m=2)
    assert d.value == pytest.approx(np.sqrt(2) * stats.norm.ppf(0.76), abs=1e-9)
    assert d.low < d.value < d.high


def test_oddity_is_harder_than_forced_choice() -> None:
    [odd, _] = statistics.run("oddity_dprime", answers(60, 100))
    [forced, test] = statistics.run("mafc_dprime", answers(60, 100), m=3)
    assert odd.value > 1.5 * forced.value
    assert test.p == pytest.approx(stats.binomtest(60, 100, 1 / 3, "greater").pvalue)


def test_all_right_and_below_chance() -> None:
    [d, _] = statistics.run("oddity_dprime", answers(9, 9))
    assert np.isnan(d.value) and "at least" in d.note
    [d, _] = statistics.run("oddity_dprime", answers(2, 9))
    assert d.value == 0 and "no better than chance" in d.note
    with pytest.raises(AnalysisError, match="m is 1"):
        statistics.run("mafc_dprime", answers(2, 9), m=1)


def published() -> pd.DataFrame:
    told = json.loads((REFERENCE / "psychometric_2afc.json").read_text(encoding="utf-8"))
    rows = [(x, right / n, n) for x, right, n in told["data"]["rows"]]
    return pd.DataFrame(rows, columns=["x", "value", "count"])


@pytest.mark.parametrize("core", ["normal", "logistic"])
def test_psychometric_curve_of_the_published_example(core: str) -> None:
    told = json.loads((REFERENCE / "psychometric_2afc.json").read_text(encoding="utf-8"))
    expected = told["expected"]["ml_lapse0"]["norm" if core == "normal" else "logistic"]
    found = {e.quantity: e for e in statistics.run("psychometric_curve", published(), core=core)}
    assert found["threshold"].value == pytest.approx(expected["threshold"], abs=1e-7)
    assert found["width"].value == pytest.approx(expected["width"], abs=1e-6)
    assert found["log_likelihood"].value == pytest.approx(expected["loglik"], abs=1e-6)
    assert found["lapse"].value == pytest.approx(0, abs=1e-6)
    told_map = told["expected"]["psignifit_map"]["threshold"]
    assert found["threshold"].low < told_map < found["threshold"].high


def test_people_are_drawn_again_where_there_are_several() -> None:
    rng = np.random.default_rng(2)
    own = rng.normal(0, 1.0, 12)
    x = np.tile(np.linspace(-3, 3, 7).repeat(6), 12)
    who = np.repeat(range(12), 42)
    p = 0.5 + 0.48 * stats.norm.cdf(x - own[who])
    data = pd.DataFrame({"x": x, "value": rng.binomial(1, p), "participant": who})
    several = statistics.run("psychometric_curve", data, resamples=40)[0]
    pooled = statistics.run("psychometric_curve", data.drop(columns="participant"))[0]
    assert several.value == pooled.value
    assert several.high - several.low > pooled.high - pooled.low


def test_a_curve_that_cannot_be_told() -> None:
    flat = pd.DataFrame({"x": [1.0, 2, 3], "value": [0.5] * 3, "count": [10] * 3})
    [threshold, _] = statistics.run("psychometric_curve", flat)
    assert np.isnan(threshold.value) and "same at all levels" in threshold.note
    with pytest.raises(AnalysisError, match="unknown core"):
        statistics.run("psychometric_curve", flat, core="weibull")
