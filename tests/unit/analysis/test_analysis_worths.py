"""Bradley–Terry and Plackett–Luce against published fits and against general-purpose software."""

import json
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis import statistics
from analysis.errors import AnalysisError

REFERENCE = Path(__file__).parents[2] / "reference"


def example(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def comparisons(rows: list[tuple[Any, Any, int, int, int]]) -> pd.DataFrame:
    """(i, j, wins of i, wins of j, ties) as one row for each option of each comparison."""
    found: list[tuple[int, str, float, int]] = []
    trial = 0
    for i, j, wins_i, wins_j, ties in rows:
        for value, count in ((1.0, wins_i), (0.0, wins_j), (0.5, ties)):
            for _ in range(count):
                found += [(trial, str(i), value, 1), (trial, str(j), 1 - value, 2)]
                trial += 1
    return pd.DataFrame(found, columns=["trial", "option", "value", "option_position"])


def pick(found: list[Any], quantity: str, field: str = "value") -> dict[str, float]:
    return {e.item: getattr(e, field) for e in found if e.quantity == quantity}


def test_davidson_puddings() -> None:
    told = example("bradley_terry_ties_davidson_pudding")
    rows = [(i, j, a, b, t) for i, j, _, a, b, t in told["data"]["rows"]]
    data = comparisons(rows).drop(columns="option_position")
    found = statistics.run("bradley_terry", data, reference="6")
    worth = pick(found, "worth")
    expected = told["expected"]
    assert [worth[str(n)] for n in range(1, 7)] == pytest.approx(expected["worth"], abs=1e-7)
    assert pick(found, "ties")[""] == pytest.approx(expected["nu"], abs=1e-7)
    assert pick(found, "log_likelihood")[""] == pytest.approx(expected["loglik"], abs=1e-6)
    log_worth = pick(found, "log_worth")
    assert [log_worth[str(n)] for n in range(1, 7)] == pytest.approx(
        expected["log_worth_ref6"], abs=1e-6
    )


def test_citations_of_statistical_journals() -> None:
    # Stigler 1994; coefficients and standard errors as printed in R BradleyTerry2's vignette.
    data = comparisons(
        [
            ("Biometrika", "Comm Statist", 730, 33, 0),
            ("Biometrika", "JASA", 498, 320, 0),
            ("Biometrika", "JRSS-B", 221, 284, 0),
            ("Comm Statist", "JASA", 68, 813, 0),
            ("Comm Statist", "JRSS-B", 17, 276, 0),
            ("JASA", "JRSS-B", 142, 325, 0),
        ]
    ).drop(columns="option_position")
    found = statistics.run("bradley_terry", data, reference="Biometrika")
    value, error = pick(found, "log_worth"), pick(found, "log_worth", "error")
    names = ["Comm Statist", "JASA", "JRSS-B"]
    assert [value[n] for n in names] == pytest.approx([-2.94907, -0.47957, 0.26895], abs=5e-6)
    assert [error[n] for n in names] == pytest.approx([0.10255, 0.06059, 0.07083], abs=5e-6)


def test_order_effect_is_the_logistic_intercept() -> None:
    rng = np.random.default_rng(3)
    rows = [
        (i, j, int(a), 40 - int(a), 0)
        for i in range(4)
        for j in range(4)
        if i != j and (a := rng.binomial(40, 1 / (1 + np.exp(0.3 * (j - i) - 0.4)))) >= 0
    ]
    found = statistics.run("bradley_terry", comparisons(rows), reference="0")
    x = np.array([[1.0, *((np.eye(4)[i] - np.eye(4)[j])[1:])] for i, j, *_ in rows])
    counts = np.array([[a, b] for _, _, a, b, _ in rows])
    glm = sm.GLM(counts, x, family=sm.families.Binomial()).fit(tol=1e-12)
    assert pick(found, "order_effect")[""] == pytest.approx(glm.params[0], abs=1e-8)
    assert pick(found, "order_effect", "error")[""] == pytest.approx(glm.bse[0], abs=1e-8)
    worth = pick(found, "log_worth")
    assert [worth[n] for n in "123"] == pytest.approx(list(glm.params[1:]), abs=1e-8)


def test_errors_clustered_by_participant_see_who_repeats_themselves() -> None:
    data = comparisons([("a", "b", 12, 8, 0)]).drop(columns="option_position")
    data = data.assign(participant=data["trial"] % 5)
    ten = pd.concat([data.assign(trial=data["trial"] + 100 * n) for n in range(10)])
    plain = statistics.run("bradley_terry", ten)
    clustered = statistics.run("bradley_terry", ten, errors="participants")
    assert "independent" in plain[0].note
    assert pick(clustered, "log_worth", "error")["b"] > 0.5 * pick(plain, "log_worth", "error")["b"]
    once = pick(statistics.run("bradley_terry", data, errors="participants"), "log_worth", "error")
    assert pick(clustered, "log_worth", "error")["b"] == pytest.approx(once["b"])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("a", "b", 3, 1, 0), ("c", "d", 1, 3, 0)], "no comparison connects a, b with c, d"),
        ([("a", "b", 3, 1, 0), ("a", "c", 4, 0, 0), ("b", "c", 2, 0, 0)], "'c' is below all"),
        ([("a", "b", 3, 0, 0)], "'a' is above all others"),
    ],
)
def test_worths_without_a_finite_estimate_are_named(rows: Any, told: str) -> None:
    found = statistics.run("bradley_terry", comparisons(rows))
    assert all(isnan(e.value) and told in e.note for e in found)


