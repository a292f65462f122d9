"""One study file in several languages: from the file to the data."""

import csv
import json
import shutil
from pathlib import Path
from random import Random

import pytest
import yaml
from click.testing import CliRunner

from analysis.data import frames
from db.records import Mode
from db.store import Store
from explainers.problems import Problems
from study_app import trials
from study_app.cli import whyface
from study_app.export import export
from study_app.frozen import Frozen
from study_app.participation import session
from study_app.participation.trial_data import trial_data
from study_app.publishing.freeze import frozen_text
from study_app.publishing.placeholders import unfilled
from study_app.publishing.publish import go_live, publish
from study_app.simulate import walk
from study_app.study_file.load import load_languages, load_study, untranslated
from study_app.wording import words


def changed(source: Path, folder: Path, **changes) -> Path:
    """A copy of a study's folder with other top-level keys; None takes one out."""
    shutil.copytree(source, folder)
    data = yaml.safe_load((folder / "study.yaml").read_text("utf-8")) | changes
    kept = {key: value for key, value in data.items() if value is not None}
    (folder / "study.yaml").write_text(
        yaml.safe_dump(kept, allow_unicode=True, sort_keys=False), "utf-8"
    )
    return folder


def told(folder: Path) -> dict[str, str]:
    with pytest.raises(Problems) as caught:
        load_study(folder)
    found = {}
    for problem in caught.value.problems:
        place = problem.where.removeprefix("study.yaml: ").partition(" (")[0]
        found[place] = f"{problem.what}; {problem.fix}"
    return found


@pytest.fixture(scope="module")
def spoken(two_languages) -> Frozen:
    return Frozen.parse(*frozen_text(two_languages))


def test_the_study_is_whole_in_each_language(two_languages):
    english, persian = load_languages(two_languages).values()
    assert (english.language, persian.language) == ("en", "fa")
    assert english.languages == persian.languages == ("en", "fa")
    assert english.background[0].choices["user"] == "I have used them"
    assert persian.background[0].choices["user"] == "از آن‌ها استفاده کرده‌ام"
    assert persian.consent.file == "consent.fa.md"
    assert untranslated(two_languages) == []
    assert load_study(two_languages) == english


def test_a_frozen_version_reads_as_a_study_of_each_language(spoken):
    persian = spoken.in_language("fa")
    assert spoken.languages == ("en", "fa")
    assert spoken.consent.startswith("# Would") and persian.consent.startswith("# آیا")
    assert spoken.items[0]["question"].startswith("The program")
    assert persian.items[0]["question"] == ("برنامه می‌گوید که حالت چهرهٔ این شخص شاد است. چرا؟")
    check = next(item for item in persian.items if item["role"] == "attention")
    letter = "AB"[check["expected_positions"][0] - 1]
    assert check["question"] == words("fa")["attention"].format(letter=letter)
    # What a block does not say is said in the study's language, and frozen with it.
    assert spoken.blocks[1]["none"] == "None of them helps"
    assert persian.blocks[1]["none"] == "هیچ‌کدام کمکی نمی‌کند"
    assert (persian.blocks[2]["best"], persian.blocks[3]["low"]) == ("بیشترین کمک", "اصلاً")
    assert persian.words["begin"] == words("fa")["begin"]
    for frozen in (spoken, persian):  # no text is left in two languages
        texts = {k: v for k, v in frozen.study.items() if k not in ("segments", "simulate")}
        assert '"fa":' not in json.dumps([texts, frozen.items], ensure_ascii=False)
    # Keys of the data are the same in both.
    assert [item["id"] for item in spoken.items] == [item["id"] for item in persian.items]
    assert [item["target"] for item in spoken.items] == [item["target"] for item in persian.items]


def test_a_study_of_one_language_says_everything_in_it(two_languages, tmp_path):
    folder = changed(two_languages, tmp_path / "a", languages=None, language="fa")
    problems = told(folder)
    assert "unknown question or language 'language'" in problems.pop("segments.language.from")
    # A text may still be written as {fa: …}; what else it says is in no language of the study.
    assert {place.rpartition(".")[2] for place in problems} == {"en"}
    assert "unknown language 'en'" in problems["title.en"]
    text = (folder / "study.yaml").read_text("utf-8").replace("language: fa", "language: de")
    (folder / "study.yaml").write_text(text, "utf-8")
    assert "the study's is de; write de: …" in told(folder)["title"]


