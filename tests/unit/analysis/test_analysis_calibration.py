"""Intervals cover and tests hold their level; `python -m analysis.calibration` prints all."""

import numpy as np
import pytest
from scipy import stats

from analysis.calibration import coverage, false_alarms


def band(p: float, studies: int) -> tuple[float, float]:
    """Where a measured rate lies with 99.9 % if the true one is p."""
    return tuple(np.array(stats.binom.interval(0.999, studies, p)) / studies)


@pytest.mark.parametrize("n", [101, 36, 12])
def test_share_intervals_cover_at_their_level(n: int) -> None:
    low, high = band(0.95, 2000)
    found = coverage(n, 2000)
    # For fixed questions, the networks' turns make people a little more alike than assumed: the
    # interval may be a bit too wide, never too narrow.
    assert low <= found["cluster logit-t"][0] <= high + 0.01
    assert found["pooled Wilson"][0] < low - 0.05  # the pooled one misleads: why it is no default


def test_new_item_intervals_cover_new_items() -> None:
    found = coverage(101, 2000)
    assert band(0.95, 2000)[0] <= found["two-way crossed logit-t"][1]
    assert found["cluster logit-t"][1] < 0.93  # speaks about these questions only


def test_tests_hold_their_level_and_pooled_ones_do_not() -> None:
    found = false_alarms(101, 1000)
    low, high = band(0.05, 1000)
    for name in (
        "Hotelling T²",
        "labels permuted within people",
        "interaction: groups permuted",
        "interaction: MANOVA",
    ):
        assert low <= found[name] <= high, name
    assert found["clustered McNemar, Holm"] <= high
    assert found["pooled chi-square"] > 0.2
    assert found["interaction: pooled chi-squares"] > 0.3
