"""Every language's file says the same things; the pages say nothing that is not in them."""

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from study_app import screens, wording
from study_app.participation.session import Page
from study_app.study_file.phrases import file_in_language

FOLDER = Path(wording.__file__).parent
COMPONENT = Path(screens.__file__).parent / "component"
ENGLISH = wording.words("en")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_folder_is_the_list_of_languages():
    assert {"en", "de", "fr", "es", "ar", "fa"} <= set(wording.languages())


@pytest.mark.parametrize("language", wording.languages())
def test_a_language_has_every_word_with_its_placeholders(language):
    data = yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    assert data.keys() == {"name", "direction", "words"}
    assert data["direction"] == ("rtl" if language in ("ar", "fa", "he", "ur") else "ltr")
    assert list(data["words"]) == list(ENGLISH)  # in one order, so that files compare
    for key, text in data["words"].items():
        assert text.strip(), key
        assert placeholders(text) == placeholders(ENGLISH[key]), key
        assert text.count("**") == ENGLISH[key].count("**"), key


@pytest.mark.parametrize("language", [one for one in wording.languages() if one != "en"])
def test_a_language_is_translated(language):
    words = wording.words(language)
    same = {key for key in ENGLISH if words[key] == ENGLISH[key]}
    # "{words}: {name}" and the comma are the same in many languages
    assert all(len(placeholders(ENGLISH[key])) >= 2 or key == "separator" for key in same), same


def test_letters_of_the_script_are_used():
    for language, letters in (("fa", "\u0600-\u06ff"), ("ar", "\u0600-\u06ff")):
        for key, text in wording.words(language).items():
            bare = re.sub(r"\{\w+\}|[\W\d]", "", text)
            assert not bare or re.search(f"[{letters}]", bare), key


def test_ranges_of_digits_are_kept_in_their_direction():
    # 1–3 in a line from right to left reads 3–1 unless it is isolated
    for language in ("fa", "ar"):
        for key, text in wording.words(language).items():
            for found in re.finditer(r"\d–\{\w+\}", text):
                before, after = text[found.start() - 1], text[found.end()]
                assert (before, after) == ("\u2066", "\u2069"), key


def test_what_a_language_lacks_is_said_in_english():
    assert wording.wording("nl").words == ENGLISH
    assert wording.wording("ur").direction == "rtl"
    assert wording.wording("fa-AF").words is wording.wording("fa").words or (
        wording.wording("fa-AF").words == wording.words("fa")
    )


@pytest.mark.parametrize("path", sorted(COMPONENT.rglob("*.js")), ids=lambda path: path.name)
def test_the_component_says_only_words_that_it_is_given(path):
    given = ("continue", "separator", "trial_")
    if path.parent.name == "controls":
        given = (f"{path.stem}_",)
    used = set(re.findall(r"\bwords\.(\w+)", path.read_text("utf-8")))
    assert {key for key in used if key not in ENGLISH} == set()
    assert {key for key in used if not key.startswith(given)} == set()


@pytest.mark.parametrize("path", sorted(COMPONENT.rglob("*.js")), ids=lambda path: path.name)
def test_the_component_has_no_words_of_its_own(path):
    code = re.sub(r"//.*", "", path.read_text("utf-8"))
    texts = re.findall(r'"([^"\n]*)"|`([^`]*)`', code)
    sentences = [text for pair in texts for text in pair if re.search(r"[A-Z][a-z]+ [a-z]+ ", text)]
    assert sentences == []


def test_pages_name_words_that_there_are():
    for path in Path(screens.__file__).parent.glob("*.py"):
        used = re.findall(r"words\[f?\"([^\"]+)\"\]", path.read_text("utf-8"))
        for key in used:
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(key)) + "$")
            assert any(pattern.match(known) for known in ENGLISH), f"{path.name}: {key}"


def test_every_ending_has_its_words():
    for page in (Page.DECLINED, Page.WITHDRAWN, Page.CLOSED):
        assert {f"{page}_title", f"{page}_text"} <= ENGLISH.keys()


def test_the_first_language_keeps_the_plain_name():
    assert file_in_language("texts/a.b.md", "fa", ("en", "fa")) == "texts/a.b.fa.md"
    assert file_in_language("consent", "en", ("en", "fa")) == "consent"