def test_the_words_of_a_german_study_are_german(tiny_study, tmp_path):
    folder = changed(tiny_study, tmp_path / "a", language="de")
    study = Frozen.parse(*frozen_text(folder))
    assert study.blocks[1]["none"] == "Keine davon hilft"
    assert study.blocks[1]["alt"] == "Erklärung {letter}"
    assert {item["alt"] for item in study.items} == {"Foto eines Gesichts"}
    assert study.words["begin"] == "Beginnen" and study.languages == ("de",)


def test_all_that_is_not_translated_is_told_at_once(two_languages, tmp_path):
    folder = changed(
        two_languages,
        tmp_path / "a",
        title={"en": "Only English"},
        contact={"en": "a", "fa": "b", "dee": "c"},
        words={"attention": {"en": "Tick {letter}", "fa": "بزنید"}, "begin": {"en": "Go"}},
    )
    (folder / "consent.fa.md").unlink()
    (folder / "instructions.fa.md").write_text(" ", "utf-8")
    problems = told(folder)
    assert "is not translated into fa; add fa: …" in problems["title"]
    assert "unknown language 'dee'" in problems["contact.dee"]
    assert "is not translated into fa" in problems["words.begin"]
    assert "should contain {letter}" in problems["words.attention"]
    assert "there is no file 'consent.fa.md'" in problems["consent.file"]
    assert "'instructions.fa.md' is empty" in problems["instructions.file"]
    assert len(problems) == 6


