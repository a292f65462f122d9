"""Figures of what finders measured: the numbers drawn are those of the table."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from analysis.charts import finders
from analysis.charts.finders import filter_response, net2vec, network_dissection
from analysis.reports.figures import render


def dissected() -> pd.DataFrame:
    rows = []
    for basis, words in {
        "units": ["mouth", "mouth", "eyes", "nose"],
        "rotation 1": ["mouth", "mouth", "mouth", "mouth"],
        "rotation 2": ["eyes", "mouth", "nose", "nose"],
    }.items():
        for unit, word in enumerate(words):
            detector = not (basis != "units" and unit == 3)
            rows.append({"basis": basis, "unit": unit, "word": word, "detector": detector})
    return pd.DataFrame(rows)


def learnt() -> pd.DataFrame:
    parts = {"word": "mouth", "measure": "iou", "single": 0.1, "single_tuned": 0.3}
    parts |= {"combined": 0.5, "combined_tuned": 0.6, "p": None}
    kinds = {"word": "happy", "measure": "balanced accuracy", "single": 0.7, "single_tuned": None}
    kinds |= {"combined": 0.9, "combined_tuned": None, "p": 0.01}
    return pd.DataFrame([parts, kinds])


def placed() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"unit": 0, "sign": "positive", "x": 10.0, "y": 40.0, "focus": 0.9, "part": "mouth"},
        {"unit": 1, "sign": "positive", "x": 30.0, "y": 20.0, "focus": -0.1, "part": ""},
        {"unit": 1, "sign": "negative", "x": None, "y": None, "focus": None, "part": ""},
    ]
    return pd.DataFrame(rows).assign(side=48)


def data_of(chart: Any) -> list[list[dict[str, Any]]]:
    return list(json.loads(chart.to_json())["datasets"].values())


def test_bars_count_detectors_and_ticks_average_rotations() -> None:
    chart = finders.draw("network_dissection", dissected(), "t")
    (rows,) = data_of(chart)
    found = {row["word"]: (row["units"], row["rotated"]) for row in rows}
    assert found == {"mouth": (2, 2.0), "eyes": (1, 0.5), "nose": (1, 0.5)}
    text = network_dissection.words(dissected())
    assert "mouth 2, eyes 1, nose 1" in text
    assert "4 of 4 units detect 3 different words" in text
    assert "mean of 2 random rotations of the same units, 2.0 different words" in text


def test_no_detector_at_all_is_a_chart_too() -> None:
    table = dissected().assign(detector=False)
    assert "Units that detect a word: none" in network_dissection.words(table)
    assert render(network_dissection.draw(table, "t"), "svg").startswith(b"<svg")


def test_combinations_stand_beside_single_units() -> None:
    rows = [row for rows in data_of(net2vec.draw(learnt(), "t")) for row in rows]
    found = {(row["word"], row["what"]): row["value"] for row in rows}
    assert found[("mouth", "best single unit")] == 0.3 and found[("mouth", "combination")] == 0.6
    assert found[("happy", "best single unit")] == 0.7 and found[("happy", "combination")] == 0.9
    assert "mouth (iou): best single unit 0.30, combination 0.60." in net2vec.words(learnt())


def test_filters_without_a_place_are_left_out() -> None:
    (rows,) = data_of(filter_response.draw(placed(), "t"))
    assert [(row["unit"], row["x"], row["focus"]) for row in rows] == [(0, 10, 0.9), (1, 30, 0)]
    assert "most focused: 0 (mouth, 0.90), 1 (no part, -0.10)" in filter_response.words(placed())


@pytest.mark.parametrize(
    ("finder", "table"),
    [("network_dissection", dissected()), ("net2vec", learnt()), ("filter_response", placed())],
)
def test_every_figure_can_be_drawn(finder: str, table: pd.DataFrame) -> None:
    assert finders.has_figure(finder) and not finders.has_figure("../_style")
    assert b"A title" in render(finders.draw(finder, table, "A title"), "svg")
