"""A real server process, a real browser, and a look into the database behind them."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """One worker runs them all, so that they share the server; without a browser they say so."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if config.pluginmanager.hasplugin("xdist"):
                item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None and "WHYFACE_REQUIRE_BROWSER" not in os.environ:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`whyface serve` as a process of its own; it can be killed and started again."""

    def __init__(self, study: Path, database: Path, *options: str) -> None:
        self.study, self.database, self.options = study, database, options
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.printed: list[str] = []

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("whyface")), "serve", str(self.study)]
        command += ["--port", str(self.port), "--database", f"sqlite:///{self.database}"]
        self.process = subprocess.Popen(
            [*command, *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, lines), daemon=True).start()
        while not (line := lines.get(timeout=30)).startswith("Ctrl-C"):
            assert line, "".join(self.printed)  # the process ended

    def _read(self, process: subprocess.Popen[str], lines: queue.Queue) -> None:
        for line in process.stdout:
            self.printed.append(line)
            lines.put(line)
        lines.put("")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=15)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path: str):
        return urllib.request.urlopen(self.url + path, timeout=10)

    def rows(self, sql: str, *values):
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql, values).fetchall()

    def answers(self, token: str) -> list[dict]:
        """The stored answers of one participant in order, with their option rows."""
        rows = self.rows(
            "SELECT t.id, t.position, t.role, r.rt_ms, r.hidden_ms, r.answer FROM response r "
            "JOIN trial t ON t.id = r.trial JOIN assignment a ON a.id = t.assignment "
            "WHERE a.token = ? ORDER BY t.position",
            token,
        )
        names = ("trial", "position", "role", "rt_ms", "hidden_ms", "answer")
        answers = [dict(zip(names, row, strict=True)) for row in rows]
        for answer in answers:
            answer["answer"] = json.loads(answer["answer"])
            answer["values"] = [
                value
                for (value,) in self.rows(
                    "SELECT value FROM response_option WHERE trial = ? ORDER BY position",
                    answer["trial"],
                )
            ]
        return answers


class Participant:
    """One person at one browser; `join` puts them straight before the first trial."""

    def __init__(self, context, server: Server) -> None:
        self.context, self.server = context, server
        self.requests: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.tab()

    def tab(self):
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def arrive(self, path: str = "") -> None:
        self.page.goto(self.server.url + path)
        self.heading()

    def join(self) -> str:
        """Straight before the first trial."""
        token = self.enrol()
        self.arrive(f"?p={token}")
        self.await_trial()
        return token

    def enrol(self) -> str:
        """Consent and background by the same functions as the pages, without a browser."""
        from db.store import Store
        from study_app.participation import session

        with Store(self.server.database) as store:
            token = session.new_token(store)
            version = store.versions()[0]["hash"]
            session.join(store, version, "live", token)
            questions = session.state(store, token).study.background
            chosen = {question["id"]: next(iter(question["choices"])) for question in questions}
            assert session.save_background(store, token, chosen) == {}
            session.finish_instructions(store, token)
        return token

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.page.url).query)["p"][0]

    def heading(self) -> str:
        heading = self.page.locator("h1").first
        heading.wait_for()
        return heading.inner_text()

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def questions(self) -> None:
        """Streamlit loads and draws radio buttons a moment after the rest of the page."""
        self.page.locator(".stRadio [role=radiogroup]").nth(3).wait_for()

    def background(self) -> None:
        self.questions()
        for group in self.page.get_by_role("radiogroup").all():
            group.locator("label").first.click()

    def label(self, page=None) -> str:
        return (page or self.page).locator(".progress span").inner_text()

    def await_trial(self, *, not_label: str = "", page=None) -> str:
        """Wait until a trial (other than ``not_label``) takes answers; its label."""
        page = page or self.page
        other = page.locator(".progress span").filter(has_not_text=re.compile(f"^{not_label}$"))
        other.or_(page.get_by_role("heading", name="You have finished")).first.wait_for()
        page.wait_for_timeout(320)  # the first moments of a trial take no answers, on purpose
        return other.inner_text() if other.count() else "finished"

    def tick(self, *letters: str, page=None) -> None:
        for letter in letters:
            name = f"Explanation {letter}" if len(letter) == 1 else letter
            (page or self.page).get_by_role("checkbox", name=name).click()

    def go(self, page=None) -> str:
        before = self.label(page)
        (page or self.page).locator("button.go").click()
        return self.await_trial(not_label=before, page=page)

    def verdict(self) -> str:
        """What is said after an answer in practice."""
        self.page.locator(".verdict:not(:empty)").wait_for()
        self.page.wait_for_timeout(320)  # impatient clicks do not skip it
        return self.page.locator(".verdict").inner_text()

    def right_place(self) -> int:
        """Where the right answer of the question about a concept that they are at stands."""
        ((place,), *_) = self.server.rows(
            "SELECT o.position FROM trial_option o JOIN trial t ON t.id = o.trial "
            "JOIN assignment a ON a.id = t.assignment LEFT JOIN response r ON r.trial = t.id "
            "WHERE a.token = ? AND r.trial IS NULL AND o.option IN ('intruder', 'concept') "
            "ORDER BY t.position",
            self.token,
        )
        return place

    def answers(self) -> list[dict]:
        return self.server.answers(self.token)


@pytest.fixture
def visit(chromium, server):
    """A new person: `visit(**browser_options)`, at the shared server unless named."""
    contexts, people = [], []

    def arrive(at: Server = server, **options) -> Participant:
        contexts.append(chromium.new_context(**options))
        people.append(Participant(contexts[-1], at))
        return people[-1]

    yield arrive
    complaints = [complaint for person in people for complaint in person.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def serve(tiny_study, tmp_path_factory):
    """Start a server: `serve(*options)`; all are stopped at the end."""
    servers = []

    def start(*options: str, study: Path = tiny_study) -> Server:
        server = Server(study, tmp_path_factory.mktemp("answers") / "whyface.db", *options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:  # all at once
        server.process.terminate()
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def server(serve):
    """The server that most tests share."""
    return serve()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()
