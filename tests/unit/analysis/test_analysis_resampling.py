"""Counting profiles instead of drawing participants changes the cost, not the distribution."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from analysis.resampling import shuffled_between, shuffled_within

TABLE = [[0.0, 0.25, 1.0]] * 9 + [[0.5, 0.5, 1.0]] * 8 + [[0.0, 0.0, 0.0]] * 3


def test_shuffles_within_rows_have_the_mean_and_covariance_of_the_formula() -> None:
    """A row of k shuffled values has mean m, variance s² and covariance -s²/(k - 1)."""
    table = np.array(TABLE)
    sums = shuffled_within(table, 40_000, np.random.default_rng(1))
    variance = table.var(axis=1).sum()
    assert sums.mean(axis=0) == pytest.approx(table.mean(axis=1).sum() * np.ones(3), abs=0.05)
    expected = variance * (1.5 * np.eye(3) - 0.5)
    assert np.cov(sums.T) == pytest.approx(expected, abs=0.05)


def test_shuffles_within_few_rows_follow_the_exact_distribution() -> None:
    rows = [[0.0, 1.0, 3.0], [0.0, 1.0, 3.0], [2.0, 2.0, 5.0]]
    exact = [np.sum(ways, axis=0)[0] for ways in product(*(list(permutations(r)) for r in rows))]
    drawn = shuffled_within(rows, 30_000, np.random.default_rng(2))[:, 0]
    for value in np.unique(exact):
        assert np.mean(drawn == value) == pytest.approx(np.mean(exact == value), abs=0.012)


def test_many_columns_are_shuffled_too() -> None:
    table = np.arange(14.0).reshape(2, 7)
    sums = shuffled_within(table, 20_000, np.random.default_rng(3))
    assert sums.sum(axis=1) == pytest.approx(np.full(20_000, table.sum()))
    assert sums.mean(axis=0) == pytest.approx(np.full(7, table.sum() / 7), abs=0.1)


def test_shuffled_labels_counted_by_profile_are_those_of_shuffled_people() -> None:
    """Many people of few profiles are counted, others shuffled: the same distribution."""
    codes = np.array([0] * 12 + [1] * 6 + [2] * 2)
    table = np.array(TABLE)
    counted = shuffled_between(table, codes, 20_000, np.random.default_rng(4))
    apart = table + np.arange(20)[:, None] * 1e-12  # every row a profile of its own
    shuffled = shuffled_between(apart, codes, 20_000, np.random.default_rng(5))
    assert counted.sum(axis=1) == pytest.approx(np.tile(table.sum(axis=0), (20_000, 1)))
    for group in range(3):
        a, b = counted[:, group, 2], np.round(shuffled[:, group, 2], 9)
        assert stats.ks_2samp(a, b).statistic < 0.02
