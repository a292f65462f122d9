"""Games of few players: Shapley values, their axioms, KernelSHAP's samples, both regressions."""

from itertools import permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.saliency._coalition_samples import sample_coalitions
from explainers.saliency.kernel_shap import solve
from explainers.saliency.lime import weighted_ridge
from explainers.saliency.shapley_parts import all_coalitions, shapley_values

values_of = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-10, 10), min_size=2**n, max_size=2**n).map(np.array)
)


def over_orders(values):
    """Shapley values as the mean contribution over all orders in which players may join."""
    players = int(np.log2(len(values)))
    orders = list(permutations(range(players)))
    shares = np.zeros(players)
    for order in orders:
        joined = 0
        for player in order:
            shares[player] += values[joined | 1 << player] - values[joined]
            joined |= 1 << player
    return shares / len(orders)


@given(values_of)
@settings(max_examples=60, deadline=None)
def test_shapley_values_are_the_mean_over_all_orders_and_add_up(values):
    shares = shapley_values(values)
    assert shares == pytest.approx(over_orders(values), abs=1e-9)
    assert shares.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(values_of, st.data())
@settings(max_examples=60, deadline=None)
def test_players_who_do_the_same_get_the_same_and_idle_ones_nothing(values, data):
    coalitions = all_coalitions(int(np.log2(len(values))))
    players = coalitions.shape[1]
    a, b = (data.draw(st.integers(0, players - 1)) for _ in range(2))
    number = 2 ** np.arange(players)
    swapped = coalitions.copy()
    swapped[:, [a, b]] = swapped[:, [b, a]]
    alike = values + values[swapped @ number]
    shares = shapley_values(alike)
    assert shares[a] == pytest.approx(shares[b], abs=1e-9)
    without = coalitions.copy()
    without[:, a] = False
    assert shapley_values(values[without @ number])[a] == pytest.approx(0, abs=1e-9)


