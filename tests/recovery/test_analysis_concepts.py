"""Simulated people with known accuracy and sensitivity are recovered, with honest intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis import statistics
from analysis.statistics import oddity_dprime


def crossed(
    rng: np.random.Generator, people: int, concepts: int, mean: float, spread: float = 0.6
) -> pd.DataFrame:
    """Right and wrong answers with people and concepts that differ (probit); and their mean."""
    scale = np.sqrt(1 + 2 * spread**2)
    easy = norm.ppf(mean) * scale
    a, b = rng.normal(0, spread, people), rng.normal(0, spread, concepts)
    right = rng.normal(size=(people, concepts)) < easy + a[:, None] + b[None]
    who, what = np.indices(right.shape)
    return pd.DataFrame(
        {"participant": who.ravel(), "concept": what.ravel(), "value": right.ravel().astype(float)}
    )


@pytest.mark.parametrize("mean", [0.6, 0.85, 0.96])
def test_the_interval_covers_people_and_concepts_like_these(mean: float) -> None:
    rng = np.random.default_rng(5)
    inside, repetitions = 0, 300
    for _ in range(repetitions):
        [e] = statistics.run("choice_accuracy", crossed(rng, 20, 15, mean), chance=0.5)
        inside += e.low <= mean <= e.high
    assert 0.92 <= inside / repetitions <= 0.995


def test_guessers_are_told_apart_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(6)
    p = [
        statistics.run("choice_accuracy", crossed(rng, 12, 10, 1 / 6, 0.3), chance=1 / 6)[0].p
        for _ in range(300)
    ]
    assert np.mean([value < 0.05 for value in p if value is not None]) <= 0.085


@pytest.mark.parametrize(("m", "d"), [(4, 1.0), (6, 2.0), (6, 3.5)])
def test_oddity_sensitivity_is_recovered_from_the_decision_itself(m: int, d: float) -> None:
    rng = np.random.default_rng(7)
    seen = rng.normal(size=(20_000, m))
    seen[:, 0] += d
    far = np.abs(seen - seen.mean(axis=1, keepdims=True)).argmax(axis=1)
    data = pd.DataFrame({"value": (far == 0).astype(float)})
    [found, _] = statistics.run("oddity_dprime", data, m=m)
    assert found.value == pytest.approx(d, abs=0.08)
    assert found.low < d < found.high


def test_oddity_by_three_agrees_with_the_general_formula() -> None:
    t, weight, inside = oddity_dprime._others(3)
    for d in (0.0, 1.0, 2.5):
        middle, spread = d * 2 / 3, np.sqrt(2 / 3)
        density = norm.pdf(t, middle, spread) + norm.pdf(-t, middle, spread)
        assert float((weight * density * inside).sum()) == pytest.approx(
            oddity_dprime.correct(d), abs=3e-3
        )


def test_word_agreement_covers_what_as_many_people_would_say() -> None:
    """True value: the mean of the share over many studies of the same size."""
    rng = np.random.default_rng(8)
    names = np.array(["eye", "nose", "mouth", "hair"])

    def study() -> pd.DataFrame:
        chances = rng.dirichlet([4, 1.5, 1, 0.5], size=12)
        words = [names[rng.choice(4, size=25, p=row)] for row in chances]
        return pd.DataFrame(
            {
                "participant": np.tile(np.arange(25), 12),
                "concept": np.repeat(np.arange(12), 25),
                "text": np.concatenate(words),
            }
        )

    studies = [
        statistics.run("word_agreement", study(), resamples=300, seed=n)[0] for n in range(80)
    ]
    truth = np.mean([e.value for e in studies])
    covered = np.mean([e.low <= truth <= e.high for e in studies])
    assert 0.88 <= covered <= 1.0
