"""`whyface concepts`: what it writes, and what it says about a wrong command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from explainers import catalog
from explainers.problems import Problems
from study_app.cli import whyface
from study_app.concept_request import ConceptRequest


def test_the_folder_holds_gallery_table_and_checks(tmp_path: Path) -> None:
    out = tmp_path / "units"
    words = ["concepts", "gender", "common_activation", "--set", "count=2", "-o", str(out)]
    result = CliRunner().invoke(whyface, words)
    assert result.exit_code == 0, result.output
    assert "4 concepts and 4 random controls" in result.output
    assert (out / "gallery.png").stat().st_size > 10_000
    with (out / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["direction"].split()[0] for row in rows] == ["unit", "unit", "random", "random"]
    assert json.loads((out / "checks.json").read_text())["faces"] == 18


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    wrong = ConceptRequest(
        "expresion", "ace", str(tmp_path), settings=("clusters=many", "x=1", "foo")
    )
    with pytest.raises(Problems) as error:
        wrong.finding()
    told = str(error.value)
    for words in ("did you mean 'expression'", "should be int", "no parameter 'x'", "KEY=VALUE"):
        assert words in told
    assert "holds no pictures" in told


def test_lists_are_read_as_a_study_file_would() -> None:
    request = ConceptRequest("age", "ace", "rendered", "mid", ("classes=[20s, 40s]", "null=9"))
    parameters = request.finding().parameters
    assert parameters == {"classes": ("20s", "40s"), "null": 9, "layer": "mid"}


def test_a_value_out_of_range_is_told_at_its_setting(tmp_path: Path) -> None:
    words = ["concepts", "gender", "ace", "--set", "clusters=1", "-o", str(tmp_path / "x")]
    result = CliRunner().invoke(whyface, words)
    assert isinstance(result.exception, Problems)
    assert "--set clusters" in str(result.exception)
    assert not (tmp_path / "x").exists()


def test_every_finder_is_listed() -> None:
    listed = CliRunner().invoke(whyface, ["list", "concepts"]).output
    for entry in catalog.entries("concepts"):
        assert entry.name in listed
        assert entry.summary in listed
