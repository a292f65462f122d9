"""What people write, on its way out: plain text everywhere, and no formula in a spreadsheet."""

import csv
import io
import json
from pathlib import Path

import pytest

from analysis import frames
from db.store import Store
from study_app import session
from study_app.dashboard.download import _csv
from study_app.export import export

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    '-2"; DROP TABLE response; --',
    "<script>alert(1)</script>",
    "![](//example.org/x.png)",
    "line one\nline, two",
    "‮txt.exe",
]


@pytest.fixture
def written(tmp_path):
    data = json.loads(FROZEN)
    block = {"trial": "free_text", "items": 8, "prompt": "Say", "options": []}
    data["study"] |= {"blocks": [block], "background": [], "segments": {}, "analysis": []}
    with Store(tmp_path / "a.db", synchronous="OFF") as store:
        version = store.add_version("section7", json.dumps(data))
        store.set_status(version, "live")
        token = session.new_token(store)
        session.give_consent(store, token, version, "live", agreed=True)
        session.finish_instructions(store, token)
        for text in HOSTILE:
            here = session.state(store, token)
            for _ in range(2):  # a double click: the first is stored, the second changes nothing
                session.answer(store, token, here.trial.token, {"answer": {"texts": [text]}})
        assert session.state(store, token).completion_code
        yield store


def test_words_are_stored_once_and_as_they_were_written(written):
    assert [row["text"] for row in written.responses().dicts()] == HOSTILE
    data = frames.load(written).main
    assert list(data["text"]) == HOSTILE and data["value"].isna().all()


def test_no_word_is_a_formula_in_any_file(written, tmp_path):
    export(written, tmp_path / "out")
    exported = (tmp_path / "out" / "responses.csv").read_text("utf-8")
    downloaded = _csv(frames.load(written).responses).decode()
    for text in (exported, downloaded):
        found = [row["text"] for row in csv.DictReader(io.StringIO(text, newline=""))]
        assert found == [f"'{text}" for text in HOSTILE[:4]] + HOSTILE[4:]
