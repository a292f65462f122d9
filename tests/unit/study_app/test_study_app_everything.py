"""A study that uses all there is: each page for researchers and each exported column knows of it.

Arms, languages, quotas, every ending, a practice gate, a question about the instructions, rules of
quality, a branch, and questions about faces and about concepts.
"""

import csv
import json
import shutil
from pathlib import Path
from random import Random

import pytest
import yaml
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from db.records import Ending
from db.store import Store
from study_app import doctor, export, trials
from study_app.cli import whyface
from study_app.export.codebook import codebook
from study_app.frozen import frozen
from study_app.participation import session
from study_app.preview import pages
from study_app.preview.questions import questions
from study_app.protocol.page import page
from study_app.publishing.publish import go_live, publish
from study_app.trials import Person

CHECK = {
    "ask": {"en": "What do you do?", "fa": "چه می‌کنید؟"},
    "choices": {"pictures": "Look at pictures", "sums": "Do sums"},
    "right": "pictures",
    "attempts": 2,
}
ARMS = {"still": {"order": "fixed"}, "moving": {"order": "random"}}


@pytest.fixture(scope="module")
def folder(two_languages, bands_study, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("everything")
    study = place / "study"
    shutil.copytree(two_languages, study)
    bands = bands_study(place / "bands", "intruder")
    shutil.copy(bands / "bands.py", study)
    for path in (bands / "stimuli").glob("*.png"):
        shutil.copy(path, study / "stimuli")
    shutil.copy(bands / "stimuli" / "concepts.json", study / "stimuli")
    file = study / "study.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    about = yaml.safe_load((bands / "study.yaml").read_text("utf-8"))
    data["concepts"] = about["concepts"]
    data["background"].append(
        {"id": "age", "ask": "How old?", "choices": {"young": "Under 18", "old": "18 or more"}}
    )
    data["segments"]["expertise"] = {"from": "explainability", "order": ["never", "aware", "user"]}
    data["screen_out"] = [{"question": "age", "is": ["young"]}]
    data["arms"] = ARMS
    data["recruitment"] = {
        "source": "prolific",
        "codes": {"complete": "C0DE", "failed_checks": "FA1L", "screened_out": "N0T"},
        "cap": 30,
        "quotas": {"expertise": {"user": 2}},
        "maximum_minutes": 90,
    }
    intruder = {"trial": "intruder", "concepts": ["ace"], "prompt": "Which does not belong?"}
    gate = {"attempts": 2, "pass": 1.0, "on_fail": "end"}
    practice = {**intruder, "role": "practice", "items": 1, "practice": gate}
    data["blocks"] = [
        practice,
        *data["blocks"][1:],
        {"trial": "free_text", "items": 1, "prompt": "What did you see?", "most": 80,
         "show_if": {"question": "explainability", "is": ["user"]}},
        {"trial": "one_word", "items": 1, "prompt": "One word?"},
        {**intruder, "items": 2},
    ]  # fmt: skip
    data["quality"] = {
        "min_ms": 300, "max_ms": 60_000, "attention": 1, "hidden_ms": 5_000, "min_width": 500,
        "straight_line": 0.95, "total_minutes": [0.01, 60], "min_trials": 2,
        "instruction_check": CHECK, "marks_only": ["straight_line"],
    }  # fmt: skip
    data["analysis"] = data["analysis"][:1]
    plain = json.loads(json.dumps(data))  # no part twice, which YAML would write as an alias
    file.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), "utf-8")
    return study


def comes(store, version, number, *, about=None, fails="", language="en", questions=99) -> str:
    """One person, until the study ends for them or they have answered so many questions."""
    token = session.new_token(store)
    session.give_consent(store, token, version, "live", agreed=True)
    session.speak(store, token, language)
    given = {"explainability": "never", "age": "old", **(about or {})}
    assert session.save_background(store, token, given) == {}
    for _ in range(2):
        session.finish_instructions(store, token, "sums" if fails == "check" else "pictures")
    person = Person({}, rng=Random(number))
    for _ in range(questions):
        here = session.state(store, token)
        if here.trial is None:
            break
        if here.feedback is not None:
            session.go_on(store, token, here.trial.token)
            continue
        practice = here.trial.role == "practice"
        told = trials.load(here.trial.type).simulate(here.asked, person)
        right = [offer.position for offer in here.asked.options if offer.option == "intruder"]
        if practice:
            wrong = next(o.position for o in here.asked.options if o.position not in right)
            told = {"chosen": [wrong] if fails == "practice" else right}
        elif here.asked.expected:
            told = {"chosen": list(here.asked.expected), "none": False}
        sent = {"answer": told, "rt_ms": 2500, "hidden_ms": 0, "viewport": [1200, 800]}
        assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    return token


@pytest.fixture(scope="module")
def store(folder):
    """One person for each thing that can happen."""
    with Store(folder / "whyface.db") as opened:
        version = publish(opened, folder)
        go_live(opened, version)
        comes(opened, version, 1)
        comes(opened, version, 2, about={"explainability": "user"}, language="fa")
        comes(opened, version, 3, about={"explainability": "user"})
        comes(opened, version, 4, about={"explainability": "user"})  # their quota is full
        comes(opened, version, 5, about={"age": "young"})
        comes(opened, version, 6, fails="practice")
        comes(opened, version, 7, fails="check")
        comes(opened, version, 8, questions=4)
        opened.end(comes(opened, version, 9, questions=4), Ending.TIMED_OUT)
        gone = session.state(opened, comes(opened, version, 10)).withdrawal_code
        assert session.withdraw(opened, gone)
        yield opened


