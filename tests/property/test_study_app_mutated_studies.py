"""Whatever is done to a study file, the answer is a study or a list of problems."""

import copy
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.problems import Problems
from study_app.study_file import yaml_file
from study_app.study_file.load import check_study
from study_app.study_file.ready import FOLDER
from study_app.study_file.study import Study
from study_app.study_file.yaml_file import YamlFile

HOME = FOLDER / "section7"
DATA = yaml_file.read(HOME / "study.yaml").data
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["saliency", "age", "f01", "{", "{label}", "../x", "a:b", "", "pictures"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["use", "from"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value, place=()):
    yield place
    children = value.items() if isinstance(value, dict) else ()
    for step, child in enumerate(value) if isinstance(value, list) else children:
        yield from places(child, (*place, step))


PLACES = [place for place in places(DATA) if place]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.none() | st.tuples(JUNK)), max_size=4))
def test_a_mutated_study_is_a_study_or_problems(changes):
    data = copy.deepcopy(DATA)
    for place, change in changes:
        parent = data
        for step in place[:-1]:
            inside = isinstance(parent, dict) and step in parent
            inside = inside or (
                isinstance(parent, list) and isinstance(step, int) and step < len(parent)
            )
            parent = parent[step] if inside else None
        if change is None and isinstance(parent, dict):
            parent.pop(place[-1], None)
        elif change is not None and isinstance(parent, dict):
            parent[str(place[-1])] = change[0]
    study, problems = check_study(YamlFile("study.yaml", data), HOME)
    assert (study is None) == bool(problems)
    assert study is None or isinstance(study, Study)
    for problem in problems:
        assert problem.where.startswith("study.yaml")
        assert problem.what


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#\n \t,?%@`1."), max_size=40))
def test_any_text_is_yaml_or_problems(text):
    try:
        file = yaml_file.parse(text, "study.yaml")
    except Problems as error:
        assert error.problems
    else:
        check_study(file, Path(HOME))
