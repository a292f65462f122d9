import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from analysis.intervals import difference_t, logit_t, median_order, wilson
from analysis.multiplicity import holm
from analysis.resampling import bootstrap_means, percentile

RATES = [0.0, 0.125, 0.5, 0.375, 1.0, 0.25, 0.25]


@pytest.mark.parametrize(("x", "n"), [(0, 12), (49, 101), (36, 101), (12, 12), (1, 1)])
def test_wilson_is_statsmodels(x: int, n: int) -> None:
    assert np.allclose(wilson(x, n), proportion_confint(x, n, method="wilson"), atol=1e-12)


def test_wilson_prints_newcombes_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    published = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605),
                 (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}  # fmt: skip
    for (x, n), ends in published.items():
        assert np.allclose(wilson(x, n), ends, atol=5e-5)


def test_logit_t_is_its_formula() -> None:
    mean = sum(RATES) / len(RATES)
    error = (sum((r - mean) ** 2 for r in RATES) / (len(RATES) - 1) / len(RATES)) ** 0.5
    half = stats.t.ppf(0.975, len(RATES) - 1) * error / (mean * (1 - mean))
    odds = np.log(mean / (1 - mean))
    expected = (mean, 1 / (1 + np.exp(-(odds - half))), 1 / (1 + np.exp(-(odds + half))))
    assert np.allclose(logit_t(RATES), expected)


@pytest.mark.parametrize("rate", [0.0, 1.0, 0.25, 1 / 3])
def test_unanimous_participants_never_give_a_zero_width(rate: float) -> None:
    mean, low, high = logit_t([rate] * 10)
    assert mean == pytest.approx(rate)
    assert high - low > 0.2
    assert low <= mean + 1e-12 and mean - 1e-12 <= high


def test_one_or_no_participant_has_no_interval() -> None:
    assert np.isnan(logit_t([])).all()
    mean, low, high = logit_t([0.5])
    assert mean == 0.5 and np.isnan(low) and np.isnan(high)
    assert np.isnan(difference_t([])).all()
    assert np.isnan(difference_t([0.5])[1])


@given(st.lists(st.integers(0, 8), min_size=2, max_size=40))
def test_intervals_hold_their_mean_and_stay_inside(counts: list[int]) -> None:
    rates = np.array(counts) / 8
    mean, low, high = logit_t(rates)
    assert 0 <= low <= mean + 1e-12 and mean - 1e-12 <= high <= 1
    assert high > low
    mean, low, high = difference_t(rates - rates[::-1])
    assert -1 <= low <= mean + 1e-12 and mean - 1e-12 <= high <= 1
    assert high > low


def test_intervals_broadcast_over_studies() -> None:
    studies = np.random.default_rng(0).random((5, 3, 20))
    _, low, _ = logit_t(studies)
    assert low.shape == (5, 3)
    assert low[2, 1] == pytest.approx(float(logit_t(studies[2, 1])[1]))


def test_difference_is_scipys_paired_t() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random(30), rng.random(30)
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert np.allclose(difference_t(a - b)[1:], (expected.low, expected.high))


@pytest.mark.parametrize("n", [6, 7, 10, 15, 36, 101])
def test_median_interval_reaches_its_level_as_tightly_as_it_can(n: int) -> None:
    median, low, high = median_order(np.arange(1, n + 1))
    k = int(low)
    assert high == n + 1 - k and median == (n + 1) / 2
    assert 1 - 2 * stats.binom.cdf(k - 1, n, 0.5) >= 0.95
    assert 1 - 2 * stats.binom.cdf(k, n, 0.5) < 0.95


def test_median_of_few_has_no_interval() -> None:
    assert np.isnan(median_order([1, 2, 3, 4, 5])[1])
    assert np.isnan(median_order([])).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_formula(p: list[float]) -> None:
    slow = []
    for own in p:
        smaller = sorted(other for other in p if other <= own)
        slow.append(min(1, max((len(p) - i) * other for i, other in enumerate(smaller))))
    assert np.allclose(holm(p), slow)


def test_holm_is_statsmodels() -> None:
    p = [0.03, 0.001, 0.2, 0.001, 0.04, 0.9]
    assert np.allclose(holm(p), multipletests(p, method="holm")[1])


def test_holm_leaves_out_what_could_not_be_tested() -> None:
    adjusted = holm([0.01, np.nan, 0.04])
    assert np.isnan(adjusted[1])
    assert adjusted[[0, 2]].tolist() == [0.02, 0.04]


def test_bootstrap_by_profiles_is_the_bootstrap_by_participants() -> None:
    rng = np.random.default_rng(3)
    rates = rng.integers(0, 3, (40, 2)) / 2
    fast = bootstrap_means(rates, 20_000, seed=4)
    slow = rates[rng.integers(0, 40, (20_000, 40))].mean(axis=1)
    assert np.allclose(fast.mean(0), rates.mean(0), atol=0.003)
    assert np.allclose(np.cov(fast.T), np.cov(slow.T), rtol=0.08, atol=2e-4)
    assert np.allclose(percentile(fast), percentile(slow), atol=0.02)
    assert np.array_equal(fast, bootstrap_means(rates, 20_000, seed=4))
    assert np.isnan(bootstrap_means(np.empty((0, 2)), 5)).all()
