"""The examples in the docstrings of the database and of the participant's way are true."""

import doctest
from importlib import import_module

import pytest

MODULES = [
    *(f"db.{name}" for name in ("errors", "opening", "records", "scale", "store", "turns")),
    *(f"study_app.{name}" for name in ("allocation", "designs", "export", "simulate")),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0 and result.failed == 0
