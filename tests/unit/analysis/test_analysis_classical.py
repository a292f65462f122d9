"""Classical tests of shares and ranks against textbooks, scipy and statsmodels."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import Table, cochrans_q, mcnemar
from statsmodels.stats.proportion import proportion_confint

from analysis import statistics
from analysis.errors import AnalysisError
from analysis.statistics.proportion_difference import newcombe


def wide(table: Any, **more: Any) -> pd.DataFrame:
    frame = pd.DataFrame(table).rename_axis("participant").reset_index()
    for name, values in more.items():
        frame[name] = values
    return frame.melt(["participant", *more], var_name="option", value_name="value")


def test_cochran_q_is_statsmodels() -> None:
    x = np.random.default_rng(1).integers(0, 2, (25, 4))
    [e] = statistics.run("cochran_q", wide(x))
    expected = cochrans_q(x)
    assert (e.value, e.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_exact_mcnemar_is_statsmodels_with_holm() -> None:
    x = np.random.default_rng(2).integers(0, 2, (30, 3))
    found = statistics.run("exact_mcnemar", wide(x))
    raw = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        raw.append(mcnemar(pd.crosstab(x[:, i], x[:, j]), exact=True).pvalue)
    assert found[0].value == pytest.approx((x[:, 0] - x[:, 1]).mean())
    assert min(e.p or 0 for e in found) == pytest.approx(min(1, 3 * min(raw)))


def test_exact_mcnemar_of_the_presidents_approval() -> None:
    # Agresti 2002, Table 10.1: 794 approve twice, 150 and 86 change, 570 disapprove twice.
    counts = [(1, 1, 794), (1, 0, 150), (0, 1, 86), (0, 0, 570)]
    rows = np.array([[a, b] for a, b, n in counts for _ in range(n)])
    [e] = statistics.run("exact_mcnemar", wide({"first": rows[:, 0], "second": rows[:, 1]}))
    assert e.value == pytest.approx(0.04)
    assert e.p == pytest.approx(stats.binomtest(86, 236).pvalue)
    assert "150 picked only the first, 86 only the second" in e.note


@pytest.mark.parametrize("name", ["cochran_q", "exact_mcnemar"])
def test_tests_of_a_single_question_refuse_several(name: str) -> None:
    data = wide({"a": [1, 0], "b": [0, 0]})
    with pytest.raises(AnalysisError, match="several questions"):
        statistics.run(name, pd.concat([data, data]))


def test_exact_binomial_and_wilson() -> None:
    data = pd.DataFrame({"value": [1] * 15 + [0] * 5})
    test, score = statistics.run("exact_binomial", data, chance=0.5)
    assert test.p == pytest.approx(stats.binomtest(15, 20).pvalue)
    assert (test.low, test.high) == pytest.approx(proportion_confint(15, 20, method="beta"))
    assert (score.low, score.high) == pytest.approx(proportion_confint(15, 20, method="wilson"))


def test_a_lady_tasting_by_guessing_one_in_three() -> None:
    data = pd.DataFrame({"value": [1, 1, 1, 0], "participant": [1, 1, 2, 2]})
    test, _ = statistics.run("exact_binomial", data, chance=1 / 3, alternative="greater")
    assert test.p == pytest.approx(1 / 81 + 4 * 2 / 81)
    assert "too sure" in test.note


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [  # Newcombe 1998, Table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 10), 0.6075, 1.0),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)
def test_newcombe(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_from_answers() -> None:
    data = pd.DataFrame({"value": [1] * 9 + [0] + [1] * 3 + [0] * 7, "g": ["a"] * 10 + ["b"] * 10})
    [e] = statistics.run("proportion_difference", data, within="g")
    assert (e.value, e.low, e.high) == pytest.approx((0.6, 0.1705, 0.8090), abs=5e-5)
    assert e.p == pytest.approx(stats.fisher_exact([[9, 1], [3, 7]]).pvalue)


# Hollander & Wolfe 1999, Table 7.1 (example of R's friedman.test): rounding first base.
FIRST_BASE = np.array(
    [5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70,
     5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70,
     5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40,
     5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40,
     5.70, 5.65, 5.55, 6.30, 6.30, 6.25]
).reshape(22, 3)  # fmt: skip


def test_friedman_rounding_first_base() -> None:
    found = statistics.run("friedman", wide(FIRST_BASE))
    chi, w = found[0], found[1]
    assert chi.value == pytest.approx(11.143, abs=5e-4)  # R documentation
    assert chi.p == pytest.approx(0.003805, abs=5e-7)
    assert chi.value == pytest.approx(stats.friedmanchisquare(*FIRST_BASE.T).statistic)
    assert w.value == pytest.approx(chi.value / 44)


def test_kendalls_w_is_one_when_all_rank_alike() -> None:
    found = statistics.run("friedman", wide([[1, 2, 3]] * 5))
    assert found[1].value == pytest.approx(1)
    d = {e.item: e for e in found if e.quantity == "nemenyi"}["0 - 2"]
    assert d.value == pytest.approx(-2)
    # Critical difference for k = 3 at .05: q = 2.343 (Demšar 2006, Table 5(a)), times √(k(k+1)/6n)
    critical = 2.343 * np.sqrt(2 / 5)
    sure = stats.studentized_range.sf(critical / np.sqrt(1 / 5), 3, np.inf)
    assert sure == pytest.approx(0.05, abs=2e-4)
    assert d.p == pytest.approx(stats.studentized_range.sf(2 / np.sqrt(1 / 5), 3, np.inf))


def test_page_trend_is_scipy() -> None:
    x = np.random.default_rng(3).random((8, 4)) + np.arange(4) * 0.2
    [e] = statistics.run("page_trend", wide(x))
    expected = stats.page_trend_test(x)
    assert (e.value, e.p) == pytest.approx((expected.statistic, expected.pvalue))
    big = np.random.default_rng(3).random((40, 4))
    [e] = statistics.run("page_trend", wide(big), sequence="3,2,1,0")
    expected = stats.page_trend_test(big[:, ::-1], method="asymptotic")
    assert (e.value, e.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_cochran_armitage_alcohol_and_malformation() -> None:
    # Agresti 2002, Table 3.7: scores 0, .5, 1.5, 4, 7; z² = 6.57, p = .010.
    present, absent = [48, 38, 5, 1, 1], [17066, 14464, 788, 126, 37]
    value = np.concatenate([[1.0] * a + [0.0] * b for a, b in zip(present, absent, strict=True)])
    group = np.repeat(range(5), np.add(present, absent))
    data = pd.DataFrame({"value": value, "drinks": group})
    [e] = statistics.run("cochran_armitage", data, within="drinks", scores="0,0.5,1.5,4,7")
    assert e.value**2 == pytest.approx(6.57, abs=5e-3)
    assert e.p == pytest.approx(0.010, abs=5e-4)


def test_cochran_armitage_is_statsmodels() -> None:
    rng = np.random.default_rng(4)
    group, value = rng.integers(0, 3, 80), rng.integers(0, 2, 80)
    data = pd.DataFrame({"g": pd.Categorical(group), "value": value})
    [e] = statistics.run("cochran_armitage", data, within="g")
    table = Table(pd.crosstab(group, value), shift_zeros=False)
    expected = table.test_ordinal_association(row_scores=np.arange(3), col_scores=np.arange(2))
    assert abs(e.value) == pytest.approx(abs(expected.zscore) * np.sqrt(80 / 79), rel=0.02)


def test_cochran_armitage_of_rates_is_the_regression() -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"participant": np.repeat(range(20), 6), "value": rng.integers(0, 2, 120)})
    data["g"] = data["participant"] % 3
    [e] = statistics.run("cochran_armitage", data.sort_values("g"), within="g")
    rate = data.groupby("participant")["value"].mean()
    assert e.p == pytest.approx(stats.linregress(rate.index % 3, rate).pvalue)
