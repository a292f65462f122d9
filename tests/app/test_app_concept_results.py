"""The dashboard's pages about concepts: counts of each segment or row, and the ranked gallery."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from db.store import Store
from study_app.dashboard import board
from study_app.dashboard.board import Board
from study_app.frozen import frozen
from study_app.publishing.publish import publish
from study_app.simulate import simulate


def draw(name: str) -> str:
    def script(name: str) -> None:
        from study_app.dashboard import data, layout, views

        layout._page(dict(views.load())[name], data.versions()[0], "simulated")

    at = AppTest.from_function(script, args=(name,), default_timeout=60).run()
    assert not at.exception, at.exception[0].stack_trace
    parts = [e.value for kind in (at.header, at.markdown, at.info, at.text) for e in kind]
    parts += [e.value.to_string() for e in (*at.table, *at.dataframe)]
    return "\n".join([*parts, *(e.proto.body for e in at.get("html"))])


@pytest.fixture(scope="module", params=["intruder", "coherency"])
def study(request, bands_study, tmp_path_factory):
    folder = bands_study(tmp_path_factory.mktemp("concepts") / request.param, request.param)
    with Store(folder / "whyface.db", synchronous="OFF") as store:
        version = publish(store, folder)
        simulate(store, version, 12)
        board.use(Board(store, folder / "stimuli", "scrypt$of$a$password", "simulated"))
        yield request.param, frozen(store, version)


def test_each_picture_of_a_question_has_its_count(study):
    _, version = study
    shown = draw("questions")
    item = version.of_role("main")[0]
    for option in item["options"]:
        assert f'src="/stimuli/{option["sha256"]}.png"' in shown
    counts = [(int(a), int(b)) for a, b in re.findall(r"(\d+) of (\d+) (?:people|person)", shown)]
    assert len(counts) == len(item["options"])
    assert {people for _, people in counts} != {0}
    assert sum(chosen for chosen, _ in counts) == counts[0][1]  # each person chose one of them


def test_the_gallery_ranks_concepts_with_their_very_segments_and_words(study):
    kind, version = study
    shown = draw("concepts")
    asked = {item["concept"] for item in version.of_role("main")}
    ranked = re.findall(r"<strong>(\d+)\. ([^<]+)</strong>", shown)
    assert [int(rank) for rank, _ in ranked] == list(range(1, len(ranked) + 1))
    assert {name for _, name in ranked} <= asked and ranked
    assert "answers are right" in shown and "ACE" in shown
    pictures = {o["sha256"] for item in version.of_role("main") for o in item["options"]}
    assert set(re.findall(r"/stimuli/([0-9a-f]{64})\.png", shown)) <= pictures
    assert ("Words that count as one" in shown) == (kind == "coherency")
