"""Pictures that a laboratory's CSV names are shown in the gallery of the report."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from analysis import importers
from analysis.summaries.summary import summarise
from explainers.problems import Problems
from study_app.cli import whyface

HEAD = "participant,concept,correct,expertise,pictures"
NAMES = {0: "", 1: "pictures/1a.png; pictures/1b.jpg", 2: "pictures/2a.png"}


def laboratory(folder: Path) -> Path:
    """Six people, three concepts: one without pictures, two of which each question names some."""
    (folder / "pictures").mkdir()
    for n, name in enumerate(("1a.png", "1b.jpg", "2a.png")):
        Image.new("RGB", (8, 8), (40 * n, 90, 200)).save(folder / "pictures" / name)
    rows = [
        f"p{who},c{concept},{int(concept != 1 or who > 2)},{'user' if who % 2 else 'never'},"
        f"{NAMES[concept] if who == concept else ''}"
        for who in range(6)
        for concept in range(3)
    ]
    path = folder / "answers.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["intruder", "coherency"])
def test_the_gallery_has_the_very_pictures(tmp_path: Path, kind: str) -> None:
    found = importers.read(kind, laboratory(tmp_path))
    assert found.frames is not None and not found.wrong and not found.unused
    [gallery] = summarise(found.frames).galleries
    shown = {
        one.concept: [found.pictures[sha].name for sha in one.pictures] for one in gallery.exhibits
    }
    assert shown == {"c0": [], "c1": ["1a.png", "1b.jpg"], "c2": ["2a.png"]}
    assert gallery.exhibits[-1].concept == "c1"  # the least recognised


def test_the_report_holds_them(tmp_path: Path) -> None:
    path, out = laboratory(tmp_path), tmp_path / "report"
    words = ["analyze", "--import", "intruder", str(path), "--out", str(out)]
    result = CliRunner().invoke(whyface, words)
    assert result.exit_code == 0, result.output
    page = (out / "report.html").read_text("utf-8")
    for name, kind in (("1a.png", "png"), ("1b.jpg", "jpeg"), ("2a.png", "png")):
        content = base64.b64encode((tmp_path / "pictures" / name).read_bytes()).decode()
        assert page.count(f"data:image/{kind};base64,{content}") == 1
    assert "The pictures are not here" not in page


def test_files_that_are_no_pictures_are_told_with_their_lines(tmp_path: Path) -> None:
    path = laboratory(tmp_path)
    (tmp_path / "pictures" / "2a.png").unlink()
    path.write_text(path.read_text().replace("1b.jpg", "notes.txt"), encoding="utf-8")
    words = ["analyze", "--import", "intruder", str(path), "--out", str(tmp_path / "report")]
    error = CliRunner().invoke(whyface, words).exception
    assert isinstance(error, Problems)
    told = [(problem.where.rpartition(", ")[2], problem.what) for problem in error.problems]
    assert told == [
        ("line 6", "'pictures/notes.txt' is no picture"),
        ("line 10", "picture 'pictures/2a.png' cannot be read: No such file or directory"),
    ]
    assert not (tmp_path / "report").exists()


def test_every_column_is_explained_where_they_are_listed() -> None:
    listed = CliRunner().invoke(whyface, ["list", "importers"]).output
    for name in importers.names():
        for text in {**importers.columns(name), **importers.columns(name, optional=True)}.values():
            assert text in listed
