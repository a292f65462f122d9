"""A translation is stored as what reads differently; put back together it is the whole again."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study_app.frozen import Frozen
from study_app.languages import accepted, differences, preferred, translated

TEXT = st.text(max_size=6)
LEAF = TEXT | st.integers() | st.booleans() | st.none()
TREE = st.recursive(
    LEAF, lambda t: st.lists(t, max_size=4) | st.dictionaries(TEXT, t, max_size=4), max_leaves=20
)
CODES = st.sampled_from(["en", "fa", "de", "pt-BR", "pt", "zh-Hant"])


@st.composite
def pairs(draw):
    """A tree, and the same with some of its texts replaced: keys and numbers are of no language."""

    def other(tree):
        if isinstance(tree, dict):
            return {key: other(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [other(value) for value in tree]
        return draw(TEXT) if isinstance(tree, str) else tree

    tree = {"root": draw(TREE)}
    return tree, other(tree)


@given(pairs())
def test_the_differences_make_the_other_language_again(pair):
    base, other = pair
    before = copy.deepcopy(base)
    changes = json.loads(json.dumps(list(differences(base, other))))
    assert translated(base, changes) == other
    assert base == before
    assert translated(translated(base, changes), changes) == other  # again changes nothing
    assert list(differences(other, translated(base, changes))) == []


@given(pairs())
def test_a_frozen_version_is_read_in_each_language(pair):
    base, other = pair
    text = {"consent": "a", "instructions": "b", "debriefing": "c"}
    one = {**text, "study": {"language": "en", "languages": ["en", "fa"], **base}, "items": []}
    two = {**text, "study": {"language": "fa", "languages": ["en", "fa"], **other}, "items": []}
    one = json.loads(json.dumps({**one, "translations": {"fa": list(differences(one, two))}}))
    study = Frozen.parse("v", json.dumps(one))
    spoken = study.in_language("fa")
    assert spoken.study == two["study"] and spoken.language == "fa"
    assert spoken.in_language("fa") is spoken
    assert study.in_language("en") is study.in_language(None) is study.in_language("xx") is study


@pytest.mark.parametrize(
    ("one", "other"), [({"a": 1}, {"a": 2}), ({"a": "x"}, {"b": "x"}), (["x"], ["x", "y"])]
)
def test_translations_of_different_form_are_refused(one, other):
    with pytest.raises(ValueError):
        list(differences(one, other))


@given(st.lists(CODES | TEXT | st.none(), max_size=5), st.lists(CODES, min_size=1, unique=True))
def test_a_language_is_always_one_of_the_study_s(wishes, languages):
    found = preferred(wishes, languages)
    assert found in languages
    bases = {language.partition("-")[0].lower() for language in languages}
    able = [w for w in wishes if (w or "").strip().lower().partition("-")[0] in bases]
    if not able:
        assert found == languages[0]
    elif able[0] in languages:
        assert found == able[0]


@given(st.text(max_size=40))
def test_any_header_can_be_read(header):
    assert all(isinstance(code, str) and code for code in accepted(header))
