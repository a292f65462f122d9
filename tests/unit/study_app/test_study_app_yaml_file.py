"""YAML means what it says, and a mistake is shown in its line."""

import pytest

from explainers.problems import Problems
from study_app.study_file.yaml_file import parse


def test_words_stay_words():
    file = parse("a: no\nb: {yes: x, 1: y}\nc: 2026-01-01\nd: 1:30\ne: 0x10\n", "s.yaml")
    assert file.data == {
        "a": "no",
        "b": {"yes": "x", "1": "y"},
        "c": "2026-01-01",
        "d": "1:30",
        "e": "0x10",
    }


def test_numbers_and_truth_values():
    file = parse("[1, -2, 2.5, 1e-3, 1_000, true, False, null, ~, '3']", "s.yaml")
    assert file.data == [1, -2, 2.5, 0.001, 1000, True, False, None, None, "3"]


def test_lines_of_keys_and_entries():
    file = parse("a:\n  - x\n  -\n    b: 1\nc: {d: [1,\n 2]}\n", "s.yaml")
    assert file.where(("a", 1, "b")) == "s.yaml: a[1].b (line 4)"
    assert file.where(("c", "d", 1)) == "s.yaml: c.d[1] (line 6)"
    assert file.where(("a", 1, "missing")) == "s.yaml: a[1].missing (line 4)"


def test_a_key_twice_is_a_problem_with_both_lines():
    file = parse("a: 1\nb:\n  c: 2\n  c: 3\na: 4\n", "s.yaml")
    assert [str(problem) for problem in file.problems] == [
        "s.yaml: b.c (line 4)\n  key 'c' stands twice, first in line 3\n  fix: keep one of them",
        "s.yaml: a (line 5)\n  key 'a' stands twice, first in line 1\n  fix: keep one of them",
    ]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a: [1, 2\nb: 3\n", "s.yaml (line 2)", "is not YAML"),
        ("a: &x [*x]\n", "s.yaml", "uses the alias '*x'"),
        ("a: b: c\n", "s.yaml (line 1)", "is not YAML"),
        ("a: \x00\n", "s.yaml", "is not YAML"),
        ("[" * 1000 + "]" * 1000, "s.yaml", "is nested too deeply"),
    ],
)
def test_what_is_not_yaml(text, where, what):
    with pytest.raises(Problems) as caught:
        parse(text, "s.yaml")
    (problem,) = caught.value.problems
    assert problem.where == where
    assert problem.what.startswith(what)


def test_an_empty_file():
    assert parse("# nothing\n", "s.yaml").data is None
