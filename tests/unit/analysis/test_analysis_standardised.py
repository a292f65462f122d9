"""Standardised shares: the admissions of Berkeley in 1973."""

import numpy as np
import pandas as pd
import pytest

from analysis import statistics
from analysis.errors import AnalysisError

# Applicants and admissions to the six largest departments (R's UCBAdmissions).
MEN = [(825, 512), (560, 353), (325, 120), (417, 138), (191, 53), (373, 22)]
WOMEN = [(108, 89), (25, 17), (593, 202), (375, 131), (393, 94), (341, 24)]


def berkeley() -> pd.DataFrame:
    rows = [
        (sex, department, float(n < admitted))
        for sex, table in (("men", MEN), ("women", WOMEN))
        for department, (applied, admitted) in zip("ABCDEF", table, strict=True)
        for n in range(applied)
    ]
    data = pd.DataFrame(rows, columns=["sex", "department", "value"])
    return data.assign(option="admitted", participant=range(len(data)))


def test_berkeley_is_reversed() -> None:
    found = statistics.run("standardised_share", berkeley(), within="sex", over="department")
    pooled = {e.segment: e.value for e in found if e.quantity == "pooled_share"}
    standard = {e.segment: e for e in found if e.quantity == "standardised_share"}
    # Freedman, Pisani & Purves, Statistics, chapter 2: 44 % and 35 % (all departments) against
    # weighted averages of 39 % and 43 %.
    assert pooled == pytest.approx({"men": 1198 / 2691, "women": 557 / 1835})
    assert standard["men"].value == pytest.approx(0.39, abs=5e-3)
    assert standard["women"].value == pytest.approx(0.43, abs=5e-3)
    weight = [(m[0] + w[0]) / 4526 for m, w in zip(MEN, WOMEN, strict=True)]
    twin = sum(v * a / n for v, (n, a) in zip(weight, WOMEN, strict=True))
    assert standard["women"].value == pytest.approx(twin)
    assert standard["women"].low < twin < standard["women"].high
    [flag] = [e for e in found if e.quantity == "reversal"]
    assert flag.value < 0 and flag.note.startswith("reversed: pooled difference +0.14")


def test_strata_without_people_of_each_group_are_left_out() -> None:
    data = berkeley()
    data = data[~((data["sex"] == "women") & (data["department"] == "A"))]
    found = statistics.run("standardised_share", data, within="sex", over="department")
    assert any("strata left out: A" in e.note for e in found)
    apart = data[(data["sex"] == "men") ^ (data["department"] > "B")]
    found = statistics.run("standardised_share", apart, within="sex", over="department")
    none = [e for e in found if e.quantity == "standardised_share"]
    assert all(np.isnan(e.value) and "no stratum" in e.note for e in none)


def test_strata_must_describe_people() -> None:
    data = berkeley().head(4).assign(participant=[1, 1, 2, 2], department=["A", "B", "A", "B"])
    with pytest.raises(AnalysisError, match="several groups or strata"):
        statistics.run("standardised_share", data, within="sex", over="department")
    with pytest.raises(AnalysisError, match="needs the column 'age'"):
        statistics.run("standardised_share", data, within="sex", over="age")
