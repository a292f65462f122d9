"""Words of faces, and where their truths come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explainers.concept_finding.attributes import known_truths, read_attributes
from explainers.concept_finding.vocabulary import WORDS, find_word, find_words, masks_of
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.problems import Problems


def test_every_group_of_the_figure_has_words() -> None:
    groups = {word.group for word in WORDS}
    assert groups == {
        "part", "expression", "age", "gender", "skin", "pose", "hair", "accessory", "action unit",
    }  # fmt: skip
    assert len({word.name for word in WORDS}) == len(WORDS)
    assert {word.name for word in WORDS if word.kind == "part"} == set(part_numbers()) - {
        "background"
    }


def test_parts_are_pixels_and_attributes_whole_faces() -> None:
    (face,) = load_faces("rendered", Path(), ["f04"])
    truths = known_truths({"f04": face})
    parts = face.chip_parts(48, 0.25)
    assert parts is not None
    mouth = masks_of(face, 48, 0.25, "mouth", truths)
    assert mouth is not None
    np.testing.assert_array_equal(mouth, parts == part_numbers()["mouth"])
    old, young = (masks_of(face, 48, 0.25, word, truths) for word in ("old", "young"))
    assert old is not None and old.all()
    assert young is not None and not young.any()
    assert masks_of(face, 48, 0.25, "eyeglasses", truths) is None


def test_a_face_without_a_map_has_no_parts(tiny: object) -> None:
    assert masks_of(tiny.face(), 20, 0.25, "mouth") is None  # type: ignore[attr-defined]


def test_shipped_faces_are_known_by_content_not_by_name() -> None:
    (face,) = load_faces("rendered", Path(), ["f01"])
    assert known_truths({"somebody": face})["somebody"]["female"] is True


def test_a_file_of_attributes(tmp_path: Path) -> None:
    file = tmp_path / "attributes.csv"
    file.write_text(
        "face;word;value\nann;AU12;yes\nann;age;61\nann;expression;sad\nbob;hat;0\nbob;male;true\n"
    )
    (face,) = load_faces("rendered", Path(), ["f01"])
    truths = known_truths({"ann": face, "bob": face}, str(file))
    assert truths["ann"]["lip corner puller"] and truths["ann"]["old"] and truths["ann"]["sad"]
    assert truths["ann"]["happy"] is False  # the file wins over the shipped index
    assert truths["bob"]["hat"] is False and truths["bob"]["male"] is True
    assert "hat" not in truths["ann"]


def test_every_wrong_line_is_told(tmp_path: Path) -> None:
    file = tmp_path / "attributes.csv"
    file.write_text(
        "face,word,value\nann,eyeglases,yes\nann,hat,perhaps\nann,mouth,yes\nann,age,old\n"
        "ann,gender,happy\n"
    )
    with pytest.raises(Problems) as error:
        read_attributes(file)
    text = str(error.value)
    assert "line 2\n  unknown word 'eyeglases'\n  fix: did you mean 'eyeglasses'?" in text
    assert "'perhaps' is neither yes nor no" in text and "'mouth' is a part" in text
    assert "'old' is no age in years" in text and "'happy' is no gender" in text
    with pytest.raises(Problems, match="is not there"):
        read_attributes(tmp_path / "nothing.csv")
    file.write_text("face,value\nann,yes\n")
    with pytest.raises(Problems, match="column 'word' is missing"):
        read_attributes(file)


def test_words_are_found_by_name_or_number() -> None:
    assert find_word("au43").name == "eyes closed"
    assert find_words([]) == WORDS
    with pytest.raises(Problems) as error:
        find_words(["mouht", "nose", "eyse"])
    assert len(error.value.problems) == 2
