"""The printable protocol: all that participants meet, in one page that needs nothing beside it."""

import json
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from study_app import cli
from study_app.frozen import Frozen
from study_app.protocol.document import document
from study_app.protocol.page import page
from study_app.publishing.freeze import frozen_text


class Reader(HTMLParser):
    """Tags, attributes and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words = ""
        self.feed(text)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    def all(self, *names: str) -> list[dict]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def study(tiny_study) -> Frozen:
    return Frozen.parse(*frozen_text(tiny_study))


@pytest.fixture(scope="module")
def read(tiny_study, study) -> Reader:
    return Reader(page(study, tiny_study / "stimuli"))


def test_it_holds_everything_that_participants_meet(study, read):
    assert study.version in read.words
    wanted = [q["ask"] for q in study.background] + [item["question"] for item in study.items]
    wanted += [words for q in study.background for words in q["choices"].values()]
    wanted += [block["prompt"] for block in study.blocks]
    wanted += [entry["question"] for entry in study.study["analysis"]]
    wanted += ["answers 8 questions, with 1 attention check among them", "Holm (1979)"]
    wanted += [
        "min_ms: 300",
        "source: link",
        "ann@university.example",
        "If you leave and come back",
    ]
    assert [words for words in wanted if words not in read.words] == []
    shown = sum(1 + len(item["options"]) for item in study.items)
    assert len(read.all("img")) == shown


def test_it_needs_nothing_beside_it(read):
    for attributes in read.all("img"):
        assert attributes["src"].startswith("data:image/jpeg;base64,") and attributes["alt"]
    assert read.all("script", "link", "iframe", "object") == []
    assert not any("url(" in (value or "") for _, a in read.tags for value in a.values())


def test_headings_have_no_gaps_and_tables_have_heads(read):
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert read.all("th") and all(attributes["scope"] == "col" for attributes in read.all("th"))
    assert [a["lang"] for a in read.all("html")] == ["en"]
    assert {a["lang"] for a in read.all("blockquote")} == {"en"}


def test_the_balance_is_counted_over_real_plans(study):
    text = document(study, str)
    rows = re.findall(r"^\| 2 \| (\w+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.M)
    assert {row[0] for row in rows} == {"saliency", "inversion", "visualization"}
    # 48 participants, 8 questions each: every question shows all three, each place is taken once.
    assert all(sum(map(int, row[1:])) == 48 * 8 for row in rows)
    assert all(sum(int(row[place]) for row in rows) == 48 * 8 for place in (1, 2, 3))
    assert "each of 24 questions is asked 16 times" in text


def test_every_trial_type_can_be_told(every_trial_type):
    study = Frozen.parse(*frozen_text(every_trial_type))
    told = Reader(page(study, every_trial_type / "stimuli"))
    for block in study.blocks:
        assert block["trial"] in told.words and block["prompt"] in told.words


def test_blocks_for_some_participants_are_told(tiny_study):
    data = json.loads(frozen_text(tiny_study)[1])
    data["study"]["blocks"][1]["show_if"] = {"question": "explainability", "is": ["user"]}
    text = document(Frozen.parse("0" * 64, json.dumps(data)), str)
    assert "Only for participants with:** question: explainability; is: user" in text
    assert "answers up to 8 questions" in text and "as if each met every block" in text


def test_hostile_words_stay_words(tiny_study, study):
    evil = "<script>alert(1)</script> ![x](http://evil.example/x.png) | # *b* [l](javascript:a) `c"
    data = json.loads(frozen_text(tiny_study)[1])
    data["study"]["title"] = data["study"]["contact"] = evil
    data["study"]["background"][0] |= {"ask": evil, "choices": {"a": evil, "b": "# no heading"}}
    for name in ("consent", "instructions", "debriefing"):
        data[name] = (
            f"# Title\n\n{evil}\n\n<img src=x onerror=alert(1)>\n\n| a |\n|---|\n| {evil} |"
        )
    for item in data["items"]:
        item["question"] = evil
    hostile = Reader(page(Frozen.parse("0" * 64, json.dumps(data)), tiny_study / "stimuli"))
    assert hostile.all("script") == []
    assert all(a["src"].startswith("data:image/jpeg") for a in hostile.all("img"))
    addresses = [a.get("href", "") or "" for a in hostile.all("a")]
    assert not any(address.startswith("javascript:") for address in addresses)
    assert not any(name.startswith("on") for _, a in hostile.tags for name in a)
    assert " ".join(evil.split()) in hostile.words
    assert len([1 for tag, _ in hostile.tags if tag == "h1"]) == 1
    cells = [tag for tag, _ in hostile.tags if tag in ("tr", "td")]
    assert cells.count("td") > cells.count("tr")


def test_the_verb(monkeypatch, capsys, tiny_study, tmp_path):
    def run(*words) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["whyface", "protocol", *map(str, words)])
        try:
            cli.main()
        except SystemExit as end:
            return end.code or 0, "".join(capsys.readouterr())
        return 0, "".join(capsys.readouterr())

    folder = shutil.copytree(tiny_study, tmp_path / "a study")
    code, text = run(folder)
    assert code == 0 and (folder / "protocol.html").as_uri() in text
    code, _ = run(folder, "-o", tmp_path / "protocol.md")
    text = (tmp_path / "protocol.md").read_text("utf-8")
    found = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", text)
    assert code == 0 and len(found) > 90
    assert all((tmp_path / address.replace("%20", " ")).is_file() for address in found)
    code, text = run(folder, "-o", tmp_path / "protocol.pdf")
    assert code == 2 and "ends in .html or .md" in text
    code, text = run(folder, "-o", tmp_path / "nowhere" / "protocol.html")
    assert code == 2 and "cannot be written" in text
    next((folder / "stimuli").glob("*.png")).unlink()
    code, text = run(folder)
    assert code == 2 and "pictures are missing" in text
    names = {path.name for path in Path(tmp_path).iterdir()}
    assert names == {"a study", "protocol.md"}
