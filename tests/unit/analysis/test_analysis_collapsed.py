"""What the database sums up leads to the very results that the single answers lead to."""

import dataclasses
import importlib.util
import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import statistics
from analysis.data import collapsed, exclusions, frames
from analysis.plan import compute
from analysis.published import compared
from analysis.summaries.demographics import demographics
from db.store import Store

ROOT = Path(__file__).parents[3]
FROZEN = json.loads((ROOT / "tests" / "data" / "frozen_section7.json").read_text("utf-8"))
WITHIN = (None, "expertise", "deep_learning", "explainability")


def generator():
    """The large study of the benchmark, at any size."""
    file = ROOT / "tests" / "benchmark" / "conftest.py"
    spec = importlib.util.spec_from_file_location("large_study", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build


def both(file, people, seed):
    version = generator()(file, people, seed)
    with Store(file) as store:
        return frames.load(store, None, version, "simulated"), collapsed.load(
            store, version, "simulated"
        )


def alike(found, expected) -> None:
    assert len(found) == len(expected) > 0
    for here, there in zip(found, expected, strict=True):
        one, other = dataclasses.asdict(here), dataclasses.asdict(there)
        for name, value in other.items():
            if isinstance(value, float):
                same = math.isclose(one[name], value, rel_tol=1e-10, abs_tol=1e-12)
                assert same or (math.isnan(one[name]) and math.isnan(value)), (name, here, there)
            else:
                assert one[name] == value, (name, here, there)


def the_same(rows: frames.Frames, sums: frames.Frames, statistic: str, within, **options) -> None:
    expected = compute(rows, statistic, within=within, options=options)
    found = compute(sums, statistic, within=within, options=options)
    assert found.problem == expected.problem == ""
    alike(found.estimates, expected.estimates)


def check(rows: frames.Frames, sums: collapsed.Collapsed) -> None:
    rules = exclusions.find(rows)
    assert [rule.description for rule in sums.exclusions] == [rule.description for rule in rules]
    for found, expected in zip(sums.exclusions, rules, strict=True):
        assert set(found.participants) == set(expected.participants), expected.rule
        assert set(found.trials) == set(expected.trials), expected.rule
    kept = exclusions.apply(rows, rules)
    for one, other in ((sums.before, rows), (sums.after, kept)):
        assert one.questions == other.questions
        assert one.options == other.options
        assert list(one.participants["participant"]) == list(other.participants["participant"])
        assert one.main["participant"].nunique() == other.main["participant"].nunique()
        if other.main.empty:
            continue
        for within in WITHIN:
            the_same(other, one, "selection_share", within)
            the_same(other, one, "paired_difference", within)
        for entry, told in zip(demographics(one), demographics(other), strict=True):
            alike(entry.estimates, told.estimates)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=st.integers(1, 40), seed=st.integers(0, 2**16))
def test_sums_lead_where_rows_lead(people, seed, tmp_path_factory):
    check(*both(tmp_path_factory.mktemp("study") / "a.db", people, seed))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return both(tmp_path_factory.mktemp("study") / "a.db", 300, 3)


def test_all_rules_concern_somebody(study):
    rows, sums = study
    check(rows, sums)
    assert all(rule.participants or rule.trials for rule in sums.exclusions)


@pytest.mark.parametrize("name", statistics.names())
def test_a_statistic_that_declares_count_means_it(name, study):
    if "count" not in statistics.columns(name, optional=True) or name == "psychometric_curve":
        return
    rows, sums = study
    kept = exclusions.apply(rows, exclusions.find(rows))
    options = {"over": "deep_learning"} if name == "standardised_share" else {}
    if "shuffles" in statistics.options(name):
        options["shuffles"] = 199
    the_same(kept, sums.after, name, "expertise", **options)


def test_published_orderings_are_judged_alike(study):
    rows, sums = study
    kept = exclusions.apply(rows, exclusions.find(rows))
    for one, other in zip(compared(sums.after), compared(kept), strict=True):
        for found, expected in zip(one.comparisons, other.comparisons, strict=True):
            assert found.verdict == expected.verdict and found.participants == expected.participants
            alike(found.estimates, expected.estimates)


def test_what_needs_single_answers_is_refused(study):
    for statistic in ("new_items", "clustered_mcnemar", "response_time", "gee_interaction"):
        result = compute(study[1].after, statistic, within="expertise")
        assert "single answers" in result.problem and not result.estimates
