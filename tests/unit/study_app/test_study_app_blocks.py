"""Blocks of a study file: what their trial types allow, who gets them, how they are explained."""

import copy
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from study_app import trials
from study_app.commands.list import command as list_command
from study_app.frozen import Frozen
from study_app.questions.items import expected_position
from study_app.rehearsal.people import Rehearsal
from study_app.study_file import yaml_file
from study_app.study_file.load import check_study
from study_app.study_file.ready import FOLDER
from study_app.study_file.schema import study_schema
from study_app.study_file.yaml_file import YamlFile

ROOT = Path(__file__).parents[3]
HOME = FOLDER / "trial_types"
DATA = yaml_file.read(HOME / "study.yaml").data


@pytest.mark.parametrize(
    ("block", "key", "value", "message"),
    [
        (1, "options", [], "blocks[1].options\n  pick_one needs 2 explanations or more"),
        (2, "options", ["saliency"], "blocks[2].options\n  pairwise needs 2 explanations"),
        (4, "options", [], "blocks[4].options\n  rating needs 1 explanation or more"),
        (7, "options", None, "blocks[7].options\n  one_word needs 1 explanation or more"),
        (3, "attention", 1, "blocks[3].attention\n  ranking cannot ask for a certain explanation"),
        (4, "points", ["x"], "blocks[4].points\n"),
        (8, "least", 501, "blocks[8]\n  least (501) is more than most (500)"),
        (4, "none", "None", "blocks[4].none\n  unknown key 'none'"),
        (8, "show_if", {"question": "job", "is": ["x"]}, "blocks[8].show_if.question\n"),
        (
            8,
            "show_if",
            {"question": "explainability", "is": ["users"]},
            "blocks[8].show_if.is[0]\n  unknown choice 'users'\n  fix: did you mean 'user'?",
        ),
        (
            5,
            "statements",
            {"saliency": "It is clear."},
            "blocks[5].options\n  'saliency' is what rating calls another answer",
        ),
    ],
)
def test_a_block_that_its_type_cannot_ask(block, key, value, message):
    data = copy.deepcopy(DATA)
    data["blocks"][block][key] = value
    if value is None:
        del data["blocks"][block][key]
    study, problems = check_study(YamlFile("study.yaml", data), HOME)
    assert study is None
    (problem,) = problems
    assert str(problem).startswith(f"study.yaml: {message}") and problem.fix


def test_a_study_needs_a_block_for_everybody():
    data = copy.deepcopy(DATA)
    del data["analysis"]
    for block in data["blocks"]:
        block["show_if"] = {"question": "explainability", "is": ["user"]}
    _, problems = check_study(YamlFile("study.yaml", data), HOME)
    assert "no block that everybody gets" in str(problems[0])


def test_an_analysis_may_ask_for_one_block():
    data = copy.deepcopy(DATA)
    data["analysis"][2]["block"] = "rating"
    _, problems = check_study(YamlFile("study.yaml", data), HOME)
    assert [str(p) for p in problems] == [
        "study.yaml: analysis[2].block\n  unknown block 'rating'\n  fix: did you mean 'ratings'?"
    ]
    data["blocks"][6]["name"] = data["analysis"][2]["block"] = "ratings"
    data["analysis"][3]["block"] = "best"
    _, problems = check_study(YamlFile("study.yaml", data), HOME)
    assert ["'ratings' stands twice" in str(p) for p in problems] == [True]


@pytest.mark.parametrize("name", trials.names())
def test_each_type_is_explained_at_the_command_line_and_in_editors(name):
    told = CliRunner().invoke(list_command, [name]).output
    properties = study_schema()["$defs"]["Block"]["properties"]
    for key, field in trials.load(name).Parameters.model_fields.items():
        assert f"    {key} = " in told and " ".join(field.description.split())[:40] in told
        assert f"{name}: {field.description[:30]}" in properties[key]["description"]
    assert all(f"    {column}\n" in told for column in trials.load(name).COLUMNS)


def test_an_attention_check_asks_for_what_is_there():
    data = copy.deepcopy(DATA)
    data["blocks"][1]["attention"], data["blocks"][2]["attention"] = 0, 1  # two side by side
    study, problems = check_study(YamlFile("study.yaml", data), HOME)
    assert problems == []
    asked = {expected_position(study, f"f{number:02}") for number in range(40)}
    assert asked == {1, 2}


def test_every_trial_type_is_in_the_ready_study():
    about_predictions = {name for name in trials.names() if not trials.about_concepts(name)}
    assert {block["trial"] for block in DATA["blocks"]} == about_predictions


def test_rehearsed_people_answer_only_the_blocks_that_they_would_get():
    data = json.loads((ROOT / "tests" / "data" / "frozen_section7.json").read_text("utf-8"))
    users = {"question": "explainability", "is": ["user"]}
    block = {"trial": "pick_any", "items": 2, "prompt": "Do", "options": ["saliency", "inversion"]}
    data["study"]["blocks"] = [block, {**block, "trial": "pairwise", "show_if": users}]
    frames = Rehearsal(Frozen.parse("0", json.dumps(data))).frames(40, "chance")
    whom = frames.responses.groupby("type")["explainability"].agg(set)
    assert whom["pairwise"] == {"user"} and whom["pick_any"] == {"never", "aware", "user"}
