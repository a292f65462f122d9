"""Files that a finder's parameters name: found in the study's folder, and part of the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainers.building.concepts import FindJob, find, find_key, make_finder
from explainers.building.plan import Finding
from explainers.concepts.network_dissection import NetworkDissection
from explainers.problems import Problems


def job(folder: Path, **parameters: object) -> FindJob:
    given = {"layer": "dense0", "words": ["happy", "mouth"], "rotations": 0, **parameters}
    finding = Finding("network_dissection", given, "expression", "rendered")
    return FindJob("units", finding, {"use": "expression"}, 1, folder)


def test_a_file_lies_in_the_study_and_its_content_counts(tmp_path: Path) -> None:
    file = tmp_path / "attributes.csv"
    file.write_text("face,word,value\nf01,happy,yes\n")
    named = job(tmp_path, attributes="attributes.csv")
    finder = make_finder(named)
    assert isinstance(finder, NetworkDissection) and finder.attributes == str(file)
    before = find_key(named)
    assert before != find_key(job(tmp_path))
    file.write_text("face,word,value\nf01,happy,no\n")
    after = find_key(named)
    assert after != before
    elsewhere = tmp_path / "copy"
    elsewhere.mkdir()
    (elsewhere / "attributes.csv").write_text(file.read_text())
    assert find_key(job(elsewhere, attributes="attributes.csv")) == after


def test_a_folder_counts_with_all_that_is_in_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / "sets" / name).mkdir(parents=True)
        (tmp_path / "sets" / name / "a.txt").write_text(name)
    finding = Finding("tcav", {"sets": "sets"}, "expression", "rendered")
    named = FindJob("mine", finding, {"use": "expression"}, 1, tmp_path)
    before = find_key(named)
    (tmp_path / "sets" / "two" / "a.txt").rename(tmp_path / "sets" / "two" / "b.txt")
    assert find_key(named) != before


def test_the_record_says_what_the_study_file_says(tmp_path: Path) -> None:
    (tmp_path / "attributes.csv").write_text("face,word,value\nf01,hat,yes\n")
    record = find(job(tmp_path, attributes="attributes.csv")).record
    assert record["parameters"]["attributes"] == "attributes.csv"
    assert str(tmp_path) not in str(record)


def test_a_file_that_is_missing_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="is not there"):
        find(job(tmp_path, attributes="nothing.csv"))
    with pytest.raises(Problems, match="attributes"):
        make_finder(job(tmp_path, attributes=5))
