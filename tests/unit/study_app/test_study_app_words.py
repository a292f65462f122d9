"""`whyface words`: the file, what was changed in it, and who recorded it."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from analysis.words import table
from analysis.words.grouping import grouped
from db.store import Store

GROUPS = grouped([(text, True) for text in ("eye", "Eyes", "lips", "mouth", "couch", "sofa")])


def test_an_unchanged_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "word_groups.csv"
    table.write(GROUPS, path)
    assert path.read_text().splitlines()[0] == "word,group,count,by"
    assert table.changes(GROUPS, path) == ({}, [])
    assert [entry.name for entry in tmp_path.iterdir()] == ["word_groups.csv"]


def test_a_changed_group_is_found_and_then_applied(tmp_path: Path) -> None:
    path = tmp_path / "word_groups.csv"
    table.write(GROUPS, path)
    path.write_text(path.read_text().replace("lips,lip,", "lips,Mouth ,"))
    changed, wrong = table.changes(GROUPS, path)
    assert (changed, wrong) == ({"lips": "mouth"}, [])
    after = grouped([("lips", True), ("mouth", True)], changed)
    assert [group.name for group in after] == ["mouth"]


def test_all_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "word_groups.csv"
    path.write_text("word,group\neye,eye\nbeard,hair\neye,nose\nlips,\n,x\n")
    changed, wrong = table.changes(GROUPS, path)
    assert changed == {}
    assert [(e.where.rpartition(" ")[2], e.what) for e in wrong] == [
        ("3", "'beard' was written by nobody"),
        ("4", "'eye' stands in line 2 already"),
        ("5", "'lips' has no group"),
        ("6", "has no word"),
    ]


def test_what_is_no_such_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="there is no such file"):
        table.changes(GROUPS, tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(AnalysisError, match="has no column word and no column group"):
        table.changes(GROUPS, tmp_path / "a.csv")


def test_corrections_are_kept_with_who_and_when_and_the_last_one_wins(tmp_path: Path) -> None:
    with Store(tmp_path / "whyface.db", create=True) as store:
        store.correct_words("s", "Ada", {"lips": "mouth", "couch": "seat"})
        store.correct_words("s", "Bo", {"lips": "lip", "couch": ""})
        store.correct_words("other", "Bo", {"eye": "x"})
        assert store.corrected_words("s") == {"lips": "lip"}
        first, second = store.word_corrections("s")
        assert (first["by"], second["by"]) == ("Ada", "Bo")
        assert first["at"] <= second["at"] and first["at"].tzinfo is not None
