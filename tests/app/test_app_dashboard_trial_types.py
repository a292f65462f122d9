"""The dashboard of a study that asks in every way: by picking, ordering, rating, writing."""

import shutil
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from db.store import Store
from study_app.dashboard import board, data, download, figures, views
from study_app.dashboard.board import Board
from study_app.publishing.publish import publish
from study_app.simulate import simulate


@pytest.fixture(scope="module")
def crowd(every_trial_type, tmp_path_factory):
    with Store(tmp_path_factory.mktemp("crowd") / "whyface.db", synchronous="OFF") as store:
        simulate(store, publish(store, every_trial_type), 25)
        yield store


@pytest.fixture
def look(crowd) -> data.Shown:
    board.use(Board(crowd, Path(), "", "simulated"))
    return data.look(crowd.versions()[0]["hash"], "simulated")


def drawn(name: str) -> AppTest:
    def script(name: str) -> None:
        from study_app.dashboard import data, layout, views

        layout._page(dict(views.load())[name], data.versions()[0], "simulated")

    at = AppTest.from_function(script, args=(name,), default_timeout=60).run()
    assert not at.exception and not at.error
    return at


@pytest.mark.parametrize("name", views.names())
def test_every_page(name, look):
    drawn(name)


def test_a_question_that_is_also_rated_and_written_about_says_how_often_each_was_picked(look):
    from study_app.dashboard.views.questions import _result

    found = [_result(look, item) for item in look.frozen.of_role("main")]
    picked = [result.of("all") for result in found if result is not None]
    assert picked and all(picked), "each face is asked about by picking, too"
    for estimates in picked:
        assert {"saliency", "inversion", "visualization"} <= {e.item for e in estimates}


def test_a_question_that_is_only_written_about_says_so(every_trial_type, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(every_trial_type, folder)
    file = folder / "study.yaml"
    said = yaml.safe_load(file.read_text("utf-8")) | {"analysis": []}
    said["quality"] = {"attention": 0}
    said["blocks"] = [{"trial": "free_text", "items": 2, "prompt": "What do you see?"}]
    file.write_text(yaml.safe_dump(said, sort_keys=False), "utf-8")
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:
        simulate(store, publish(store, folder), 12)
        board.use(Board(store, Path(), "", "simulated"))
        told = drawn("questions")
    assert "not answered by picking" in "".join(info.value for info in told.info)
    assert "not asked yet" not in "".join(e.proto.body for e in told.get("html"))


def test_every_chart_and_the_report_can_be_taken_away(look):
    for name in figures.charts(look):
        assert download.content(look, f"{name}.svg").startswith(b"<svg")
    page = download.content(look, "report.html").decode()
    assert page.count("<figure") >= len(figures.charts(look))
