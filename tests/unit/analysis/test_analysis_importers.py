"""CSV files of laboratories feed the same statistics; all bad rows are told in one pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import importers
from analysis.errors import AnalysisError
from analysis.summaries.summary import summarise


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(kind: str) -> list[str]:
    """Eight people, four concepts; people of expertise user are right more often."""
    lines = []
    for who in range(8):
        for concept in range(4):
            right = int((who + concept) % 4 != 0 or who % 2 == 0)
            word = ("eye", "Eyes", "nose")[(who + concept) % 3]
            group = "user" if who % 2 == 0 else "never"
            layer = f"dense{concept % 2}"
            cells = {
                "intruder": f"p{who},c{concept},{right},{layer},{group}",
                "coherency": f"p{who},c{concept},{right},{word},{layer},{group}",
                "one_word": f"p{who},c{concept},{word},{layer},{group}",
            }
            lines.append(cells[kind])
    return lines


HEADS = {
    "intruder": "participant,concept,correct,layer,expertise",
    "coherency": "participant,concept,correct,text,layer,expertise",
    "one_word": "participant,concept,text,layer,expertise",
}


@pytest.mark.parametrize("kind", list(HEADS))
def test_each_protocol_feeds_its_statistics(tmp_path: Path, kind: str) -> None:
    found = importers.read(kind, write(tmp_path / "a.csv", HEADS[kind], *rows(kind)))
    assert found.frames is not None and not found.wrong and not found.unused
    summary = summarise(found.frames)
    asked = {(r.statistic, r.by) for r in summary.results if r.estimates}
    if kind != "one_word":
        [accuracy] = [
            r for r in summary.results if (r.statistic, r.by) == ("choice_accuracy", "option")
        ]
        values = {e.segment: e.value for e in accuracy.estimates}
        assert values["user"] == 1 and values["never"] == pytest.approx(0.75)
        assert f"{1 / (6 if kind == 'intruder' else 2):.3g}" in (accuracy.estimates[0].method)
        assert [gallery.kind for gallery in summary.galleries] == [kind]
    if kind != "intruder":
        assert {("word_agreement", "option"), ("word_agreement", "layer")} <= asked


def test_options_say_the_chance(tmp_path: Path) -> None:
    lines = [f"p{n},c{n % 2},1,5" for n in range(4)]
    path = write(tmp_path / "a.csv", "participant,concept,correct,options", *lines)
    found = importers.read("intruder", path)
    assert found.frames is not None
    assert set(found.frames.main["chance"]) == {0.2}


def test_section7_is_compared_with_the_paper(tmp_path: Path) -> None:
    lines = [
        f"p{who},q{question},{option},{int((who + question + place) % 3 == 0)},user"
        for who in range(6)
        for question in range(3)
        for place, option in enumerate(("saliency", "inversion", "visualization"))
    ]
    path = write(tmp_path / "s.csv", "participant,item,option,picked,explainability", *lines)
    found = importers.read("section7", path)
    assert found.frames is not None
    summary = summarise(found.frames)
    assert [entry.name for entry in summary.published] == ["section7"]
    [shares] = [
        r for r in summary.of("selection_share") if (r.by, r.within) == ("option", "explainability")
    ]
    assert [e.value for e in shares.of("all")] == pytest.approx([1 / 3] * 3)


def test_all_bad_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.csv",
        "participant,concept,correct,options,rt_ms,expertise",
        "p1,c1,1,6,100,user",
        "p1,c1,0,6,100,user",
        ",c2,perhaps,one,-5,user",
        "p2,,1,6,fast,never",
        "p1,c3,1,6,100,never",
    )
    found = importers.read("intruder", path)
    assert found.frames is None
    told = [(e.where.rpartition(", ")[2], e.what) for e in found.wrong]
    assert told == sorted(told, key=lambda entry: int(entry[0].split()[1]))
    text = " | ".join(f"{where}: {what}" for where, what in told)
    for part in (
        "line 3: 'p1' answered 'c1' in line 2 already",
        "line 4: correct is 'perhaps'",
        "line 4: has no participant",
        "line 4: options is 'one'",
        "line 4: rt_ms is '-5'",
        "line 5: has no concept",
        "line 5: rt_ms is 'fast'",
        "line 6: 'p1' has another expertise than in an earlier row",
    ):
        assert part in text
    assert all(e.fix for e in found.wrong)


def test_missing_columns_and_unknown_protocols_are_told(tmp_path: Path) -> None:
    found = importers.read("one_word", write(tmp_path / "a.csv", "participant,concepts", "p,c"))
    assert [e.what.split(" (")[0] for e in found.wrong] == [
        "has no column 'concept'",
        "has no column 'text'",
    ]
    assert found.wrong[0].fix == "did you mean 'concepts'?"
    with pytest.raises(AnalysisError, match="did you mean 'intruder'"):
        importers.read("intruders", tmp_path / "a.csv")


def test_columns_that_are_not_known_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "participant,concept,text,mood", "p,c,eye,good", "q,c,eye,bad")
    assert importers.read("one_word", path).unused == ["mood"]
