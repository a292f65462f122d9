import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from analysis.data.frames import Frames
from analysis.errors import AnalysisError
from analysis.prose import readings
from analysis.reports import export, folder, report
from analysis.summaries.summary import Summary, summarise

Make = Callable[..., Frames]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Page(HTMLParser):
    """Headings, pictures and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.pictures: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(found)
        self.links += [v for k, v in attrs if k in ("href", "src") and v]


@pytest.fixture
def summary(simulated: Make) -> Summary:
    return summarise(simulated(n=30, inattentive=2, unfinished=1))


def test_the_report_is_whole_accessible_and_needs_nothing_from_outside(
    summary: Summary, tmp_path: Path
) -> None:
    path = report.write(summary, tmp_path / "report", now=NOW)
    text = path.read_text("utf-8")
    page = Page(text)
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(page.headings))
    names = sorted(path.stem for path in (path.parent / "figures").glob("*.svg"))
    assert {"demographics", "preference_expertise", "bars_expertise", "patterns", "questions",
            "times_expertise", "dropout", "before_after", "models"} <= set(names)  # fmt: skip
    assert len(page.pictures) == len(names), "each chart stands in the page once"
    assert all(picture["alt"] for picture in page.pictures)
    for link in page.links:
        assert link.startswith("data:") or (path.parent / link).is_file(), link
    assert "Simulated participants: planted preferences, no human being answered." in text
    assert "28 of 30 count" in text and "2 of 30 participants are left out" in text
    assert summary.frames.version in text
    for heading in ("Main findings", "Who took part", "Planned analyses", "Exploratory analyses",
                    "Compared with published", "Who and what was left out", "Methods"):  # fmt: skip
        assert heading in text
    assert text.index("H1: ") < text.index("Exploratory analyses</h2>")
    assert not list(tmp_path.glob(".report*"))


def test_a_live_report_bears_no_banner(simulated: Make) -> None:
    summary = summarise(simulated(n=12, mode="live"))
    text = report.page(summary, [], NOW)
    assert 'role="note"' not in text and "Simulated" not in text


def test_networks_are_not_called_people(summary: Summary) -> None:
    result = summary.result("selection_share", "model")
    assert result is not None
    told = readings.reading(summary.frames, result)
    assert told[0].startswith("Among all 28 participants,")
    assert told[1].startswith("For questions on “Gender”,")


def test_words_from_the_study_are_text_not_markup(simulated: Make) -> None:
    study = {**simulated(n=2).study, "title": "<script>alert(1)</script>"}
    text = report.page(summarise(simulated(n=8, study=study)), [], NOW)
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_every_shown_number_has_its_estimate_in_csv_and_json(summary: Summary) -> None:
    rows = list(csv.DictReader(io.StringIO(export.csv(summary))))
    data = json.loads(export.as_json(summary))
    assert len(rows) == len(data["estimates"])
    assert {row["mode"] for row in rows} == {"simulated"}
    for row, same in zip(rows, data["estimates"], strict=True):
        assert row["quantity"] == same["quantity"]
        assert (float(row["value"]) if row["value"] else None) == same["value"]
    h1 = [row for row in rows if row["analysis"] == "H1"]
    assert {row["planned"] for row in h1} == {"True"}
    assert [float(row["value"]) for row in h1] == [e.value for e in summary.planned[0].estimates]
    assert {row["exclusions"] for row in rows if row["analysis"] == "unfiltered"} == {"before"}
    assert len(data["published"]) == 6


def test_a_newer_report_replaces_an_older_one_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "report"
    for content in ("old", "new"):
        with folder.whole(out) as place:
            (place / folder.MARK).write_text(content)
    assert (out / folder.MARK).read_text() == "new"
    with pytest.raises(RuntimeError), folder.whole(out) as place:
        raise RuntimeError
    assert (out / folder.MARK).read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["report"]
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years")
    with pytest.raises(AnalysisError, match="other files, which a report would replace"):
        folder.check(tmp_path / "thesis")
    with pytest.raises(AnalysisError, match="is a file"):
        folder.check(tmp_path / "thesis" / "chapter.tex")
