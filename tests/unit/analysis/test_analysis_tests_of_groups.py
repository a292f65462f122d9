"""Equivalence, choose-all-that-apply by group, and the aligned rank transform, as published."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import statistics
from analysis.errors import AnalysisError
from analysis.statistics.aligned_rank_transform import _split_plot
from analysis.statistics.equivalence import tost

REFERENCE = Path(__file__).parents[2] / "reference"


def example(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def wide(table: dict[str, list[float]], **more: Any) -> pd.DataFrame:
    """One column for each option, one row for each participant, made long."""
    frame = pd.DataFrame(table).rename_axis("participant").reset_index()
    for name, values in more.items():
        frame[name] = values
    return frame.melt(["participant", *more], var_name="option", value_name="value")


def test_equivalence_of_the_sleep_data() -> None:
    told = example("tost_paired_sleep")
    given, expected = told["data"], told["expected"]
    data = wide({"x": given["x"], "y": given["y"]})
    whole, low, high, plain = statistics.run("equivalence", data, low=-0.5, high=0.5)
    assert whole.item == "x - y"
    assert whole.value == pytest.approx(expected["mean_diff"])
    assert (low.value, high.value) == pytest.approx((expected["t_lower"], expected["t_upper"]))
    assert (low.p, high.p) == pytest.approx((expected["p_lower"], expected["p_upper"]))
    assert whole.p == pytest.approx(expected["p_tost"])
    assert plain.value == pytest.approx(expected["t"])


def test_equivalence_holds_exactly_if_the_interval_lies_within() -> None:
    d = np.random.default_rng(2).normal(0.1, 1, 30)
    data = wide({"x": list(d), "y": [0.0] * 30})
    [whole, *_] = statistics.run("equivalence", data, low=-1, high=1)
    [edge, *_] = statistics.run("equivalence", data, low=-1, high=whole.high)
    assert edge.p == pytest.approx(0.05)
    assert tost(d, -1, 1)[1] == pytest.approx(
        stats.ttest_1samp(d, -1, alternative="greater").pvalue
    )


def test_equivalence_needs_bounds() -> None:
    data = wide({"x": [1, 2, 3], "y": [0, 0, 1]})
    with pytest.raises(AnalysisError, match="needs the option"):
        statistics.run("equivalence", data)
    with pytest.raises(AnalysisError, match="is not below high"):
        statistics.run("equivalence", data, low=1, high=-1)


def test_farmers_sources_of_information() -> None:
    told = example("mrcv_farmer1")
    digits = np.array([[int(d) for d in row] for row in told["data"]["rows"]])
    ticks = {f"Y{n}": list(digits[:, n]) for n in range(1, 6)}
    data = wide(ticks, education=digits[:, 0])
    found = statistics.run("multiple_response", data, within="education")
    expected = told["expected"]
    value = {e.quantity: e.value for e in found if not e.item}
    p = {e.quantity: e.p for e in found if not e.item}
    assert value["pearson_sum"] == pytest.approx(expected["X2_S"], abs=1e-8)
    assert value["rao_scott"] == pytest.approx(expected["rs2"], abs=1e-8)
    assert value["rao_scott_df"] == pytest.approx(expected["rs2_df"], abs=1e-8)
    assert p["rao_scott"] == pytest.approx(expected["rs2_p"], abs=1e-10)
    assert p["bonferroni"] == pytest.approx(expected["bonferroni_p"], abs=1e-9)
    each = [e.value for e in found if e.quantity == "pearson"]
    assert each == pytest.approx(expected["X2_per_option"], abs=1e-8)


def test_one_option_alone_is_pearsons_chi_square() -> None:
    rng = np.random.default_rng(4)
    group, tick = rng.integers(0, 3, 60), rng.integers(0, 2, 60)
    found = statistics.run("multiple_response", wide({"a": list(tick)}, g=group), within="g")
    expected = stats.chi2_contingency(pd.crosstab(group, tick), correction=False)
    [e] = [e for e in found if e.quantity == "pearson"]
    assert (e.value, e.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_several_questions_of_one_person_are_refused() -> None:
    data = wide({"a": [1, 0, 1], "b": [0, 0, 1]}, g=["x", "y", "x"])
    with pytest.raises(AnalysisError, match="several questions"):
        statistics.run("multiple_response", pd.concat([data, data]), within="g")


def test_higgins_moisture_and_fertilizer() -> None:
    told = example("art_higgins5")
    data = pd.DataFrame(told["data"]["rows"], columns=["participant", "soil", "option", "value"])
    found = statistics.run("aligned_rank_transform", data, within="soil")
    for e, name in zip(found, ("Moisture", "Fertilizer", "interaction"), strict=True):
        expected = told["expected"][name]
        assert e.value == pytest.approx(expected["F"], abs=5e-4)
        assert e.p == pytest.approx(expected["p"], rel=5e-5)
        assert "{} and {}".format(*expected["df"]) in e.note


def test_the_split_plot_analysis_in_unequal_groups() -> None:
    # Two options: the interaction is Student's t test of the difference, groups that of the mean.
    rng = np.random.default_rng(6)
    y, codes = rng.random((11, 2)), np.repeat([0, 1], [4, 7])
    found = _split_plot(y, codes, 2)
    d, m = y[:, 0] - y[:, 1], y.mean(axis=1)
    assert found["interaction"][0] == pytest.approx(stats.ttest_ind(d[:4], d[4:]).statistic ** 2)
    assert found["group"][0] == pytest.approx(stats.ttest_ind(m[:4], m[4:]).statistic ** 2)
    pooled = np.sqrt((d[:4].var(ddof=1) * 3 + d[4:].var(ddof=1) * 6) / 9)
    unweighted = (d[:4].mean() + d[4:].mean()) / 2
    t = unweighted / (pooled * np.sqrt(1 / 4 + 1 / 7) / 2)
    assert found["option"][0] == pytest.approx(t**2)
