"""The examples in the docstrings of the statistics are true."""

import doctest
from importlib import import_module

import pytest

from analysis import statistics

HELPERS = ("_choices", "_agreement", "_rates")
MODULES = [f"analysis.statistics.{name}" for name in (*statistics.names(), *HELPERS)]


@pytest.mark.parametrize(
    "name", [*MODULES, "analysis.statistics", "analysis.multiplicity", "analysis.csv_file"]
)
def test_examples_are_true(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
