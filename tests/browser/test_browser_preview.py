"""The preview in a real browser: a question is drawn, answered, told, and the next one comes."""

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
WHYFACE = Path(sys.executable).with_name("whyface")


@pytest.fixture
def address(tiny_study, tmp_path):
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [WHYFACE, "preview", tiny_study, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    try:
        while not (line := process.stdout.readline()).startswith("Ctrl-C"):
            assert line
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


def test_a_question_is_answered_and_told(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="gender-f04").first.wait_for()
    assert Axe().run(page).violations_count == 0
    page.get_by_role("link", name="gender-f04").first.click()
    page.locator(".trial h1").wait_for()
    page.wait_for_timeout(400)  # the first moments of a question take no answers, on purpose
    page.locator("button.go").click()
    page.locator(".trial .problem").filter(has_text="lease").wait_for()
    page.get_by_role("checkbox", name="Explanation A").click()
    page.locator("button.go").click()
    told = page.get_by_text("Your answer to gender-f04")
    told.wait_for()
    assert told.inner_text().count(": 1") == 1 and told.inner_text().count(": 0") == 2
    page.get_by_text("gender-f06").first.wait_for()
    assert page.url.endswith("gender-f06")
    assert Axe().run(page).violations_count == 0
    context.close()