@pytest.mark.parametrize(
    ("changes", "place", "what"),
    [
        ({"language": "en"}, "study.yaml", "both 'language' and 'languages' are there"),
        ({"languages": ["en", "fa", "en"]}, "languages[2]", "'en' stands twice"),
        ({"languages": ["en", "Persian!"]}, "languages[1]", "Persian!"),
        ({"title": {"en": "a", "fa": ""}}, "title.fa", "should be text"),
        ({"title": {"en": "a", "fa": ["b"]}}, "title.fa", "should be text"),
        ({"words": {"beginn": "Go"}}, "words.beginn", "did you mean 'begin'"),
        ({"words": {"begin": "Go {name}"}}, "words.begin", "knows no {name}"),
        ({"words": {"begin": "Go {"}}, "words.begin", "has a stray brace"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(two_languages, tmp_path, changes, place, what):
    problems = told(changed(two_languages, tmp_path / "a", **changes))
    assert what in problems[place]


def test_a_plain_text_reads_the_same_in_all_languages(two_languages, tmp_path):
    folder = changed(
        two_languages,
        tmp_path / "a",
        title="Faces",
        contact="Ann, ann@university.example",
        words={"begin": "OK", "continue": {"en": "Next", "fa": "بعدی"}},
    )
    persian = load_languages(folder)["fa"]
    assert persian.title == "Faces" and persian.words.model_extra["continue"] == "بعدی"
    found = CliRunner().invoke(whyface, ["check", str(folder)])
    assert found.exit_code == 0, found.output
    text = found.output.partition("Not translated (they read the same in en, fa)\n")[2]
    assert [line.strip().rpartition(": ")[2] for line in text.splitlines()] == [
        "“Faces”",
        "“Ann, ann@university.example”",
        "“OK”",
    ]
    spoken = Frozen.parse(*frozen_text(folder))
    assert spoken.in_language("fa").words["continue"] == "بعدی"
    assert spoken.in_language("fa").words["begin"] == "OK"


def test_notes_to_the_researcher_are_found_in_every_language(two_languages, tmp_path):
    folder = changed(two_languages, tmp_path / "a")
    file = folder / "consent.fa.md"
    file.write_text(file.read_text("utf-8") + "\n(Researcher: your name)\n", "utf-8")
    (problem,) = unfilled(Frozen.parse(*frozen_text(folder)))
    assert problem.where.startswith("consent.fa.md:")


def test_a_preview_is_in_a_language_of_the_study(two_languages):
    with pytest.raises(Problems, match="the study is not in 'fr'"):
        CliRunner().invoke(
            whyface, ["preview", str(two_languages), "--language", "fr"], catch_exceptions=False
        )


def test_a_protocol_is_in_a_language_of_the_study(two_languages, tmp_path):
    out = tmp_path / "protocol.md"
    for language, title, other in (("en", "Would you like", "fa"), ("fa", "آیا مایل", "en")):
        arguments = ["protocol", str(two_languages), "-o", str(out), "--language", language]
        assert CliRunner().invoke(whyface, arguments, catch_exceptions=False).exit_code == 0
        text = out.read_text("utf-8")
        assert f"{language}; participants may also read {other}" in text
        assert title in text


@pytest.fixture
def live(two_languages, tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:
        version = publish(store, two_languages)
        go_live(store, version)
        yield store, version


def joined(store: Store, version: str, language: str | None = None) -> str:
    token = session.new_token(store)
    session.give_consent(store, token, version, Mode.LIVE, agreed=True)
    if language:
        session.speak(store, token, language)
    return token


def test_who_chose_nothing_reads_what_the_browser_asks_for(live):
    store, version = live
    token = session.new_token(store)
    for wishes, language in (([], "en"), ([None, "de", "fa-IR"], "fa"), (["xx"], "en")):
        state = session.state(store, token, version, wishes=wishes)
        assert state.study.language == language and state.language is None
    session.speak(store, token, "fa")  # nobody has joined: nothing is stored
    assert store.assignment(token) is None


def test_a_chosen_language_goes_before_all_wishes_and_changes_are_kept(live):
    store, version = live
    token = joined(store, version, "fa")
    for _ in range(2):
        assert session.state(store, token, wishes=["en"]).study.language == "fa"
        session.speak(store, token, "fa")
    session.speak(store, token, "de")  # not a language of the study
    session.speak(store, token, "en")
    state = session.state(store, token)
    assert (state.study.language, state.language) == ("en", "en")
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT data FROM event WHERE kind = 'language'").all()
    assert [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in rows] == [
        {"from": "fa", "to": "en"}
    ]


def test_every_page_and_refusal_is_in_the_language(live):
    store, version = live
    token = joined(store, version, "fa")
    persian = words("fa")
    missing = session.save_background(store, token, {})
    assert set(missing.values()) == {persian["background_missing"]}
    assert session.save_background(store, token, {"explainability": "user"}) == {}
    session.finish_instructions(store, token)
    seen = set()
    while (state := session.state(store, token)).trial is not None:
        data = trial_data(state)
        assert (data["language"], data["direction"]) == ("fa", "rtl")
        assert data["label"] in (
            persian["trial_practice"],
            persian["trial_question"].format(number=data["done"] + 1, total=data["of"]),
        )
        assert data["words"]["continue"] == persian["continue"]
        assert set(data["words"]) < set(persian)
        assert [option["alt"] for option in data["control"]["options"]] == ["توضیح A", "توضیح B"]
        refused = session.answer(store, token, state.trial.token, {"answer": {"chosen": []}})
        assert refused.kind == "refused" and refused.reason in set(persian.values()) | {
            persian["choose_tick_or"].format(other=persian["none_helps"])
        }
        seen.add(state.trial.type)
        person = trials.Person({}, 1.0, Random(1))
        sent = {"answer": trials.load(state.trial.type).simulate(state.asked, person)}
        assert session.answer(store, token, state.trial.token, sent).kind == "stored"
    assert seen == {"pick_any", "ranking", "slider"}
    assert session.state(store, token).completion_code


def test_the_language_is_a_column_and_a_group(live, tmp_path):
    store, version = live
    study = Frozen.parse(version, store.frozen(version))
    for k in range(12):
        walk(store, study, Random(k), Mode.LIVE)
    data = frames.load(store)
    counts = data.participants["language"].value_counts().to_dict()
    assert set(counts) == {"en", "fa"} and sum(counts.values()) == 12
    assert list(data.participants["language"].cat.categories) == ["en", "fa"]
    assert data.segments == ["language"]
    # Keys are of no language: the data of both are one table.
    assert set(data.main["option"]) == {"saliency", "visualization"}
    export(store, tmp_path / "out")
    with (tmp_path / "out" / "participants.csv").open(encoding="utf-8", newline="") as file:
        assert {row["language"] for row in csv.DictReader(file)} == {"en", "fa"}


def test_a_study_of_one_language_stores_none(tiny_study, tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:
        version = publish(store, tiny_study)
        go_live(store, version)
        assert "translations" not in json.loads(store.frozen(version))
        token = joined(store, version)
        state = session.state(store, token, wishes=["fa"])
        assert state.study.language == "en" and state.language is None
