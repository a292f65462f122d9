import json
from collections.abc import Callable
from itertools import permutations, product
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.multivariate.manova import MANOVA

from analysis import statistics
from analysis.data.frames import Frames
from analysis.errors import AnalysisError
from analysis.statistics import any_difference, interaction
from analysis.statistics.clustered_mcnemar import durkalski, obuchowski
from analysis.statistics.new_items import crossed

REFERENCE = Path(__file__).parents[2] / "reference"
Make = Callable[..., Frames]
# test_analysis_degenerate.py tries every statistic on its own columns
OF_TICKS = (
    "any_difference", "clustered_mcnemar", "interaction", "new_items", "paired_difference",
    "response_time", "selection_share",
)  # fmt: skip


def tidy(rates: dict[str, dict[str, list[int]]], group: dict[str, str] | None = None) -> Any:
    """Participant -> option -> ticks, as a tidy frame."""
    rows = [
        {
            "participant": person,
            "trial": f"{person}-{n}",
            "item": f"i{n}",
            "option": option,
            "value": value,
            "scale": "selection",
            "rt_ms": 1000.0 + n,
            "group": (group or {}).get(person, "g"),
        }
        for person, options in rates.items()
        for option, ticks in options.items()
        for n, value in enumerate(ticks)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("name", ["psychiatry", "thyroids"])
def test_clustered_mcnemar_prints_the_published_numbers(name: str) -> None:
    example = json.loads((REFERENCE / f"clustered_mcnemar_{name}.json").read_text())
    k = {key: np.array(counts) for key, counts in example["data"]["clusters"].items()}
    pairs = k["ak"] + k["bk"] + k["ck"] + k["dk"]
    exact = example["expected"]["full_precision"]
    assert durkalski(k["bk"], k["ck"], pairs) == pytest.approx(exact["durkalski"], abs=1e-9)
    assert obuchowski(k["bk"], k["ck"], pairs) == pytest.approx(exact["obuchowski"], abs=1e-9)
    assert durkalski(k["bk"], k["ck"], pairs) == pytest.approx(
        example["expected"]["published"]["durkalski"], abs=0.006
    )
    assert obuchowski(k["bk"], k["ck"], pairs) == pytest.approx(
        example["expected"]["published"]["obuchowski"], abs=0.006
    )


def test_clustered_mcnemar_counts_the_discordant_pairs(simulated: Make) -> None:
    frames = simulated(n=30)
    [first, *_] = statistics.run("clustered_mcnemar", frames.main)
    wide = frames.main.pivot_table(index=["participant", "trial"], columns="option", values="value")
    a, b = wide["saliency"], wide["inversion"]
    b_k = ((a == 1) & (b == 0)).groupby("participant").sum()
    c_k = ((a == 0) & (b == 1)).groupby("participant").sum()
    d = (b_k - c_k) / 8
    assert first.item == "saliency - inversion"
    assert first.value == pytest.approx(d.sum() ** 2 / (d**2).sum())
    assert first.note.endswith(f"{stats.chi2.sf(first.value, 1):.4g}")


def test_share_is_the_mean_of_participant_rates() -> None:
    data = tidy({"a": {"x": [1, 1, 0, 0]}, "b": {"x": [1]}, "c": {"x": [0, 0]}})
    [e] = statistics.run("selection_share", data)
    assert e.value == pytest.approx((0.5 + 1 + 0) / 3)
    assert (e.participants, e.answers) == (3, 7)


def test_ratings_may_differ_by_more_than_one() -> None:
    rng = np.random.default_rng(3)
    both = rng.integers(1, 8, (20, 2)) + np.array([0, 3])
    data = tidy({f"p{n}": {"x": [int(a)], "y": [int(b)]} for n, (a, b) in enumerate(both)})
    [e] = statistics.run("paired_difference", data.assign(scale="rating"))
    expected = stats.ttest_rel(both[:, 0], both[:, 1])
    interval = expected.confidence_interval()
    assert (e.value, e.low, e.high) == pytest.approx(
        (np.diff(both).mean() * -1, interval.low, interval.high)
    )


def anova_error(y: np.ndarray) -> tuple[float, float]:
    """Two-way crossed analysis of variance without replication, from the textbook."""
    n, m = y.shape
    rows, columns, grand = y.mean(1), y.mean(0), y.mean()
    msp = m * ((rows - grand) ** 2).sum() / (n - 1)
    msi = n * ((columns - grand) ** 2).sum() / (m - 1)
    rest = ((y - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (m - 1))
    whole = msp + msi - rest
    spread = msp**2 / (n - 1) + msi**2 / (m - 1) + rest**2 / ((n - 1) * (m - 1))
    return float(np.sqrt(whole / (n * m))), float(whole**2 / spread)


def test_crossed_on_complete_data_is_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(5)
    y = rng.normal(0, 1, (9, 1)) + rng.normal(0, 1, (1, 7)) + rng.normal(0, 1, (9, 7))
    result = crossed(y)
    assert (float(result.error), float(result.df)) == pytest.approx(anova_error(y))
    assert float(result.mean) == pytest.approx(y.mean())


def test_crossed_finds_the_variances_in_incomplete_data() -> None:
    rng = np.random.default_rng(6)
    asked = rng.random((40, 20)) < 0.4
    y = rng.normal(0, 1, (3000, 40, 1)) + rng.normal(0, 0.5, (3000, 1, 20))
    y = np.where(asked, y + rng.normal(0, 0.8, (3000, 40, 20)), np.nan)
    result = crossed(y)
    assert np.sqrt((result.error**2).mean()) == pytest.approx(result.mean.std(), rel=0.05)


def test_hotelling_of_two_options_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(7)
    rates = rng.random((20, 2))
    t2, p = any_difference.hotelling(rates)
    expected = stats.ttest_rel(rates[:, 0], rates[:, 1])
    assert t2 == pytest.approx(expected.statistic**2)
    assert p == pytest.approx(expected.pvalue)


def test_hotelling_does_not_depend_on_the_choice_of_contrasts() -> None:
    rates = np.random.default_rng(8).random((15, 4))
    contrasts = rates @ np.array([[1, 0, 0], [-1, 2, 1], [0, -1, 0], [0, -1, -1]])
    mean, s = contrasts.mean(0), np.cov(contrasts.T)
    t2 = 15 * mean @ np.linalg.inv(s) @ mean
    assert any_difference.hotelling(rates)[0] == pytest.approx(t2)
    assert any_difference.hotelling(rates)[1] == pytest.approx(
        stats.f.sf(12 / (14 * 3) * t2, 3, 12)
    )


def test_permutation_approaches_the_exact_distribution() -> None:
    rates = np.array([[0.5, 0.25, 0], [1, 0.25, 0.5], [0.75, 0.5, 0.5]])
    observed = rates.mean(0).var()
    exact = [
        np.mean(rows, axis=0).var() >= observed - 1e-12
        for rows in product(*(list(permutations(row)) for row in rates))
    ]
    assert any_difference.permutation(rates, 20_000)[1] == pytest.approx(np.mean(exact), abs=0.01)


def test_interaction_manova_is_statsmodels() -> None:
    rng = np.random.default_rng(9)
    rates, group = rng.random((40, 4)), np.repeat(["a", "b", "c"], [12, 8, 20])
    frame = pd.DataFrame(np.diff(rates, axis=1), columns=["u", "v", "w"]).assign(g=group)
    table = MANOVA.from_formula("u + v + w ~ g", frame).mv_test().results["g"]["stat"]
    trace, p = interaction.manova(rates, group)
    assert trace == pytest.approx(float(table.loc["Pillai's trace", "Value"]))
    assert p == pytest.approx(float(table.loc["Pillai's trace", "Pr > F"]))


def test_interaction_of_two_groups_and_two_options_is_a_permuted_t_test() -> None:
    rng = np.random.default_rng(10)
    rates, group = rng.random((14, 2)), np.repeat([0, 1], 7)
    difference = rates[:, 0] - rates[:, 1]
    reference = stats.permutation_test(
        (difference[group == 0], difference[group == 1]),
        lambda x, y: abs(x.mean() - y.mean()),
        alternative="greater",
        n_resamples=100_000,  # exact: 3432 divisions
    )
    assert interaction.permutation(rates, group, 20_000)[1] == pytest.approx(
        reference.pvalue, abs=0.012
    )


def test_who_ticks_more_of_everything_is_no_interaction() -> None:
    rates = np.repeat(np.linspace(0, 1, 30)[:, None], 3, axis=1)
    _, p = interaction.permutation(rates, np.repeat(["a", "b"], 15), 199)
    assert p == 1


@pytest.mark.parametrize("name", OF_TICKS)
@pytest.mark.parametrize("case", ["nobody", "one", "unanimous", "constant", "single option"])
def test_degenerate_data_is_said_and_never_certain(name: str, case: str) -> None:
    people = {"nobody": 0, "one": 1}.get(case, 6)
    ticks = {"x": [1, 1], "y": [1, 1] if case == "constant" else [0, 0], "z": [0, 0]}
    if case == "single option":
        ticks = {"x": [1, 0]}
    group = {f"p{n}": "g" if n % 2 else "h" for n in range(people)}
    data = tidy({f"p{n}": ticks for n in range(people)}, group)
    if data.empty:
        data = tidy({"p": {"x": [1], "y": [0]}}).iloc[:0]
    data["group"] = pd.Categorical(data["group"], ["g", "h", "empty"], ordered=True)
    data["option"] = pd.Categorical(data["option"], list(ticks))
    for e in statistics.run(name, data, within="group"):
        assert e.p is None or isnan(e.p) or e.p > 0
        if e.p is None and isnan(e.low):
            assert e.note, e
        if e.p is not None and isnan(e.p):
            assert e.note, e
        if not isnan(e.low) and name != "response_time":
            assert e.high > e.low, e
        if e.participants == 0:
            assert isnan(e.value) or e.p is not None


def test_segments_keep_their_declared_order_also_empty_ones(simulated: Make) -> None:
    frames = simulated(groups=["user"] * 5 + ["never"] * 4)
    found = statistics.run("selection_share", frames.main, within="expertise")
    assert list(dict.fromkeys(e.segment for e in found)) == ["all", "never", "aware", "user"]
    assert {e.note for e in found if e.segment == "aware"} == {"no participants"}
    assert [e.item for e in found[:3]] == ["saliency", "inversion", "visualization"]


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("selection_shares", {}, "did you mean 'selection_share'?"),
        ("selection_share", {"by": "colour"}, "needs the column 'colour'"),
        ("interaction", {}, "compares groups, but none is named"),
        ("clustered_mcnemar", {"test": "cochran"}, "use one of: durkalski, obuchowski"),
        ("selection_share", {"seed": 1}, "has no option 'seed'"),
    ],
)
def test_mistakes_are_told_with_a_remedy(
    name: str, options: dict[str, Any], told: str, simulated: Make
) -> None:
    with pytest.raises(AnalysisError) as error:
        statistics.run(name, simulated(n=4).main, **options)
    assert told in str(error.value)


def test_a_statistic_refuses_a_scale_that_it_does_not_know(simulated: Make) -> None:
    data = simulated(n=4).main.assign(scale="word")
    with pytest.raises(AnalysisError, match="cannot use scale 'word'"):
        statistics.run("selection_share", data)


@pytest.mark.parametrize("name", statistics.names())
def test_every_statistic_describes_itself(name: str) -> None:
    assert statistics.describe(name).endswith(".")
    assert len(statistics.describe(name)) < 100
