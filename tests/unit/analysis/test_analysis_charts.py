import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from analysis import statistics
from analysis.charts import demographics as demographics_chart
from analysis.charts import differences, preference
from analysis.data.frames import Frames
from analysis.reports import figures
from analysis.summaries.demographics import demographics

Make = Callable[..., Frames]


def drawn(chart: Any) -> list[dict[str, Any]]:
    """The rows that the finished Vega-Lite specification draws."""
    spec = chart.to_dict()
    return [row for rows in spec["datasets"].values() for row in rows]


@pytest.mark.parametrize("style", ["dots", "bars"])
@pytest.mark.parametrize("groups", [["never"] * 6 + ["user"] * 5, ["aware"] * 4 + ["user"]])
def test_the_chart_draws_the_estimates_in_their_order(
    simulated: Make, groups: list[str], style: str
) -> None:
    frames = simulated(groups=groups)
    labels = frames.labels("expertise")
    found = statistics.run("selection_share", frames.main, within="expertise")
    chart = preference.chart(found, labels, style=style)
    rows = drawn(chart)
    assert [(r["segment"], r["item"]) for r in rows] == [(e.segment, e.item) for e in found]
    for row, e in zip(rows, found, strict=True):
        for key in ("value", "low", "high"):
            number = getattr(e, key)
            assert row[key] == (None if number != number else number)
    spec = chart.to_dict()
    sizes = [len(groups), *(groups.count(g) for g in ("never", "aware", "user"))]
    names = ["Everybody", "Never heard of it", "Sees the need", "Used or implemented it"]
    assert spec["facet"]["row"]["sort"] == [
        f"{name} (n = {n})" for name, n in zip(names, sizes, strict=True)
    ]
    assert spec["spec"]["layer"][0]["encoding"]["y"]["sort"] == [
        "Saliency", "Inversion", "Visualization",
    ]  # fmt: skip
    if 0 in sizes:
        assert "no answers yet" in [row["text"] for row in rows]


def test_an_option_keeps_its_colour_when_others_are_filtered_away(simulated: Make) -> None:
    frames = simulated(n=6)
    found = statistics.run("selection_share", frames.main)[2:]
    spec = preference.chart(found, frames.labels(), colour_order=frames.options).to_dict()
    scale = spec["spec"]["layer"][1]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["Saliency", "Inversion", "Visualization"]
    assert len(set(scale["range"])) == 3


def test_the_chart_says_in_words_what_it_shows(simulated: Make) -> None:
    frames = simulated(groups=["never"] * 5)
    found = statistics.run("selection_share", frames.main, within="expertise")
    told = preference.chart(found, frames.labels("expertise"), note="Simulated.").to_dict()
    assert "Among the 5 participants in “Never heard of it”" in told["description"]
    assert "Nobody in “Sees the need” has answered" in told["description"]
    assert told["title"]["subtitle"][-1] == "Simulated."


def test_demographics_draw_counts_in_declared_order(simulated: Make) -> None:
    questions = demographics(simulated(groups=["user"] * 3 + ["never"]))
    rows = drawn(demographics_chart.chart(questions))
    assert [r["item"] for r in rows][-3:] == ["never", "aware", "user"]
    assert [r["count"] for r in rows][-3:] == [1, 0, 3]
    assert [r["value"] for r in rows] == [e.value for q in questions for e in q.estimates]


def test_differences_mark_what_clears_zero(simulated: Make) -> None:
    frames = simulated()
    found = statistics.run("paired_difference", frames.main, within="expertise")
    rows = drawn(differences.chart(found, frames.labels("expertise")))
    assert [(r["value"], r["low"]) for r in rows] == [(e.value, e.low) for e in found]
    assert [r["clear"] for r in rows] == [e.low > 0 or e.high < 0 for e in found]


def test_no_estimates_still_make_a_chart() -> None:
    assert preference.chart([], {}).to_dict()["description"] == "No estimates."
    assert differences.chart([], {}).to_dict()["description"] == "No estimates."


def test_figures_are_saved_in_three_formats_and_svg_is_reproducible(
    simulated: Make, tmp_path: Path
) -> None:
    frames = simulated(n=8)
    chart = preference.chart(statistics.run("selection_share", frames.main), frames.labels())
    png, svg, pdf = figures.save(chart, tmp_path, "shares")
    assert Image.open(BytesIO(png.read_bytes())).size[0] > 1000
    assert pdf.read_bytes().startswith(b"%PDF")
    text = "".join(ElementTree.fromstring(svg.read_text("utf-8")).itertext())
    assert "Everybody (n = 8)" in text and "Visualization" in text
    assert figures.render(chart, "svg") == svg.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["shares.pdf", "shares.png", "shares.svg"]
    with pytest.raises(ValueError, match="use one of: png, svg, pdf"):
        figures.render(chart, "gif")