def test_what_is_no_comparison_is_told() -> None:
    data = comparisons([("a", "b", 3, 2, 0)])
    with pytest.raises(AnalysisError, match="trial 2 is no comparison"):
        statistics.run("bradley_terry", data.drop(index=5))
    with pytest.raises(AnalysisError, match="unknown errors"):
        statistics.run("bradley_terry", data, errors="robust")
    with pytest.raises(AnalysisError, match="no option 'z'"):
        statistics.run("bradley_terry", data, reference="z")


def test_an_order_that_never_changed_tells_nothing_about_order() -> None:
    data = comparisons([("a", "b", 12, 8, 0)])
    found = statistics.run("bradley_terry", data)
    assert pick(found, "worth")["a"] == pytest.approx(0.6)
    assert not pick(found, "order_effect")
    assert "order effect cannot be told" in found[0].note


def rankings(ranks: list[list[float]], names: list[str]) -> pd.DataFrame:
    rows = [(t, o, v) for t, row in enumerate(ranks) for o, v in zip(names, row, strict=True)]
    return pd.DataFrame(rows, columns=["trial", "option", "value"])


def test_salad_dressings() -> None:
    told = example("plackett_luce_salad")
    data = rankings(told["data"]["ranks"], told["data"]["items"])
    found = statistics.run("plackett_luce", data)
    expected = told["expected"]
    assert list(pick(found, "worth").values()) == pytest.approx(expected["worth"], abs=1e-7)
    log_worth = list(pick(found, "log_worth").values())
    assert log_worth == pytest.approx(expected["log_worth_ref_A"], abs=1e-6)
    assert pick(found, "log_likelihood")[""] == pytest.approx(expected["loglik"], abs=1e-8)


def test_nascar_drivers_in_a_second() -> None:
    told = example("plackett_luce_nascar")
    drivers = told["data"]["drivers"]
    rows = [
        (race, drivers[driver - 1], place)
        for race, ordering in enumerate(told["data"]["orderings_1based"])
        for place, driver in enumerate(ordering, start=1)
        if driver <= told["data"]["keep_first"]
    ]
    data = pd.DataFrame(rows, columns=["trial", "option", "value"])
    found = statistics.run("plackett_luce", data, reference="Austin Cameron")
    worth, log_worth = pick(found, "worth"), pick(found, "log_worth")
    for driver, value in told["expected"]["worth"].items():
        assert worth[driver] == pytest.approx(value, abs=1e-8)
        expected = told["expected"]["log_worth_vs_cameron"][driver]
        assert log_worth[driver] == pytest.approx(expected, abs=1e-6)


def test_ranking_two_options_is_bradley_terry_also_with_ties() -> None:
    rows = [("a", "b", 9, 5, 3), ("b", "c", 4, 6, 2), ("a", "c", 7, 3, 1)]
    data = comparisons(rows).drop(columns="option_position")
    ranked = data.assign(value=data["value"].map({1.0: 1, 0.5: 1, 0.0: 2}))
    pairs = statistics.run("bradley_terry", data)
    ranks = statistics.run("plackett_luce", ranked)
    for field in ("value", "error", "low", "high"):
        expected = list(pick(pairs, "worth", field).values())
        assert list(pick(ranks, "worth", field).values()) == pytest.approx(expected)
    assert pick(ranks, "ties_2")[""] == pytest.approx(pick(pairs, "ties")[""])


def test_top_n_counts_the_unranked_as_below() -> None:
    # Only the best of three is known: shares of first places are the worths.
    nan = float("nan")
    ranks = [[1, nan, nan]] * 5 + [[nan, 1, nan]] * 3 + [[nan, nan, 1]] * 2
    found = statistics.run("plackett_luce", rankings(ranks, ["a", "b", "c"]))
    assert list(pick(found, "worth").values()) == pytest.approx([0.5, 0.3, 0.2])


@pytest.mark.parametrize(
    ("ranks", "told"),
    [
        ([[1, 2, 3], [1, 3, 2]], "'a' is above all others"),
        ([[1, 2, 3], [2, 1, 3]], "'c' is below all others"),
    ],
)
def test_rankings_without_a_finite_estimate_are_named(ranks: Any, told: str) -> None:
    found = statistics.run("plackett_luce", rankings(ranks, ["a", "b", "c"]))
    assert all(isnan(e.value) and told in e.note for e in found)