@given(values_of, st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_shapley_values_of_a_sum_of_games_are_their_sum(values, seed):
    other = np.random.default_rng(seed).normal(size=len(values))
    both = shapley_values(values) + shapley_values(other)
    assert shapley_values(values + other) == pytest.approx(both, abs=1e-9)


@given(values_of.filter(lambda values: len(values) > 2))
@settings(max_examples=40, deadline=None)
def test_kernel_shap_over_all_coalitions_is_exact(values):
    players = int(np.log2(len(values)))
    shown, weights = sample_coalitions(players, 2**players, seed=0)
    inner = values[shown @ (2 ** np.arange(players))]
    shares = solve(shown, weights, inner, values[0], values[-1])
    assert shares == pytest.approx(shapley_values(values), abs=1e-7)


def game(players, seed):
    """A random game with pairs and triples that act together."""
    rng = np.random.default_rng(seed)
    coalitions = all_coalitions(players)
    values = coalitions @ rng.normal(size=players)
    for size in (2, 3):
        for _ in range(2 * players):
            group = rng.permutation(players)[:size]
            values = values + rng.normal() * coalitions[:, group].all(1)
    return values


def estimate(values, samples, seed):
    players = int(np.log2(len(values)))
    shown, weights = sample_coalitions(players, samples, seed)
    inner = values[shown @ (2 ** np.arange(players))]
    return solve(shown, weights, inner, values[0], values[-1])


def test_kernel_shap_comes_closer_with_more_samples_and_on_average():
    values = game(10, seed=1)
    exact = shapley_values(values)
    errors = {
        samples: np.mean([np.abs(estimate(values, samples, s) - exact).mean() for s in range(20)])
        for samples in (60, 200, 700)
    }
    assert errors[700] < errors[200] < errors[60] < 0.3 * np.abs(exact).mean()
    average = np.mean([estimate(values, 200, seed) for seed in range(300)], axis=0)
    assert average == pytest.approx(exact, abs=0.03)


def plain_estimate(values, samples, seed):
    """KernelSHAP as in the paper: independent coalitions of a random size."""
    players, rng = int(np.log2(len(values))), np.random.default_rng(seed)
    sizes = np.arange(1, players)
    mass = 1 / (sizes * (players - sizes))
    shown = np.zeros((samples, players), bool)
    for row, size in zip(shown, rng.choice(sizes, samples, p=mass / mass.sum()), strict=True):
        row[rng.permutation(players)[:size]] = True
    inner = values[shown @ (2 ** np.arange(players))]
    return solve(shown, np.ones(samples), inner, values[0], values[-1])


def test_pairs_and_full_sizes_are_better_than_independent_coalitions():
    values = game(10, seed=2)
    exact = shapley_values(values)
    ours, plain = (
        np.mean([np.abs(how(values, 120, seed) - exact).mean() for seed in range(30)])
        for how in (estimate, plain_estimate)
    )
    assert ours < 0.6 * plain


@given(players=st.integers(2, 40), samples=st.integers(2, 400), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_sampled_coalitions_are_different_in_pairs_and_weigh_one(players, samples, seed):
    shown, weights = sample_coalitions(players, samples, seed)
    sizes = shown.sum(1)
    assert 0 < len(shown) <= max(samples, 2)
    assert sizes.min() > 0
    assert sizes.max() < players
    assert len({row.tobytes() for row in shown}) == len(shown)
    assert {row.tobytes() for row in ~shown} == {row.tobytes() for row in shown}
    assert weights.min() > 0
    assert weights.sum() == pytest.approx(1)
    again, _ = sample_coalitions(players, samples, seed)
    assert np.array_equal(shown, again)


@pytest.mark.parametrize(("players", "samples"), [(8, 150), (9, 200), (12, 1000), (30, 3000)])
def test_sizes_weigh_what_the_shapley_kernel_says(players, samples):
    shown, weights = sample_coalitions(players, samples, seed=3)
    sizes = np.arange(1, players)
    kernel = np.array([(players - 1) / (comb(players, int(s)) * s * (players - s)) for s in sizes])
    kernel = kernel * [comb(players, int(s)) for s in sizes]
    kernel = kernel / kernel.sum()
    found = np.array([weights[shown.sum(1) == s].sum() for s in sizes])
    assert found == pytest.approx(kernel, abs=0.02)


@given(seed=st.integers(0, 999), players=st.integers(2, 8), rows=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_the_solution_meets_its_constraint_and_treats_all_players_alike(seed, players, rows):
    rng = np.random.default_rng(seed)
    shown = rng.random((rows, players)) < 0.5
    weights, values = rng.random(rows) + 0.1, rng.normal(size=rows)
    shares = solve(shown, weights, values, 0.3, 2.0)
    assert shares.sum() == pytest.approx(1.7, abs=1e-9)
    order = rng.permutation(players)
    assert solve(shown[:, order], weights, values, 0.3, 2.0) == pytest.approx(shares[order])


def test_the_solution_is_that_of_the_equations_with_a_lagrange_multiplier():
    rng = np.random.default_rng(0)
    shown, weights, values = rng.random((40, 5)) < 0.5, rng.random(40), rng.normal(size=40)
    rows = shown.astype(float)
    system = np.zeros((6, 6))
    system[:5, :5] = 2 * rows.T @ (weights[:, None] * rows)
    system[:5, 5] = system[5, :5] = 1
    right = np.append(2 * rows.T @ (weights * (values - 0.5)), 1.25)
    expected = np.linalg.solve(system, right)[:5]
    assert solve(shown, weights, values, 0.5, 1.75) == pytest.approx(expected)


@pytest.mark.parametrize("ridge", [0.01, 1.0, 30.0])
def test_weighted_ridge_solves_its_normal_equations(ridge):
    rng = np.random.default_rng(1)
    rows, weights = (rng.random((60, 7)) < 0.5).astype(float), rng.random(60)
    values = rng.normal(size=60)
    full = np.column_stack([rows, np.ones(60)])
    penalty = ridge * np.diag([1.0] * 7 + [0.0])
    expected = np.linalg.solve(
        full.T @ (weights[:, None] * full) + penalty, full.T @ (weights * values)
    )
    coefficients, intercept = weighted_ridge(rows, values, weights, ridge)
    assert np.append(coefficients, intercept) == pytest.approx(expected)
