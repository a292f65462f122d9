"""The preview: every question can be opened and answered, and nothing is written anywhere."""

import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from streamlit.testing.v1 import AppTest

from study_app import preview, trials
from study_app.frozen import Frozen
from study_app.preview import pages
from study_app.preview.questions import questions
from study_app.publishing.freeze import frozen_text
from study_app.trials import Invalid, Person

MAIN = f"{preview.__path__[0]}/script/main.py"
WHYFACE = Path(sys.executable).with_name("whyface")


@pytest.fixture
def study(every_trial_type) -> Frozen:
    found = Frozen.parse(*frozen_text(every_trial_type))
    pages.use(pages.Preview.of(found, every_trial_type / "stimuli"))
    return found


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_every_question_of_every_block_is_there_once(study):
    found = questions(study)
    keys = [question.key for question in found]
    assert len(set(keys)) == len(keys)
    for index, block in enumerate(study.blocks):
        role = block.get("role", "main")
        wanted = [f"{index}/{role}/{item['id']}" for item in study.of_role(role)]
        if block.get("attention"):
            wanted += [f"{index}/attention/{item['id']}" for item in study.of_role("attention")]
        assert [q.key for q in found if q.block == index] == wanted
        firsts = {q.asked.options[0].option for q in found if q.block == index}
        if len(block.get("options", ())) > 1 and len(wanted) > 1:
            assert len(firsts) > 1  # the orders take turns, as in the study


def test_each_can_be_answered_and_is_checked_as_in_the_study(study):
    for question in questions(study):
        assert question.view["question"] == question.asked.item["question"]
        person = Person(rates={o.option: 0.5 for o in question.asked.options})
        answer = trials.load(question.type).simulate(question.asked, person)
        told = question.told(question.check(answer))
        assert told and {name for name, _ in told} <= {o.option for o in question.asked.options}
        with pytest.raises(Invalid):
            question.check({"nonsense": 1})


def test_the_list_links_to_every_question_and_text(study):
    app = opened()
    assert not app.exception
    html = "".join(element.proto.body for element in app.get("html"))
    links = re.findall(r'href="/\?([^"]*)"', html)
    assert len(links) == len(questions(study)) + 3


def test_texts_and_unknown_addresses(study):
    for name in pages.TEXTS:
        app = opened(text=name)
        assert not app.exception
        shown = "".join(markdown.value for markdown in app.markdown)
        assert getattr(study, name).strip()[:40] in shown
    for query in ({"question": "9/main/nobody"}, {"text": "../study.yaml"}):
        app = opened(**query)
        assert not app.exception and app.title[0].value.startswith("Preview: ")


def test_it_serves_without_a_database_and_leaves_nothing(tiny_study, tmp_path):
    folder = shutil.copytree(tiny_study, tmp_path / "study")
    before = sorted(folder.rglob("*"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [WHYFACE, "preview", folder, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert process.stdout.readline() == f"Preview: http://127.0.0.1:{port}/\n"
        assert process.stdout.readline().startswith("Ctrl-C")
        picture = next((folder / "stimuli").glob("*.png"))
        with urlopen(f"http://127.0.0.1:{port}/") as page:
            assert page.status == 200 and "Content-Security-Policy" in page.headers
        with urlopen(f"http://127.0.0.1:{port}/stimuli/{picture.name}") as shown:
            assert shown.read() == picture.read_bytes()
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    assert code == 0, process.stdout.read()
    assert sorted(folder.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
