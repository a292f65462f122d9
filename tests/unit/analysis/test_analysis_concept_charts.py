"""The chart of what people recognise: the very estimates, and guessing beside them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import importers
from analysis.prose.readings import reading
from analysis.prose.wording import range_of
from analysis.reports.figures import drawing
from analysis.reports.report import Figure, charts, page
from analysis.summaries.summary import Summary, summarise


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """Nine people; concept c0 is recognised by all, c2 by every third, experts are better."""
    path = tmp_path_factory.mktemp("laboratory") / "answers.csv"
    rows = [
        f"p{who},c{concept},{int(who % (concept + 1) == 0)},{'user' if who % 2 == 0 else 'never'}"
        for who in range(9)
        for concept in range(3)
    ]
    path.write_text("\n".join(["participant,concept,correct,expertise", *rows]) + "\n")
    found = importers.read("intruder", path)
    assert found.frames is not None
    return summarise(found.frames)


def test_people_and_concepts_are_drawn_best_recognised_first(summary: Summary) -> None:
    [drawn] = [one for one in charts(summary) if one.section == "concepts"]
    assert drawn.name == "recognised_intruder"
    data = drawn.data.set_index(drawn.data["segment"] + " " + drawn.data["item"].astype(str))
    assert list(data.index) == [
        "all intruder", "user intruder", "never intruder", "all c0", "all c1", "all c2",
    ]  # fmt: skip
    assert data["value"].tolist()[3:] == pytest.approx([1, 5 / 9, 3 / 9])
    [accuracy] = [
        r for r in summary.results if (r.statistic, r.by) == ("choice_accuracy", "option")
    ]
    assert data["value"].tolist()[:3] == [e.value for e in accuracy.estimates]
    spec = drawn.chart.to_dict()
    shown = pd.DataFrame([row for rows in spec["datasets"].values() for row in rows])
    assert sorted(shown["value"].dropna()) == sorted(data["value"])
    assert set(shown["x"].dropna().round(6)) == {round(1 / 6, 6)}


def test_the_picture_is_told_in_words_and_stands_in_the_report(summary: Summary) -> None:
    [drawn] = [one for one in charts(summary) if one.section == "concepts"]
    assert "c0 100 % (70–100 %); c1 56 %" in drawn.words
    assert drawn.words.endswith("Guessing is right in 17 %.")
    svg = drawing(drawn.chart)
    for text in ("The intruder is found", "Everybody", "of 27", "right answers"):
        assert text in svg

    whole = page(
        summary, [Figure.of(drawn, svg.encode())], pd.Timestamp("2026-11-23").to_pydatetime()
    )
    assert whole.count("figures/recognised_intruder.svg") == 1
    assert whole.index("figures/recognised_intruder.svg") < whole.index('class="gallery"')


def test_many_concepts_are_told_by_the_lowest_and_the_highest(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    rows = [f"p{who},c{concept},{int(who >= concept)}" for who in range(8) for concept in range(6)]
    path.write_text("\n".join(["participant,concept,correct", *rows]) + "\n")
    frames = importers.read("intruder", path).frames
    assert frames is not None
    many = summarise(frames)
    [result] = [r for r in many.results if (r.statistic, r.by) == ("choice_accuracy", "concept")]
    [sentence] = reading(many.frames, result)
    low = next(e for e in result.estimates if e.item == "c5")
    assert sentence.startswith(f"Right answers from 38 % (c5; {range_of(low)}) to 100 % (c0;")
    beyond = sum(e.p <= 0.05 for e in result.estimates if e.p is not None)
    assert sentence.endswith(f"in 6; {beyond} differ from guessing.") and 1 < beyond < 6
