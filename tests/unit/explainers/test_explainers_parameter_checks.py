"""A wrong parameter of any explainer or measure: where, what, and always a way to mend it."""

import math

import pytest

from explainers import catalog
from explainers.problems import Problems

WRONG = ("text", -1, 1.5, math.nan, math.inf, True, None, [1], {"a": 1})
ENTRIES = [
    *(entry for family in catalog.families() for entry in catalog.entries(family)),
    *catalog.entries("fidelity"),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.folder}-{entry.name}")
def test_each_wrong_value_is_taken_or_told_with_a_fix(entry):
    explainer = entry.load()
    for parameter in entry.parameters:
        for value in WRONG:
            try:
                explainer(**{parameter.name: value})
            except Problems as error:
                for problem in error.problems:
                    assert problem.where, (parameter.name, value)
                    assert problem.what, (parameter.name, value)
                    assert problem.fix, (parameter.name, value)


LAYERED = [
    entry for entry in ENTRIES if any(parameter.name == "layer" for parameter in entry.parameters)
]


@pytest.mark.parametrize("entry", LAYERED, ids=lambda entry: entry.name)
@pytest.mark.parametrize("value", [5, None, ["conv"]])
def test_a_layer_that_is_no_name_is_told(entry, value):
    with pytest.raises(Problems, match=r"layer\n  must be a text"):
        entry.load()(layer=value)
