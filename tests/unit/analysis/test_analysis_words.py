"""Hand-worked cases of words that count as one, and of those that must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.words import grouping, wordnet


def together(*texts: str, english: bool = True) -> bool:
    return len(grouping.grouped([(text, english) for text in texts])) == 1


@pytest.mark.parametrize(
    "texts",
    [
        ("eye", "eyes", "Eye", "EYES!", " eyes "),
        ("couch", "sofa", "sofas"),
        ("tooth", "teeth"),
        ("woman", "Women"),
        ("man", "men"),
        ("glasses", "spectacles", "eyeglasses"),
        ("smile", "smiling", "grin", "smiled"),
        ("moustache", "mustache"),
        ("eyebrow", "eyebrows", "eye-brow"),
        ("happy", "happier"),
        ("é\u0301".replace("é", "caf"), "caf\u0301"),
    ],
)
def test_words_that_are_one(texts: tuple[str, ...]) -> None:
    assert together(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ("mouth", "lips"),
        ("nose", "eye", "hair", "face", "cheek", "wrinkle"),  # one class over hypernyms
        ("glass", "glasses"),
        ("forehead", "eyebrow"),
        ("dog", "animal"),
        ("cat", "dog"),
        ("hair", "beard"),
    ],
)
def test_words_that_are_not_one(texts: tuple[str, ...]) -> None:
    groups = grouping.grouped([(text, True) for text in texts])
    assert len(groups) == len(texts)


def test_the_first_sense_alone_counts() -> None:
    # The second sense of "bank" is an institution; "depository" shares that one only.
    assert not together("bank", "depository")


def test_words_of_other_languages_count_by_spelling_alone() -> None:
    assert together("Auge", "auge", english=False)
    assert not together("Auge", "Augen", english=False)
    assert not together("eye", "eyes", english=False)


def test_unknown_words_stay_by_themselves() -> None:
    groups = grouping.grouped([("Flurbel", True), ("flurbel", True), ("flurbels", True)])
    assert [(g.name, g.count, g.by) for g in groups] == [
        ("flurbel", 2, {"flurbel": "spelling"}),
        ("flurbels", 1, {"flurbels": "spelling"}),
    ]


def test_a_group_is_called_by_its_most_frequent_word() -> None:
    groups = grouping.grouped([("sofas", True)] * 2 + [("couch", True)])
    assert groups[0].name == "sofa" and groups[0].words == {"sofas": 2, "couch": 1}


def test_corrections_win_and_say_so() -> None:
    groups = grouping.grouped([("lips", True), ("Mouth", True), ("eye", True)], {"Lips": "mouth"})
    assert [(g.name, g.count) for g in groups] == [("mouth", 2), ("eye", 1)]
    assert groups[0].by == {"lips": "corrected", "mouth": "wordnet"}


def test_a_correction_can_take_a_word_out_of_its_group() -> None:
    groups = grouping.grouped([("couch", True), ("sofa", True)], {"couch": "couch"})
    assert {g.name for g in groups} == {"couch", "sofa"}


def test_texts_without_letters_are_no_words() -> None:
    assert grouping.grouped([("?!", True), ("", True), ("  ", False)]) == ()


def test_no_synset_is_huge() -> None:
    """The closure over hypernyms would put thousands into one."""
    sense = wordnet.first_sense("nose")
    assert sense is not None and len(sense.synset) < 10


@given(st.lists(st.tuples(st.text(max_size=8), st.booleans()), max_size=12))
def test_every_answer_is_counted_once_whatever_is_written(words: list[tuple[str, bool]]) -> None:
    groups = grouping.grouped(words)
    written = [text for text, _ in words if grouping.spelling(text)]
    assert sum(group.count for group in groups) == len(written)
    assert len({group.name for group in groups}) == len(groups)


@given(st.text(max_size=12))
def test_spelling_is_idempotent(text: str) -> None:
    once = grouping.spelling(text)
    assert grouping.spelling(once) == once
