"""The fit of a concept's direction beside another solver of the same problem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from explainers.concept_finding.directions import direction


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 99),
    pictures=st.integers(2, 20),
    channels=st.integers(1, 40),
    apart=st.floats(0, 30),
)
def test_the_direction_is_that_of_the_ridge_problem(
    seed: int, pictures: int, channels: int, apart: float
) -> None:
    rng = np.random.default_rng(seed)
    concept, random = rng.normal(size=(2, pictures, channels)) * rng.uniform(0.1, 3, channels)
    concept[:, 0] += apart
    features, truth = np.concatenate([concept, random]), np.repeat([1, 0], pictures)
    scale = features.std(0).mean()
    slow = LogisticRegression(C=1.0, tol=1e-10, max_iter=50_000).fit(features / scale, truth)
    expected = slow.coef_[0] / np.linalg.norm(slow.coef_[0])
    assert direction(concept, random) == pytest.approx(expected, abs=1e-4)


def test_equal_sets_have_no_direction() -> None:
    same = np.random.default_rng(1).normal(size=(6, 4))
    assert not direction(same, same).any()
    assert not direction(np.ones((5, 3)), np.ones((5, 3))).any()
