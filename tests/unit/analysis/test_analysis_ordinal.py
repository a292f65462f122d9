"""Likert ratings and families of tests, against textbooks, scipy and statsmodels."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.stats.multitest import multipletests

from analysis import statistics
from analysis.multiplicity import benjamini_hochberg, holm

# Brunner & Munzel 2000 (also scipy's and R lawstat's example): pain scores of two treatments.
PAIN_Y = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
PAIN_N = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]


def test_pain_scores_of_brunner_and_munzel() -> None:
    data = pd.DataFrame({"value": PAIN_Y + PAIN_N, "arm": ["Y"] * 14 + ["N"] * 11})
    [e] = statistics.run("brunner_munzel", data, within="arm")
    assert e.value == pytest.approx(0.788961, abs=5e-7)
    assert e.p == pytest.approx(0.005786, abs=5e-7)
    assert (e.low, e.high) == pytest.approx((0.5952169, 0.9827052), abs=5e-8)
    assert "17.68" in e.note
    assert e.p == pytest.approx(stats.brunnermunzel(PAIN_Y, PAIN_N).pvalue)


def test_brunner_munzel_counts_people_and_says_when_there_is_nothing_to_test() -> None:
    data = pd.DataFrame(
        {
            "participant": [1, 1, 2, 3, 4, 4],
            "value": [1, 1, 2, 8, 9, 9],
            "g": ["a", "a", "a", "b", "b", "b"],
        }
    )
    [e] = statistics.run("brunner_munzel", data, within="g")
    assert (e.value, e.participants, e.answers) == (1, 4, 6)
    assert np.isnan(e.low) and "all apart" in e.note


@pytest.mark.parametrize(("link", "distr"), [("logit", "logit"), ("probit", "probit")])
def test_cumulative_link_is_statsmodels(link: str, distr: str) -> None:
    rng = np.random.default_rng(1)
    option = rng.integers(0, 3, 300)
    rating = np.digitize(0.6 * option + rng.logistic(size=300), [-1, 0, 1, 2])
    data = pd.DataFrame({"option": pd.Categorical(option), "value": rating})
    found = statistics.run("cumulative_link", data, link=link)
    x = np.column_stack([option == 1, option == 2]).astype(float)
    expected = OrderedModel(rating, x, distr=distr).fit(method="bfgs", disp=False, gtol=1e-8)
    effects = [e for e in found if e.quantity == "effect"]
    assert [e.value for e in effects] == pytest.approx(list(expected.params[:2]), abs=1e-5)
    assert [e.error for e in effects] == pytest.approx(list(expected.bse[:2]), abs=1e-4)
    assert found[-1].value == pytest.approx(expected.llf, abs=1e-7)
    cuts = [e.value for e in found if e.quantity == "threshold"]
    assert cuts == pytest.approx(expected.model.transform_threshold_params(expected.params)[1:-1],
                                 abs=1e-5)  # fmt: skip


def test_wine_and_its_bitterness() -> None:
    # Randall 1989, 72 ratings; R ordinal's clm(rating ~ temp + contact): 2.503 (0.529),
    # 1.528 (0.477), thresholds -1.344, 1.251, 3.467, 5.006, log likelihood -86.49.
    counts = {
        ("cold", "no"): [4, 9, 5, 0, 0],
        ("cold", "yes"): [1, 7, 8, 2, 0],
        ("warm", "no"): [0, 5, 8, 3, 2],
        ("warm", "yes"): [0, 1, 5, 7, 5],
    }
    rows = [
        (temp, contact, rating)
        for (temp, contact), many in counts.items()
        for rating, count in enumerate(many, start=1)
        for _ in range(count)
    ]
    data = pd.DataFrame(rows, columns=["temp", "contact", "value"])
    found = statistics.run("cumulative_link", data, by="temp", within="contact")
    warm, yes = found[:2]
    assert (warm.value, warm.error) == pytest.approx((2.503, 0.529), abs=1e-3)
    assert (yes.value, yes.error) == pytest.approx((1.528, 0.477), abs=1e-3)
    cuts = [e.value for e in found if e.quantity == "threshold"]
    assert cuts == pytest.approx([-1.344, 1.251, 3.467, 5.006], abs=1e-3)
    assert found[-1].value == pytest.approx(-86.49, abs=5e-3)


def test_ratings_repeated_by_one_person_do_not_make_the_estimate_surer() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame(
        {
            "participant": np.tile(np.arange(40), 2),
            "option": np.repeat(["a", "b"], 40),
            "value": rng.integers(1, 6, 80),
        }
    )
    once = statistics.run("cumulative_link", data)[0]
    often = statistics.run("cumulative_link", pd.concat([data] * 5))[0]
    assert often.error == pytest.approx(once.error)
    assert often.value == pytest.approx(once.value)


def test_an_option_above_all_others_has_no_finite_effect() -> None:
    data = pd.DataFrame({"option": ["a"] * 5 + ["b"] * 5, "value": [1, 2, 1, 2, 1, 4, 5, 4, 5, 4]})
    [e] = statistics.run("cumulative_link", data)
    assert np.isnan(e.value) and "no finite estimate" in e.note


def test_adjusted_p_values_are_statsmodels() -> None:
    p = np.random.default_rng(3).random(20) ** 2
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    with_gap = benjamini_hochberg([0.01, np.nan, 0.03])
    assert np.isnan(with_gap[1]) and with_gap[[0, 2]] == pytest.approx([0.02, 0.03])
