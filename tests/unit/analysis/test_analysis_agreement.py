"""Coefficients of agreement against the worked examples of their authors."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import inter_rater

from analysis import statistics
from analysis.errors import AnalysisError
from analysis.statistics.cohen_kappa import kappa
from analysis.statistics.gwet_ac1 import ac1


def ratings(rows: dict[str, list[Any]]) -> pd.DataFrame:
    """Rater -> ratings of items 1, 2, ...; None is no rating."""
    found = [(r, n, v) for r, values in rows.items() for n, v in enumerate(values)]
    data = pd.DataFrame(found, columns=["participant", "item", "value"])
    return data.astype({"value": object})


# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: 4 observers, 12 units.
N = None
FOUR = ratings(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        "C": [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    }
)


@pytest.mark.parametrize(
    ("metric", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_krippendorffs_four_observers(metric: str, alpha: float) -> None:
    [e] = statistics.run("krippendorff_alpha", FOUR, metric=metric)
    assert e.value == pytest.approx(alpha, abs=5e-4)
    assert e.low < e.value < e.high <= 1


def test_krippendorffs_two_observers() -> None:
    # Section A: two observers, ten units, two values; section B: five categories by name.
    a = ratings({"Meg": [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], "Owen": [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]})
    assert statistics.run("krippendorff_alpha", a)[0].value == pytest.approx(0.095, abs=5e-4)
    b = ratings({"Ben": list("aabbdcccedda"), "Gerry": list("babbbccceddd")})
    assert statistics.run("krippendorff_alpha", b)[0].value == pytest.approx(0.692, abs=5e-4)


def test_ratings_that_a_metric_cannot_use() -> None:
    data = ratings({"x": ["good", "bad"], "y": ["good", "good"]})
    with pytest.raises(AnalysisError, match="needs numbers"):
        statistics.run("krippendorff_alpha", data, metric="interval")
    with pytest.raises(AnalysisError, match="unknown metric"):
        statistics.run("krippendorff_alpha", data, metric="circular")
    with pytest.raises(AnalysisError, match="several times"):
        statistics.run("fleiss_kappa", pd.concat([data, data]))


# Fleiss 1971 as in the common worked example: 10 subjects, 14 raters, 5 categories, κ = .210.
FLEISS = np.array(
    [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
     [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
)  # fmt: skip


def test_fleiss_fourteen_raters() -> None:
    rows = [
        (rater, item, int(category))
        for item, counts in enumerate(FLEISS)
        for rater, category in enumerate(np.repeat(np.arange(5), counts))
    ]
    data = pd.DataFrame(rows, columns=["participant", "item", "value"])
    [e] = statistics.run("fleiss_kappa", data)
    assert e.value == pytest.approx(0.210, abs=5e-4)
    assert e.value == pytest.approx(inter_rater.fleiss_kappa(FLEISS))
    assert e.low < e.value < e.high


def test_cohen_kappa_and_its_error() -> None:
    # Fleiss, Cohen & Everitt 1969: 200 patients; unweighted κ = .429 (error of statsmodels).
    table = np.array([[53, 5, 2], [11, 14, 5], [1, 6, 3]])
    for weights, given in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        expected = inter_rater.cohens_kappa(table, wt=given)
        assert kappa(table, weights) == pytest.approx((expected.kappa, expected.std_kappa))
    # Agresti 2002, Table 10.8 (two pathologists): kappa .493, standard error .057.
    doctors = [[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]]
    assert kappa(doctors) == pytest.approx((0.493, 0.057), abs=5e-4)


def test_cohen_kappa_of_each_pair_of_raters() -> None:
    data = ratings({"x": list("aabb"), "y": list("aabb"), "z": list("abab")})
    first, second, _ = statistics.run("cohen_kappa", data)
    assert (first.item, first.value) == ("x - y", 1)
    assert np.isnan(first.low) and "agree on every item" in first.note
    assert second.value == pytest.approx(0)


def test_ac1_does_not_fall_where_nearly_all_agree() -> None:
    # Gwet 2008, Table 2: 125 subjects, 118 and 0 agreed, 5 and 2 not: AC1 = .941, κ = -.023.
    counts = np.array([[2.0, 0.0]] * 118 + [[1.0, 1.0]] * 7)
    assert ac1(counts) == pytest.approx(0.9408, abs=5e-5)
    assert kappa([[118, 5], [2, 0]])[0] == pytest.approx(-0.0234, abs=5e-5)
