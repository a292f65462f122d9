"""Nothing passes the dashboard's door without the password: pages, scripts, websocket."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from starlette.responses import PlainTextResponse

from study_app.dashboard.gate import Gate
from study_app.dashboard.password import hash_password
from study_app.dashboard.throttle import Throttle

PASSWORD = "the right password"
HASHED = hash_password(PASSWORD)


class Application:
    """What stands behind the gate; remembers what reached it."""

    def __init__(self):
        self.reached = []

    async def __call__(self, scope, receive, send):
        self.reached.append((scope["type"], scope.get("path")))
        if scope["type"] == "http":
            await PlainTextResponse("the study")(scope, receive, send)


class Visitor:
    def __init__(self, throttle=None):
        self.inside = Application()
        self.gate = Gate(self.inside, HASHED, throttle)
        self.cookie = ""

    def ask(self, path, method="GET", kind="http", accept="text/html", form=None, body=None):
        path, _, query = path.partition("?")
        headers = [(b"accept", accept.encode()), (b"host", b"localhost")]
        if self.cookie:
            headers.append((b"cookie", self.cookie.encode()))
        content = urlencode(form).encode() if form else (body or b"")
        scope = {"type": kind, "path": path, "raw_path": path.encode(), "headers": headers}
        scope |= {"method": method, "query_string": query.encode(), "scheme": "http"}
        scope |= {"client": ("127.0.0.1", 1), "server": ("localhost", 80), "root_path": ""}
        sent = []

        async def receive():
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message):
            sent.append(message)

        # In a thread of its own, because a browser test may keep a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self.gate(scope, receive, send))).result()
        start = sent[0] if sent else {}
        headers = {k.decode(): v.decode() for k, v in start.get("headers", [])}
        text = b"".join(m.get("body", b"") for m in sent).decode()
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
        return start.get("status", start.get("type")), headers, text

    def sign_in(self, password, path="/"):
        return self.ask("/sign-in", "POST", form={"password": password, "next": path})


@pytest.mark.parametrize("path", ["/", "/results", "/_stcore/health", "/static/js/index.js"])
def test_without_the_password_nothing_is_served(path):
    visitor = Visitor()
    status, headers, text = visitor.ask(path)
    assert (status, text) == (303, "")
    assert headers["location"].startswith("/sign-in")
    assert visitor.ask(path, accept="*/*")[0] == 401
    assert visitor.ask(path, method="POST")[0] == 401
    assert visitor.inside.reached == []


def test_the_websocket_is_closed_too():
    visitor = Visitor()
    assert visitor.ask("/_stcore/stream", kind="websocket")[0] == "websocket.close"
    assert visitor.inside.reached == []
    visitor.sign_in(PASSWORD)
    visitor.ask("/_stcore/stream", kind="websocket")
    assert visitor.inside.reached == [("websocket", "/_stcore/stream")]


def test_health_is_open_for_the_one_who_starts_the_server():
    assert Visitor().ask("/health", accept="*/*")[0] == 200


def test_wrong_then_right_then_out():
    visitor = Visitor()
    status, _, text = visitor.sign_in("wrong")
    assert status == 403 and "That is not the password." in text and not visitor.cookie
    status, headers, _ = visitor.sign_in(PASSWORD, "/results")
    assert (status, headers["location"]) == (303, "/results")
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=lax" in headers["set-cookie"]
    assert visitor.ask("/results")[2] == "the study"
    visitor.ask("/sign-out", "POST")
    assert visitor.ask("/results")[0] == 303


def test_the_form_leads_back_to_the_page_that_was_asked_for():
    visitor = Visitor()
    where = visitor.ask("/results")[1]["location"]
    assert 'name="next" value="/results"' in visitor.ask(where)[2]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"],
)
def test_signing_in_leads_nowhere_else(elsewhere):
    assert Visitor().sign_in(PASSWORD, elsewhere)[1]["location"] == "/"


def test_what_a_stranger_sends_is_escaped():
    text = Visitor().ask("/sign-in?next=" + '/"><script>alert(1)</script>')[2]
    assert "<script>" not in text


def test_guessing_slows_down_and_waiting_helps():
    now = [0.0]
    visitor = Visitor(Throttle(free=2, clock=lambda: now[0]))
    assert [visitor.sign_in("guess")[0] for _ in range(4)] == [403, 403, 403, 429]
    status, headers, text = visitor.sign_in(PASSWORD)
    assert status == 429, "even the right password waits"
    assert headers["retry-after"] == "1" and "Wait 1 s" in text
    now[0] = 1.0
    assert visitor.sign_in(PASSWORD)[0] == 303


def test_a_huge_form_is_refused():
    assert Visitor().ask("/sign-in", "POST", body=b"password=" + b"x" * 100_000)[0] == 413
