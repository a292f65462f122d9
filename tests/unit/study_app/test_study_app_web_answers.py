"""The route that takes answers: what it stores, what it turns away, and what it replies."""

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.responses import Response

from db import schema
from db.records import Mode
from db.store import Store
from study_app.participation import session
from study_app.participation.trial_data import progress, trial_data
from study_app.web import answers
from study_app.web.site import Site

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")
HOST = "study.example.org"
HERE = f"http://{HOST}"
JSON = {"content-type": "application/json"}


class Browser:
    """Speaks ASGI to the route, as a server does."""

    def __init__(self, site: Site) -> None:
        self.app = Starlette(routes=[answers.route(site)])
        self.pulled = 0

    def post(self, body: object, method: str = "POST", **headers: str) -> Response:
        """Send JSON, or bytes as they are, or parts of bytes one after the other."""
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        parts = iter([body] if isinstance(body, bytes) else body)
        given = {"host": HOST} | JSON | {k.replace("_", "-"): v for k, v in headers.items()}
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http",
            "server": (HOST, 80), "root_path": "", "path": "/answer", "raw_path": b"/answer",
            "query_string": b"", "headers": [(k.encode(), v.encode()) for k, v in given.items()],
        }  # fmt: skip
        sent: list[dict] = []

        async def receive():
            self.pulled += 1
            part = next(parts, None)
            return {"type": "http.request", "body": part or b"", "more_body": part is not None}

        async def send(message):
            sent.append(message)

        # In a thread of its own: another test's browser may have a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self.app(scope, receive, send))).result()
        start, *rest = sent
        reply = Response(b"".join(part["body"] for part in rest), start["status"])
        reply.raw_headers = start["headers"]
        return reply


def told(reply: Response) -> dict:
    return json.loads(reply.body)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "a.db", synchronous="OFF") as opened:
        yield opened


@pytest.fixture
def site(store, tmp_path):
    version = store.add_version("section7", FROZEN)
    store.set_status(version, "live")
    return Site(store, version, Mode.LIVE, tmp_path)


@pytest.fixture
def browser(site):
    return Browser(site)


@pytest.fixture
def begin(site):
    """A participant before their first trial: `begin()` is their token."""

    def begin() -> str:
        token = session.new_token(site.store)
        session.join(site.store, site.version, "live", token)
        questions = json.loads(FROZEN)["study"]["background"]
        chosen = {question["id"]: next(iter(question["choices"])) for question in questions}
        assert session.save_background(site.store, token, chosen) == {}
        session.finish_instructions(site.store, token)
        return token

    return begin


def sent(store, token, **changes):
    """What a browser sends for the trial that the participant is at."""
    trial = session.state(store, token).trial.token
    answer = {"chosen": [1], "none": False}
    return {
        "participant": token, "trial": trial, "attempt": "a", "answer": answer, "rt_ms": 900.0,
        "hidden_ms": 0, "onset": 1, "events": [], **changes,
    }  # fmt: skip


def rows(store) -> dict[str, int]:
    """How many rows each table has that a participant's answers or doings go to."""
    tables = (schema.response, schema.response_option, schema.event)
    with store.reading() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for table in tables
        }


def test_the_whole_way_by_replies_alone(browser, store, begin):
    token = begin()
    session.mark_shown(store, token, session.state(store, token).trial.token)
    seen = []
    body = sent(store, token)
    while True:
        reply = browser.post(body)
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "no-store"
        if "page" in told(reply):
            break
        trial = told(reply)["trial"]
        # the very data that a page view would give, and noted as shown
        state = session.state(store, token)
        assert state.trial.shown
        assert trial == json.loads(json.dumps(trial_data(state)))
        assert trial["preload"] == list(state.preload)
        seen.append(trial["label"])
        body["trial"] = trial["token"]
    assert told(reply) == {"page": "debriefing"}
    assert seen == [f"Question {n} of 9" for n in range(1, 10)]
    assert rows(store) == {"response": 10, "response_option": 30, "event": 0}
    assert session.state(store, token).completion_code


def test_the_same_answer_again_leads_to_the_same_place_and_is_stored_once(browser, store, begin):
    body = sent(store, begin())
    first = browser.post(body)
    body["answer"] = {"chosen": [2], "none": False}
    again = browser.post(body)
    assert again.status_code == 200
    assert again.body == first.body
    assert rows(store) == {"response": 1, "response_option": 3, "event": 1}
    with store.reading() as connection:
        value = sa.select(schema.response_option.c.value).order_by("position")
        assert list(connection.execute(value).scalars()) == [1, 0, 0]


@pytest.mark.parametrize(
    "answer", [{"chosen": [7], "none": False}, {"chosen": [1], "none": True}, None, [], "x", {}]
)
def test_an_impossible_answer_is_refused_in_words(browser, store, begin, answer):
    token = begin()
    reply = browser.post(sent(store, token, answer=answer))
    assert reply.status_code == 422
    assert len(told(reply)["refused"]) > 10
    assert set(rows(store).values()) == {0}
    assert browser.post(sent(store, token)).status_code == 200


