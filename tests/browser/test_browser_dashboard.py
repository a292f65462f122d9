"""The dashboard in a real browser: signing in, every page painted, downloads, phone, no torch."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from db.store import Store
from study_app.frozen import frozen
from study_app.publishing.publish import go_live
from study_app.simulate import simulate
from study_app.web.health import shown

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
PICTURE = Path(__file__).parents[2] / "explainers" / "faces" / "rendered" / "f01.png"
PASSWORD = "correct horse battery"
PAGES = ("", "participants", "results", "quality", "questions", "downloads")


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """A folder with a database of simulated people; every picture shows the same face."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "stimuli").mkdir()
    with Store(folder / "whyface.db", synchronous="OFF") as store:
        version = store.add_version(json.loads(FROZEN)["study"]["id"], FROZEN)
        go_live(store, version)
        simulate(store, version, 30)
        for sha256 in shown(frozen(store, version)):
            shutil.copy(PICTURE, folder / "stimuli" / f"{sha256}.png")
    return folder


class Dashboard:
    def __init__(self, study: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        options = ("--port", str(self.port), "--mode", "simulated")
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("whyface"), "dashboard", study, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "WHYFACE_DASHBOARD_PASSWORD": PASSWORD,
            },
        )
        self.printed = []
        for line in self.process.stdout:
            self.printed.append(line)
            if line.startswith("Ctrl-C"):
                break
        self.seconds = time.perf_counter() - began
        self.url = f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def dashboard(study):
    running = Dashboard(study)
    yield running
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=15) == 0


@pytest.fixture
def page(chromium, dashboard):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    complaints, strangers = [], []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request",
        lambda r: None if r.url.startswith((dashboard.url, "data:", "blob:", "ws://127.0.0.1")) else
        strangers.append(r.url),
    )  # fmt: skip
    yield opened
    context.close()
    assert complaints == []
    assert strangers == [], "a third party was asked"


def sign_in(page, dashboard) -> None:
    page.goto(dashboard.url)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name="Progress").wait_for()


def settle(page) -> None:
    page.locator("h1").first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def test_it_starts_fast(dashboard):
    print(f"dashboard started in {dashboard.seconds:.1f} s")
    # Five seconds on a quiet machine; tests share this one with others.
    assert dashboard.seconds < 20, "".join(dashboard.printed)
    assert PASSWORD not in "".join(dashboard.printed)


def test_the_wrong_password_is_told_and_shows_nothing(page, dashboard):
    page.goto(f"{dashboard.url}/results")
    page.get_by_label("Password").fill("let me in please")
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").inner_text() == "That is not the password."
    assert "section7" not in page.content()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Results").wait_for()


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_every_page_paints_and_is_accessible(page, dashboard, width):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, dashboard)
    for name in PAGES:
        page.goto(f"{dashboard.url}/{name}")
        settle(page)
        page.get_by_text("no human being answered").first.wait_for()
        assert page.locator("[data-testid=stException]").count() == 0
        for picture in page.locator("main img, .stMain img").all():
            picture.scroll_into_view_if_needed()
            page.wait_for_function("p => p.complete", arg=picture.element_handle())
            assert picture.evaluate("p => p.naturalWidth") > 100, picture.get_attribute("src")
            assert picture.get_attribute("alt")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], name
        levels = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4')].filter(h => h.checkVisibility())"
            ".map(h => +h.tagName[1])"
        )
        assert levels.count(1) == 1 and levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels)), levels
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0, f"{name} is {sideways} px too wide"


def test_a_reload_keeps_the_sign_in_and_signing_out_ends_it(page, dashboard):
    sign_in(page, dashboard)
    page.reload()
    page.get_by_role("heading", level=1, name="Progress").wait_for()
    page.get_by_role("link", name="Sign out").click()
    page.get_by_label("Password").wait_for()
    page.goto(f"{dashboard.url}/results")
    assert page.get_by_label("Password").is_visible()


@pytest.mark.parametrize(
    ("link", "ending"),
    [("Report (HTML)", "report.html"), ("Estimates (CSV)", "estimates.csv"), ("PNG", ".png")],
)
def test_downloads_come_with_their_mode_in_the_name(page, dashboard, link, ending):
    sign_in(page, dashboard)
    page.goto(f"{dashboard.url}/downloads")
    settle(page)
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("link", name=link, exact=True).first.click()
    name = waiting.value.suggested_filename
    assert name.startswith("section7-simulated-") and name.endswith(ending)
    assert Path(waiting.value.path()).stat().st_size > 500


def test_new_answers_appear_without_a_reload(page, dashboard, study):
    sign_in(page, dashboard)
    cards = page.locator(".whyface-facts")
    before = int(cards.locator("dd").first.inner_text())
    with Store(study / "whyface.db", create=False) as store:
        simulate(store, store.versions()[0]["hash"], before + 1)
    page.wait_for_function(
        "n => document.querySelector('.whyface-facts dd').innerText == n", arg=str(before + 1)
    )


@pytest.mark.parametrize("path", ["/download/responses.csv", "/stimuli/x.png", "/_stcore/stream"])
def test_without_the_password_no_route_answers(dashboard, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(dashboard.url + path, timeout=10)
    assert refused.value.code == 401


def test_torch_is_not_in_the_process(page, dashboard):
    sign_in(page, dashboard)
    page.goto(f"{dashboard.url}/results")
    settle(page)
    mapped = Path(f"/proc/{dashboard.process.pid}/maps")
    if not mapped.exists():
        pytest.skip("only Linux tells what a process has loaded")
    libraries = mapped.read_text()
    assert "numpy" in libraries, "the look into the process sees nothing"
    assert "torch" not in libraries
