"""Mistakes in the user's own code end in a problem that names the place, never in a traceback."""

import sys

import pytest

from explainers import catalog
from explainers.loading.model_loading import load_model
from explainers.problems import Problems


@pytest.mark.parametrize(
    ("source", "what", "line"),
    [
        ("x = 1\n1 / 0\n", "fails: ZeroDivisionError: division by zero", "line 2"),
        ("def load(:\n", "fails: SyntaxError", "line"),
        ("import a_package_that_is_nowhere\n", "cannot be imported", "install the package"),
        ("def laod(): ...\n", "has no 'load'", "did you mean 'laod'?"),
        ("def load():\n    return {}['conv1']\n", "fails: KeyError: 'conv1'", "line 2"),
    ],
    ids=["import", "syntax", "missing", "name", "call"],
)
def test_a_mistake_in_a_model_is_told_with_its_place(tmp_path, request, source, what, line):
    name = f"nets_{request.node.callspec.id}"
    (tmp_path / f"{name}.py").write_text(source)
    with pytest.raises(Problems) as refused:
        load_model({"use": f"{name}:load"}, tmp_path, "mine")
    (problem,) = refused.value.problems
    assert what in problem.what
    assert line in problem.fix


def test_the_study_s_folder_is_searched_first_and_not_for_ever(tmp_path):
    (tmp_path / "beside_the_study.py").write_text("class Mine: ...\n")
    before = list(sys.path)
    assert catalog.load("beside_the_study:Mine", tmp_path).__name__ == "Mine"
    assert sys.path == before