@pytest.mark.parametrize("who", [None, "", 7, "x", "A" * 22 + "." + "0" * 20, "a\0b", "ü" * 99, []])
def test_a_strange_participant_is_refused(browser, store, begin, who, caplog):
    caplog.set_level(logging.DEBUG)
    body = sent(store, begin(), participant=who)
    reply = browser.post(body)
    assert reply.status_code == 403
    assert set(rows(store).values()) == {0}
    assert body["trial"] not in caplog.text


def test_nobody_answers_for_somebody_else(browser, store, begin):
    ann, ben = begin(), begin()
    theirs = sent(store, ben)
    for body in (
        theirs | {"participant": ann},
        theirs | {"participant": session.new_token(store)},  # has not even joined
        theirs | {"trial": "x"},
        theirs | {"trial": "a\0b"},
        theirs | {"trial": None},
        theirs | {"trial": {"token": 1}},
    ):
        assert browser.post(body).status_code == 422
    with store.reading() as connection:
        last = sa.select(schema.trial.c.token).where(schema.trial.c.position == 9)
        ahead = connection.execute(last).scalars().first()
    assert browser.post(sent(store, ann, trial=ahead)).status_code == 422
    assert set(rows(store).values()) == {0}


def test_whoever_has_withdrawn_is_led_away(browser, store, begin):
    token = begin()
    body = sent(store, token)
    assert session.withdraw(store, session.state(store, token).withdrawal_code)
    reply = browser.post(body)
    assert 400 <= reply.status_code < 500 or told(reply) == {"page": "withdrawn"}
    assert rows(store)["response"] == 0


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"content_type": "application/json; charset=utf-8"}, 200),
        ({"origin": HERE, "sec_fetch_site": "same-origin"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[x"}, 403),
        ({"origin": HERE + ".evil.example"}, 403),
        ({"origin": HERE, "sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": ""}, 415),
        ({"content_length": "200000"}, 413),
        ({"content_length": "-1"}, 413),
        ({"content_length": "9" * 5000}, 413),
    ],
)
def test_only_our_own_page_may_send(browser, store, begin, headers, status):
    assert browser.post(sent(store, begin()), **headers).status_code == status
    assert rows(store)["response"] == (status == 200)


def test_the_address_of_a_proxy_counts_as_ours(browser, store, begin, monkeypatch):
    monkeypatch.setattr(
        answers.st, "get_option", {"server.corsAllowedOrigins": ["https://lab.example"]}.get
    )
    body = sent(store, begin())
    for origin, status in (("https://lab.example.org", 403), ("https://lab.example", 200)):
        reply = browser.post(body, origin=origin)
        assert reply.status_code == status


def test_a_long_body_is_cut_off_whatever_its_header_says(browser, store):
    reply = browser.post((b" " * 65_536 for _ in range(10_000)), content_length="9")
    assert reply.status_code == 413
    assert browser.pulled < 5
    assert set(rows(store).values()) == {0}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"7", b"{", b"[" * 60_000, b'{"a": ' + b"9" * 6000 + b"}", b"\xff\xfe"],
)
def test_what_cannot_be_read_is_refused(browser, body):
    reply = browser.post(body)
    assert reply.status_code == 400
    assert told(reply) == {"refused": "The answer could not be read."}


def test_other_methods_are_not_there(browser):
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        assert browser.post(b"{}", method).status_code == 405


def test_a_database_that_is_away_asks_for_patience_and_takes_the_answer_later(
    browser, store, begin
):
    body = sent(store, begin())
    store.write(lambda c: c.exec_driver_sql("ALTER TABLE assignment RENAME TO away"))
    reply = browser.post(body)
    assert (reply.status_code, told(reply)) == (503, {"retry": 2})
    assert reply.headers["retry-after"] == "2"
    store.write(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO assignment"))
    assert browser.post(body).status_code == 200
    assert rows(store)["response"] == 1


def test_a_full_disk_asks_for_patience_and_stores_nothing_by_halves(browser, store, begin):
    body = sent(store, begin(), events=[[n, "x" * 90, n] for n in range(300)])
    limit = 0

    def full(raw, *_):
        raw.execute(f"PRAGMA max_page_count={limit or 2**30}")

    sa.event.listen(store.engine, "checkout", full)
    with store.reading() as connection:
        limit = connection.exec_driver_sql("PRAGMA page_count").scalar()
    reply = browser.post(body)
    assert (reply.status_code, told(reply)) == (503, {"retry": 2})
    limit = 0
    assert set(rows(store).values()) == {0}
    assert browser.post(body).status_code == 200
    assert rows(store) == {"response": 1, "response_option": 3, "event": 0}


def test_practice_does_not_count(store, begin):
    trial = session.state(store, begin()).trial
    assert progress(trial) == ("Practice question", 0, 9)


def test_there_is_data_on_a_trial_s_page_alone(site):
    state = session.state(site.store, session.new_token(site.store), site.version)
    with pytest.raises(ValueError, match="no trial on the page consent"):
        trial_data(state)
