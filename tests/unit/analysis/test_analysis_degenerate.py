"""Every statistic, found from the folder, on data that cannot answer: said, never certain."""

from importlib import import_module
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import statistics
from analysis.errors import AnalysisError

REQUIRED = {"low": -0.1, "high": 0.1, "over": "item"}
PEOPLE = {"nobody": 0, "one person": 1, "two people": 2}


def table(name: str, case: str) -> pd.DataFrame:
    """The columns that the statistic needs (and those that it may use), filled for the case."""
    needed = {**statistics.columns(name), **statistics.columns(name, optional=True)}
    people = PEOPLE.get(case, 7)
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    options = ("a",) if case == "one option" else ("a", "b", "c")
    pairwise = name == "bradley_terry"
    ranked = name == "plackett_luce"
    for person in range(people):
        items = [(0, 0), (0, 1), (0, 2)] if pairwise else [(n, 0) for n in range(2)]
        for item, (_, pair) in enumerate(items):
            offered = options
            if pairwise and len(options) > 1:
                offered = tuple(o for n, o in enumerate(options) if n != pair)
            for place, option in enumerate(offered, start=1):
                value: float = rng.integers(0, 2)
                if pairwise:
                    value = float(place == 1)
                if ranked:
                    value = place
                if case == "constant" and not (pairwise or ranked):
                    value = 1.0
                if case == "all missing":
                    value = np.nan
                row = {
                    "participant": f"p{person}",
                    "trial": f"t{item}",
                    "item": f"i{item}",
                    "option": option,
                    "option_position": place,
                    "value": value,
                    "rt_ms": 900.0,
                    "x": 1.0 if case == "constant" else float(item),
                    "count": 1,
                    "group": "g" if person % 2 or case == "one group" else "h",
                }
                rows.append(row)
    always = ("group", "item")
    columns = [c for c in (
        "participant", "trial", "item", "option", "option_position", "value", "rt_ms", "x", "group",
    ) if c in needed or c in always]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    group = pd.Categorical(frame["group"], ["g", "h", "empty"], ordered=True)
    return frame.assign(group=group)


@pytest.mark.parametrize("name", statistics.names())
@pytest.mark.parametrize(
    "case",
    ["nobody", "one person", "two people", "constant", "all missing", "one option", "one group"],
)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_degenerate_data_is_said_in_words(name: str, case: str) -> None:
    module = import_module(f"analysis.statistics.{name}")
    needed = {key for key, value in statistics.options(name).items() if value is ...}
    options = {key: REQUIRED[key] for key in needed - {"within"}}
    within = "group" if "within" in statistics.options(name) else None
    try:
        found = statistics.run(name, table(name, case), within=within, **options)
    except AnalysisError as error:
        assert error.what and error.fix
        return
    assert found or case == "one option", module.__name__
    for e in found:
        assert e.p is None or isnan(e.p) or 0 < e.p <= 1, e
        if isnan(e.value) or (e.p is not None and isnan(e.p)):
            assert e.note, e
        if isnan(e.low) != isnan(e.high):
            raise AssertionError(e)
