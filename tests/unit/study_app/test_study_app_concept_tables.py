"""What finders measured: a table and a figure from the verb and from a study's build."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.charts import finders
from analysis.reports.figures import drawing
from explainers import catalog
from study_app import concept_tables
from study_app.cli import whyface

SCORES = {"class": "happy", "layer": "dense2", "low": 0.0, "high": 0.4, "p_holm": 0.03}
DISSECTED = {
    "basis": "units", "unit": 0, "threshold": 1.0, "word": "mouth", "iou": 0.01, "chance": 0.01,
    "ceiling": 0.1, "detector": False, "attribute": "", "attribute_iou": None, "attribute_p": None,
    "attribute_detector": False,
}  # fmt: skip
ROWS = {
    "ace": {"concept": "happy concept 1", "name": "", "random": False, "importance": 0.0, **SCORES},
    "tcav": {"concept": "beard", "name": "beard", "random": False, "score": 0.0, **SCORES},
    "common_activation": {"direction": "unit 3", "layer": "a", "name": "", "spread": 2.5},
    "network_dissection": DISSECTED,
    "net2vec": {
        "word": "mouth", "measure": "iou", "single": 0.1, "combined": 0.3, "single_tuned": None,
        "combined_tuned": None,
    },
    "filter_response": {
        "unit": 1, "sign": "positive", "x": None, "y": None, "focus": 0.0, "side": 48, "part": "",
    },
}  # fmt: skip


@pytest.mark.parametrize("finder", [entry.name for entry in catalog.entries("concepts")])
def test_every_finder_has_a_figure_even_where_it_found_nothing(finder: str) -> None:
    assert finders.has_figure(finder)
    chart = finders.draw(finder, pd.DataFrame([ROWS[finder]]), f"{finder} in my network")
    assert f"{finder} in my network" in drawing(chart)


def test_a_score_of_zero_is_seen() -> None:
    """A bar without length would look like a score that is missing."""
    for value, ticks in ((0.0, 1), (0.3, 0)):
        chart = finders.draw("ace", pd.DataFrame([ROWS["ace"] | {"importance": value}]), "")
        assert drawing(chart).count('aria-roledescription="tick"') == ticks


def test_the_figure_is_drawn_again_only_for_another_table(tmp_path: Path) -> None:
    def save(row: dict[str, object]) -> list[Path]:
        return concept_tables.save([row], "tcav", "title", tmp_path, "parts", "parts")

    table, figure = save(ROWS["tcav"])
    assert (table.name, figure.name) == ("parts.csv", "parts.png")
    assert figure.with_suffix(".svg").is_file()
    before = figure.stat().st_mtime_ns
    assert save(ROWS["tcav"]) == [table, figure] and figure.stat().st_mtime_ns == before
    save(ROWS["tcav"] | {"score": 0.5})
    assert figure.stat().st_mtime_ns > before
    assert next(csv.DictReader(io.StringIO(table.read_text())))["score"] == "0.5"
    figure.unlink()
    assert save(ROWS["tcav"] | {"score": 0.5})[1].is_file()


def test_what_is_somebodys_own_finder_has_a_table_alone(tmp_path: Path) -> None:
    assert concept_tables.save([{"unit": 1}], "mine:Own", "", tmp_path) == [tmp_path / "table.csv"]
    assert concept_tables.save([], "mine:Own", "", tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_study_s_build_keeps_what_its_finders_measured(
    bands_study: Callable[[Path, str], Path], tmp_path: Path
) -> None:
    study = bands_study(tmp_path / "study", "intruder")
    table = study / "stimuli" / "concepts" / "ace.csv"
    for _ in range(2):
        told = CliRunner().invoke(whyface, ["build", str(study)]).output
        assert f"Look at {study / 'stimuli' / 'concept_sheet.png'} and {table}" in told
        assert table.read_text() == "concepts\n4\n"
        table.unlink()  # it is there again without another search for concepts
