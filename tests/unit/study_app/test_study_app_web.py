"""Our own routes and what stands before Streamlit, without a server."""

import asyncio
import gzip
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from db.records import Mode
from db.store import Store
from explainers.problems import Problems
from study_app.publishing.publish import publish
from study_app.web import health, middleware, pictures
from study_app.web.site import Site

NAME = "a" * 64


@pytest.fixture
def folder(tmp_path):
    (tmp_path / f"{NAME}.png").write_bytes(b"\x89PNG picture")
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path.parent / f"{'b' * 64}.png").write_bytes(b"outside")
    return tmp_path


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self):
        return json.loads(self.content)


class Client:
    """Speaks ASGI to an application, as a server does."""

    def __init__(self, *routes, **options) -> None:
        self.app = Starlette(routes=list(routes), **options)

    def get(self, url: str, **headers: str) -> Answer:
        return self.request("GET", url, **headers)

    def request(self, method: str, url: str, **headers: str) -> Answer:
        path, _, query = url.partition("?")
        sent: list[dict] = []
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "root_path": "",
            "path": unquote(path, errors="surrogateescape"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
            ],
        }

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        # In a thread of its own: another test's browser may have a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self.app(scope, receive, send))).result()
        got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], got, b"".join(part["body"] for part in sent[1:]))


def test_pictures_are_served_by_their_hash_alone(folder):
    browser = Client(pictures.route(folder))
    answer = browser.get(f"/stimuli/{NAME}.png?again=1")
    assert answer.content == b"\x89PNG picture"
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    for path in (
        "manifest.json", "manifest.png", f"{NAME}", f"{NAME.upper()}.png", f"{'c' * 64}.png",
        f"../{'b' * 64}.png", f"%2e%2e%2f{'b' * 64}.png", f"{NAME}%00.png", f"x/{NAME}.png",
        f"{NAME}.png.png",
    ):  # fmt: skip
        assert browser.get(f"/stimuli/{path}").status_code == 404, path


def test_a_picture_that_comes_later_is_found_and_then_kept_in_memory(folder):
    browser = Client(pictures.route(folder))
    late = folder / f"{'d' * 64}.png"
    url = f"/stimuli/{late.name}"
    assert browser.get(url).status_code == 404
    late.write_bytes(b"late")
    assert browser.get(url).content == b"late"
    late.unlink()
    assert browser.get(url).content == b"late"


def test_missing_pictures_are_one_clear_problem(folder):
    pictures.require(folder, frozenset([NAME]))
    with pytest.raises(Problems) as error:
        pictures.require(folder, frozenset([NAME, "e" * 64]))
    assert str(error.value) == (
        f"{folder}\n  1 of 2 pictures are missing, such as {'e' * 64}.png\n"
        "  fix: run `whyface build` again"
    )


def test_health_reports_writes_and_pictures(tiny_study, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        version = publish(store, tiny_study)
        good = Site(store, version, Mode.LIVE, tiny_study / "stimuli")
        answer = Client(health.route(good)).get("/health")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.json() == {
            "status": "ok",
            "version": version,
            "mode": "live",
            "database": "ok",
            "pictures_missing": 0,
        }
        empty = Site(store, version, Mode.LIVE, tmp_path)
        answer = Client(health.route(empty)).get("/health")
        assert answer.status_code == 503
        assert answer.json()["pictures_missing"] > 24
        store.write(lambda c: c.exec_driver_sql("ALTER TABLE setting RENAME TO away"))
        answer = Client(health.route(good)).get("/health")
        assert answer.status_code == 503
        assert answer.json()["database"] == "does not take writes"
        assert str(tmp_path) not in answer.text


def everything(request):
    return PlainTextResponse(f"here {request.url.query}")


def test_a_bare_address_becomes_a_personal_one():
    browser = Client(
        Route("/{path:path}", everything),
        middleware=[Middleware(middleware.PersonalLinks, new_token=lambda: "tok-en.1")],
    )
    answer = browser.get("/?a=b%20c&empty=")
    assert answer.status_code == 303
    assert answer.headers["location"] == "?a=b+c&empty=&p=tok-en.1"
    assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/?p=mine").text == "here p=mine"
    assert browser.get("/?p=").text == "here p="
    assert browser.get("/health").text == "here "
    assert browser.get("/?%ff=%00").status_code == 303


def test_unused_doors_are_closed_and_headers_are_sent():
    browser = Client(
        Route("/{path:path}", everything, methods=["GET", "PUT", "POST"]),
        middleware=[Middleware(middleware.Doors)],
    )
    for path in ("/_stcore/upload_file/a/b", "/_stcore/metrics", "/_stcore/agent/mcp", "/media/x"):
        for method in ("GET", "PUT", "POST"):
            assert browser.request(method, path).status_code == 404
    answer = browser.get("/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_streamlit_s_scripts_are_compressed_and_equal():
    import streamlit

    static = Path(streamlit.__file__).parent / "static"
    script = max((static / "static" / "js").glob("*.js"), key=lambda path: path.stat().st_size)
    browser = Client(
        Route("/{path:path}", everything), middleware=[Middleware(middleware.CompressedScripts)]
    )
    url = f"/static/js/{script.name}"
    answer = browser.get(url, accept_encoding="br, gzip")
    raw = answer.content
    assert gzip.decompress(raw) == script.read_bytes()
    assert len(raw) < script.stat().st_size / 2
    assert answer.headers["content-type"].startswith("text/javascript")
    assert browser.get(url, accept_encoding="identity").text == "here "
    assert browser.get("/static/js/../../index.html", accept_encoding="gzip").text == "here "
    assert browser.get("/static/js/absent.js", accept_encoding="gzip").text == "here "


def test_the_survey_s_process_loads_no_torch_and_of_the_analysis_its_rules_alone():
    """What `whyface serve` imports, to the last page; what Streamlit brings itself is its own."""
    code = """
import json, sys
import study_app.commands.serve, study_app.web.server, study_app.screens.participant
import study_app.publishing.freeze
import study_app.publishing.publish, study_app.web.health, study_app.trials as trials
for name in trials.names(): trials.load(name)
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout)
    loaded = {name.partition(".")[0] for name in modules}
    unwanted = {"torch", "torchvision", "scipy", "statsmodels", "captum", "dlib"}
    assert loaded & unwanted == set()
    ours = {name for name in modules if name.startswith("analysis.")}
    assert all(name.startswith("analysis.rules") for name in ours), "a study file names its rules"
    assert {"streamlit", "db", "study_app"} <= loaded