@pytest.fixture(scope="module")
def tables(store, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("out") / "psych-ds"
    export.export(store, place, form="psych-ds")
    return place


def rows(place: Path, table: str) -> list[dict[str, str]]:
    (path,) = (place / "data").glob(f"*table-{table}_data.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_everything_happened(tables):
    people = {int(row["number"]): row for row in rows(tables, "participants")}
    assert len(people) == 10
    endings = {number: row["ended"] for number, row in people.items()}
    assert endings == {
        **dict.fromkeys((1, 2, 3, 7, 8, 10), ""),
        4: "full", 5: "screened_out", 6: "failed_checks", 9: "timed_out",
    }  # fmt: skip
    assert {row["arm"] for row in people.values()} == set(ARMS)
    assert {row["language"] for row in people.values()} == {"en", "fa"}
    assert people[10]["state"] == "withdrawn" and people[10]["answered"] == "0"
    assert people[7]["flag_instructions"] == "1" and people[1]["flag_instructions"] == "0"
    answers = rows(tables, "responses")
    assert {row["type"] for row in answers} == {
        "intruder", "pick_any", "ranking", "slider", "free_text", "one_word",
    }  # fmt: skip
    about = [row for row in answers if row["concept"]]
    assert about and all(
        row["family"] == "ace" and row["layer"] and not row["face"] for row in about
    )
    assert {row["role"] for row in answers} == {"practice", "attention", "main"}


def test_each_column_is_explained_and_each_value_known(store, tables):
    explained = {(one.table, one.name): one for one in codebook(export.read(store))}
    description = json.loads((tables / "dataset_description.json").read_text("utf-8"))
    measured = {one["name"]: one for one in description["variableMeasured"]}
    with (tables / "documentation" / "codebook.csv").open(encoding="utf-8", newline="") as file:
        listed = {(row["file"].partition("table-")[2].partition("_")[0], row["column"])
                  for row in csv.DictReader(file)}  # fmt: skip
    for table in ("participants", "responses"):
        found = rows(tables, table)
        for name in found[0]:
            column = explained[table, name]
            assert (table, name) in listed and name in measured
            assert len(column.about) > 10 and measured[name]["description"]
            there = {row[name].removeprefix("'") for row in found} - {""}
            assert there or name in ("flag_too_fast",), f"{table}.{name} is never filled in"
            if column.values:
                assert there <= set(column.values), f"{table}.{name}"
            if column.kind in ("integer", "number"):
                assert all(float(value) == float(value) for value in there)
    assert len(explained) == len(listed)
    assert description["inLanguage"] == ["en", "fa"]


def test_the_protocol_tells_all_of_it_in_each_language(store, folder):
    version = store.versions()[0]["hash"]
    for language in ("en", "fa"):
        told = page(frozen(store, version, language), folder / "stimuli")
        for words in (
            "still", "moving", "30", "90", "failed checks", "screened out", "young", "ace",
            "straight_line", "2 rounds", "Do sums",
            {"en": "participants may also read fa", "fa": "چه می‌کنید"}[language],
        ):  # fmt: skip
            assert words in told, words
        assert "C0DE" not in told and "FA1L" not in told, "codes are worth money"


def test_check_tells_what_participants_will_get(folder):
    told = CliRunner().invoke(whyface, ["check", str(folder)]).output
    for words in (
        "no problems found", "in one of 2 languages: en, fa", "in one of 2 arms: still, moving",
        "by prolific (PROLIFIC_PID, SESSION_ID), no code for: full, timed out, no consent",
        "30 may finish", "quotas by expertise: user 2", "for 90 minutes at most",
        "not if age is young", "a question about the instructions (2 attempts)",
        "up to 2 rounds", "attention 1, hidden_ms 5000", "straight_line 0.95 (marks only)",
        "total_minutes 0.01 to 60",
        "concepts ace: bands:Bands", "if explainability is user",
    ):  # fmt: skip
        assert words in told, f"{words}\n{told}"


def test_doctor_knows_the_recruitment_and_that_it_pauses(store, folder):
    version = store.versions()[0]["hash"]
    found = {one.name: one for one in doctor.study(folder, None)}
    assert all(one.ok for one in found.values()), found
    assert "prolific" in found["Recruitment"].detail
    assert "no code for: full, timed out, no consent" in found["Recruitment"].detail
    store.pause(version)
    try:
        assert "pauses" in {one.name: one for one in doctor.study(folder, None)}["Version"].detail
    finally:
        store.pause(version, False)


def test_the_preview_holds_every_question_in_each_language(store):
    version = store.versions()[0]["hash"]
    for language in ("en", "fa"):
        study = frozen(store, version, language)
        shown = questions(study)
        assert {question.type for question in shown} == {block["trial"] for block in study.blocks}
        assert all(question.view["question"] for question in shown)


def test_the_preview_s_list_tells_what_comes_before_and_what_arms_differ_in(store, folder):
    study = frozen(store, store.versions()[0]["hash"], "fa")
    pages.use(pages.Preview.of(study, folder / "stimuli"))

    def script() -> None:
        from study_app.preview import pages

        pages.show()

    at = AppTest.from_function(script, default_timeout=30).run()
    assert not at.exception
    told = "".join(element.proto.body for element in at.get("html"))
    for words in (
        "How old?", "چه می‌کنید", "Look at pictures / Do sums", "still: explanations in fixed",
        "Block 7: intruder", "(attention check)",
    ):  # fmt: skip
        assert words in told, words
