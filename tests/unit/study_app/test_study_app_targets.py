"""A study file says what is explained: checked in one pass, offered to editors, put into words."""

import pytest
from click.testing import CliRunner

from explainers.aim import Aim
from explainers.manifest import Prediction
from explainers.problems import Problems
from study_app.cli import whyface
from study_app.commands.check import summary
from study_app.questions.items import question
from study_app.questions.planning import plan_of
from study_app.study_file import yaml_file
from study_app.study_file.load import check_study, load_study
from study_app.study_file.ready import FOLDER
from study_app.study_file.schema import study_schema

HOME = FOLDER / "section7"
TEXT = (HOME / "study.yaml").read_text("utf-8")


def with_stimuli(lines: str):
    """The ready study with more stimuli, one a line."""
    extra = "".join(f"  {line.strip()}\n" for line in lines.strip().splitlines())
    text = TEXT.replace("stimuli:\n", f"stimuli:\n{extra}", 1)
    return check_study(yaml_file.parse(text, "study.yaml"), HOME)


def test_targets_of_every_form_reach_the_plan():
    study, problems = with_stimuli("""
        why_not: {method: occlusion, target: {use: class_difference, against: runner_up}}
        years: {method: occlusion, target: expected_value}
        pair: {method: pairwise_difference, target: {use: similarity, other: f02}}
        unit: {method: occlusion, window: 16, target: {use: unit, layer: dense1, channel: 3}}
    """)
    assert not problems
    methods = plan_of(study, HOME).methods
    assert methods["why_not"].target == Aim("class_difference", {"against": "runner_up"})
    assert methods["years"].target == Aim("expected_value")
    assert methods["pair"].target == Aim("similarity", {"other": "f02"})
    assert methods["unit"].target == Aim("unit", {"layer": "dense1", "channel": 3})
    assert methods["unit"].parameters == {"window": 16}
    assert methods["saliency"].target is None


def test_check_says_what_is_explained():
    study, _ = with_stimuli("unit: {method: occlusion, target: {use: unit, layer: a, channel: 3}}")
    lines = list(summary(study))
    assert "  unit: occlusion of unit (layer a, channel 3)" in lines
    assert "  saliency: occlusion (of logit)" in lines


def test_a_study_without_targets_is_frozen_as_before():
    study, _ = with_stimuli("again: {method: occlusion}")
    said = study.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert said["stimuli"]["again"] == {"method": "occlusion", "scale": "model"}


def test_a_target_survives_freezing():
    study, _ = with_stimuli("unit: {method: occlusion, target: {use: unit, layer: a, channel: 3}}")
    said = study.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert said["stimuli"]["unit"]["target"] == {"use": "unit", "layer": "a", "channel": 3}
    assert type(study).model_validate(said) == study


def test_all_mistakes_come_at_once_with_place_and_remedy():
    study, problems = with_stimuli("""
        a: {method: occlusion, target: {use: class_difference, agianst: sad, of: logt}}
        b: {method: occlusion, target: expectd_value}
        c: {method: occlusion, target: {use: similarity, other: f99}}
        d: {method: occlusion, target: {use: unit, layer: dense1, channel: x}}
        e: {method: occlusion, target: 3}
        f: {method: occlusion, target: {layer: x}}
        g: {method: pictures, target: expected_value}
        h: {method: pairwise_difference}
        i: {method: occlusion, target: "nothere:Target"}
        j: {method: occlusion, window: 8.5, target: unit}
    """)
    assert study is None
    told = {p.where.removeprefix("study.yaml: stimuli."): (p.what, p.fix) for p in problems}
    line = TEXT[: TEXT.index("stimuli:\n")].count("\n") + 2
    at = {name: f"(line {line + n})" for n, name in enumerate("abcdefghij")}
    assert told[f"a.target.agianst {at['a']}"][1].startswith("did you mean 'against'?")
    assert told[f"a.target.of {at['a']}"] == ("unknown choice 'logt'", "did you mean 'logit'?")
    assert told[f"a.target.against {at['a']}"][0] == "class_difference needs this parameter"
    assert told[f"b.target.use {at['b']}"][1].startswith("did you mean 'expected_value'?")
    assert told[f"c.target.other {at['c']}"][0] == "unknown face 'f99'"
    assert told[f"d.target.channel {at['d']}"][0] == "should be int, not 'x'"
    assert told[f"e.target {at['e']}"][0] == "should be keys and values, not 3"
    assert told[f"f.target {at['f']}"][0] == "'use' is missing"
    assert told[f"g.target {at['g']}"] == ("unknown key 'target'", "ready-made pictures have none")
    assert told[f"h.target {at['h']}"][1] == "write target: {use: similarity, other: …}"
    assert told[f"i.target.use {at['i']}"][0] == "cannot find 'nothere:Target'"
    assert {f"j.target.{key} {at['j']}" for key in ("layer", "channel")} <= set(told)
    assert all(fix for _, fix in told.values())


def test_a_question_can_name_the_runner_up():
    study = load_study(HOME)
    ask = "Why {label} and not {runner_up}?"
    asking = study.models["expression"].model_copy(update={"ask": ask})
    study = study.model_copy(update={"models": {"expression": asking}})
    prediction = Prediction("expression", "f01", "happy", 0.9, runner_up="sad")
    assert question(study, prediction) == "Why a happy and not a sad?"


def test_a_question_knows_no_other_names(tmp_path):
    text = TEXT.replace("Why is this person classified as {label}?", "Why {labl}?")
    _, (problem,) = check_study(yaml_file.parse(text, "study.yaml"), HOME)
    assert problem.what == "knows no {labl}"
    assert problem.fix == "write {label}, {value} or {runner_up}"


def test_editors_are_offered_the_targets():
    parts = study_schema()["$defs"]
    names = {"class_score", "class_difference", "expected_value", "similarity", "triplet", "unit"}
    assert names <= set(parts["Target"]["properties"]["use"]["anyOf"][0]["enum"])
    forms = parts["Method"]["properties"]["target"]["anyOf"]
    assert {"$ref": "#/$defs/Target"} in forms
    assert {"type": "string"} in forms


@pytest.mark.parametrize("words", [["list", "targets"], ["list", "similarity"]])
def test_targets_are_listed_with_their_parameters(words):
    shown = CliRunner().invoke(whyface, words).output
    assert "similarity\n  How alike two faces are to a recognition network.\n" in shown
    assert "other: Face = required" in shown


def test_an_unknown_list_suggests_targets():
    with pytest.raises(Problems, match="did you mean 'similarity'"):
        CliRunner().invoke(whyface, ["list", "simlarity"], catch_exceptions=False)
