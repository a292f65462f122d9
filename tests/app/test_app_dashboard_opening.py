"""Closing and opening a study from the dashboard, and taking all of its data away."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.records import Status
from db.store import Store
from study_app.dashboard import board, data, download
from study_app.dashboard.board import Board
from study_app.participation import session
from study_app.participation.session import Page
from study_app.publishing.publish import go_live

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as opened:
        go_live(opened, opened.add_version(json.loads(FROZEN)["study"]["id"], FROZEN))
        board.use(Board(opened, tmp_path, "scrypt$of$a$password"))
        yield opened


def progress(mode: str = "live") -> AppTest:
    def script(mode: str) -> None:
        from study_app.dashboard import data, layout, views

        layout._page(dict(views.load())["progress"], data.versions()[0], mode)

    at = AppTest.from_function(script, args=(mode,), default_timeout=60).run()
    assert not at.exception
    return at


def test_a_study_is_closed_and_opened_again(store):
    version = store.versions()[0]["hash"]
    at = progress()
    pause, close = at.button
    assert (pause.label, close.label) == ("Pause", "Take no more participants")
    at = close.click().run()
    assert store.status(version) == Status.CLOSED
    assert session.state(store, session.new_token(store), version).page == Page.CLOSED
    (button,) = at.button
    assert button.label == "Take participants again"
    button.click().run()
    assert store.status(version) == Status.LIVE
    assert session.state(store, session.new_token(store), version).page == Page.CONSENT


def test_a_study_pauses_and_goes_on(store):
    version = store.versions()[0]["hash"]
    at = progress().button[0].click().run()
    assert session.state(store, session.new_token(store), version).page == Page.PAUSED
    assert "pauses since" in at.warning[0].value
    go_on, close = at.button
    assert (go_on.label, close.label) == ("Take participants again", "Take no more participants")
    at = go_on.click().run()
    assert session.state(store, session.new_token(store), version).page == Page.CONSENT
    assert not at.warning


def test_only_live_participants_are_let_in_or_not(store):
    assert [list(progress(mode).button) for mode in ("pilot", "test", "simulated")] == [[]] * 3


@pytest.mark.parametrize("form", ["psych-ds", "csv", "parquet"])
def test_all_versions_come_as_a_zip(store, form):
    version = store.versions()[0]["hash"]
    session.join(store, version, "pilot", session.new_token(store))
    packed = download.content(data.look(version, "pilot"), f"{form}.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        assert file.testzip() is None
        names = [name for name in file.namelist() if not name.endswith("/")]
    assert names and all(name.startswith(f"{form}/") for name in names)
    if form == "psych-ds":
        assert "psych-ds/dataset_description.json" in names
        assert "psych-ds/data/study-section7_mode-pilot_table-responses_data.csv" in names
