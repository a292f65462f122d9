"""The report opens in a real browser from the disk, with nothing from anywhere else."""

import importlib.util
from pathlib import Path

import pytest

from analysis.data.frames import build
from analysis.reports.report import write
from analysis.summaries.summary import summarise

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    spec = importlib.util.spec_from_file_location(
        "answers", ROOT / "tests" / "unit" / "analysis" / "conftest.py"
    )
    answers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(answers)
    groups = ["never"] * 12 + ["aware"] * 12 + ["user"] * 12
    given, people = answers.rows(groups, answers.PLANTED, 0.21, 1)
    frames = build(answers.FROZEN, given, people, mode="simulated", version="ab" * 32)
    return write(summarise(frames), tmp_path_factory.mktemp("r") / "report")


@pytest.fixture
def opened(chromium, report):
    """Open the report at a width: the page, its requests and its complaints."""
    pages = []

    def go(width):
        page = chromium.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        requests, complaints = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(report.as_uri())
        page.wait_for_load_state("networkidle")
        return page, requests, complaints

    yield go
    for page in pages:
        page.close()


def test_it_asks_for_nothing_but_itself(opened):
    page, requests, complaints = opened(1000)
    assert [url for url in requests if not url.startswith(("file://", "data:"))] == []
    assert complaints == []
    assert page.title().startswith("[simulated] ")
    sizes = page.eval_on_selector_all("img", "all => all.map(i => i.naturalWidth)")
    assert len(sizes) >= 8 and min(sizes) > 300


def test_it_fits_a_phone(opened):
    page, _, _ = opened(360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_nobody_is_shut_out(opened):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page, _, _ = opened(1000)
    found = axe.run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
