"""Two faces in a study: checked in one pass, built small, frozen, answered, drawn and scored."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image

from db.store import Store
from explainers.aim import Aim
from explainers.manifest import Manifest
from explainers.problems import Problems
from study_app.cli import whyface
from study_app.figure_request import Request
from study_app.publishing.freeze import frozen_text
from study_app.questions.planning import plan_of
from study_app.simulate import simulate
from study_app.study_file import yaml_file
from study_app.study_file.load import check_study, load_study
from study_app.study_file.ready import FOLDER

HOME = FOLDER / "verification"
COARSE = {"window": 75, "stride": 75}


def shrunk(folder: Path) -> Path:
    """The ready study with fewer faces and coarse maps."""
    shutil.copytree(HOME, folder)
    data = yaml.safe_load((HOME / "study.yaml").read_text("utf-8"))
    data["faces"]["main"] = ["f03", "f01"]
    data["stimuli"]["difference"] |= {**COARSE, "threshold": 0.001}
    data["stimuli"]["occlusion"] |= COARSE
    data["stimuli"]["backprop"]["layer"] = "conv64_3"
    data["blocks"][1]["items"] = 2
    (folder / "study.yaml").write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = shrunk(tmp_path_factory.mktemp("verification") / "study")
    whyface(["build", str(folder), "--jobs", "1"], standalone_mode=False)
    return folder


def checked(change) -> list[str]:
    data = yaml.safe_load((HOME / "study.yaml").read_text("utf-8"))
    change(data)
    text = yaml.safe_dump(data, sort_keys=False)
    _, problems = check_study(yaml_file.parse(text, "study.yaml"), HOME)
    return [
        f"{p.where.partition(' (')[0].removeprefix('study.yaml: ')}: {p.what}" for p in problems
    ]


def test_the_ready_study_is_sound():
    study = load_study(HOME)
    plan = plan_of(study, HOME)
    asked = [face for _, face in plan.asked]
    assert sorted(plan.compared["recognition"]) == sorted(asked)
    assert len(study.faces.main) == 6
    assert "compare" not in plan.models["recognition"]  # else one pair would change all others


def test_one_face_may_be_compared_with_all():
    study = load_study(HOME)
    model = study.models["recognition"].model_copy(update={"compare": "f18"})
    plan = plan_of(study.model_copy(update={"models": {"recognition": model}}), HOME)
    assert set(plan.compared["recognition"].values()) == {"f18"}


def test_all_mistakes_come_at_once():
    def change(data):
        pairs = data["models"]["recognition"]["compare"]
        pairs |= {"f03": "f03", "f06": "f99", "f77": "f01"}
        del pairs["f11"], pairs["f07"]
        data["stimuli"]["occlusion"]["target"] = "class_score"
        data["stimuli"]["backprop"]["target"] = {"use": "triplet", "mate": "compared"}
        data["models"]["recognition"]["ask"] = "Why {lable}?"

    assert checked(change) == [
        "models.recognition.compare.f06: unknown face 'f99'",
        "models.recognition.compare.f77: unknown face 'f77'",
        "models.recognition.compare: does not say with which face to compare f11, f07",
        "models.recognition.compare.f03: compares f03 with itself",
        "models.recognition.ask: knows no {lable}",
        "stimuli.occlusion.target: explains a class, but recognition has none: it compares faces",
        "stimuli.backprop.target.non_mate: triplet needs this parameter",
    ]


def test_a_model_with_classes_compares_nothing_and_recognition_must():
    def change(data):
        compare = data["models"]["recognition"].pop("compare")
        for name in ("age", "landmarks68"):
            data["models"][name] = {"use": name, "ask": "Why?", "compare": dict(compare)}
        data["models"]["odd"] = {"use": "recognition", "ask": "Why?", "compare": ["f01"]}

    assert checked(change) == [
        "models.recognition: 'recognition' has no classes: it compares faces, but 'compare' is "
        "missing",
        "models.age.compare: 'age' compares no faces",
        "models.landmarks68.compare: 'landmarks68' compares no faces",
        "models.odd.compare: should be one face for each face, or one for all",
    ]


def test_methods_for_two_faces_need_a_target_where_a_model_has_classes():
    def change(data):
        data["models"]["age"] = {"use": "age", "ask": "Why?"}
        data["stimuli"]["occlusion"]["target"] = {"use": "similarity", "other": "compared"}

    assert checked(change) == [
        "stimuli.difference.target: pairwise_difference cannot explain class_score, only "
        "similarity",
        "stimuli.occlusion.target.other: unknown face 'compared'",
    ]


def test_the_questions_picture_shows_both_faces(built):
    manifest = Manifest.load(built / "stimuli")
    labels = {p.face: p.label for p in manifest.predictions}
    assert labels == {"f03": "same", "f01": "different", "f02": "same", "f08": "same"}
    shown = manifest.picture("recognition", "f03")
    assert shown.provenance["compared"]["face"] == "f17"
    assert shown.provenance["compared"]["face_sha256"] != shown.provenance["face_sha256"]
    assert "CC0" in shown.provenance["compared"]["face_licence"]
    own = manifest.explanation("occlusion", "recognition", "f03", "same")
    assert (shown.width, shown.height) == (2 * own.width + 16, own.height)
    with Image.open(built / "stimuli" / shown.file) as picture:
        pixels = np.asarray(picture.convert("L")).astype(float)
    with Image.open(built / "stimuli" / manifest.picture("recognition", "f01").file) as picture:
        other = np.asarray(picture.convert("L")).astype(float)
    # Both are compared with f17, which stands on the right; the explained face is on the left.
    assert np.abs(pixels[:, -336:] - other[:, -336:]).max() == 0
    assert np.abs(pixels[:, :336] - other[:, :336]).mean() > 5
    for family in ("difference", "occlusion", "backprop"):
        aim = manifest.explanation(family, "recognition", "f03", "same").provenance["aim"]
        assert Aim(**aim) == Aim("similarity", {"other": "f17"})
    with Image.open(built / "stimuli" / "contact_sheet.png") as sheet:
        assert sheet.width > 190 + 2 * 160 + 3 * 166


def test_the_study_is_frozen_and_answered(built, tmp_path):
    version, text = frozen_text(built)
    items = json.loads(text)["items"]
    assert [item["compared"] for item in items] == ["f17", "f17", "f05", "f10"]
    assert {item["alt"] for item in items} == {"Two photographs of faces"}
    assert "show two different people?" in items[1]["question"]
    with Store(tmp_path / "a.db", synchronous="OFF") as store:
        assert store.add_version("verification", text) == version
        assert simulate(store, version, 2) == 2
        answers = store.responses(study="verification", mode="simulated")
    rows = pd.DataFrame(answers.rows, columns=answers.columns)
    assert {"recognition-f03", "recognition-f01"} <= set(rows["item"])


def test_figure_and_fidelity_know_the_pairs(built, tmp_path):
    words = ["figure", "--study", built, "--jobs", "1"]
    out = tmp_path / "pairs.svg"
    whyface([*map(str, words), "-o", str(out)], standalone_mode=False)
    drawn = out.read_text("utf-8")
    for said in ("recognition: the likeness of the two faces", "with f17: different"):
        assert said in drawn
    words = ["fidelity", built, "--measures", "energy_pointing_game", "-o", tmp_path / "page"]
    told = CliRunner().invoke(whyface, [*map(str, words), "--jobs", "1"])
    assert told.exit_code == 0, told.output
    assert "0 explanations and 12 scores computed" in told.output
    scores = pd.read_csv(tmp_path / "page" / "scores.csv")
    assert set(scores["target"]) == {f"likeness to {face}" for face in ("f17", "f05", "f10")}


def test_a_figure_of_faces_that_are_not_compared(built):
    with pytest.raises(Problems) as caught:
        Request(
            Path("a.png"), faces=("f18",), study=built, target="similarity:other=compared"
        ).plan()
    assert [p.what for p in caught.value.problems] == ["the study compares f18 with no other face"]
