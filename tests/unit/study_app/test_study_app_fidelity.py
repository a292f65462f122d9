"""`whyface fidelity`, on shipped networks and on a study; measures in the study file."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from explainers.faithfulness.measure import Measure
from explainers.problems import Problems
from study_app import cli
from study_app.questions.planning import plan_of
from study_app.study_file.load import load_study
from study_app.study_file.ready import FOLDER
from study_app.study_file.schema import study_schema

FAST = [
    *("--set", "hiding_game.steps=4", "--set", "hiding_game.repeats=1"),
    *("--set", "sensitivity.repeats=10"),
]
COARSE = ["--set", "occlusion.window=28", "--set", "occlusion.stride=28"]


def whyface(capsys, monkeypatch, *words) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["whyface", *map(str, words)])
    try:
        cli.main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def run(capsys, monkeypatch):
    return lambda *words: whyface(capsys, monkeypatch, *words)


def test_two_methods_on_three_faces(run, tmp_path):
    words = [
        *("fidelity", "--model", "expression", "--faces", "f01,f02,f03"),
        *("--methods", "occlusion,grad_cam", *FAST, *COARSE, "--jobs", "1", "-o", tmp_path),
    ]
    code, out, err = run(*words)
    assert code == 0, err
    assert "6 explanations and 24 scores computed" in out
    assert "Left out: energy_pointing_game" in out and "neutral" in out
    assert "24 scores, 0 of them there already" in err
    ranking = pd.read_csv(tmp_path / "ranking.csv")
    assert set(ranking["method"]) == {"occlusion", "grad_cam"}
    assert len(ranking) == 8
    scores = pd.read_csv(tmp_path / "scores.csv")
    assert len(scores) == 24 and scores["skipped"].notna().sum() == 2
    pages = (tmp_path / "fidelity.html").read_text(encoding="utf-8")
    assert "Hides (and reveals) the picture" in pages
    assert "window: 28" in pages
    code, out, err = run(*words)
    assert code == 0 and "0 explanations and 0 scores computed" in out
    assert pd.read_csv(tmp_path / "ranking.csv").equals(ranking)


def test_a_network_without_classes_is_explained_by_similarity(run, tmp_path):
    code, _, err = run(
        *("fidelity", "--model", "recognition", "--faces", "f01,f02", "--methods", "occlusion"),
        *("--measures", "hiding_game,pointing_game", *FAST[:4], "-o", tmp_path, "--jobs", "1"),
        *("--set", "occlusion.window=75", "--set", "occlusion.stride=75"),
    )
    assert code == 0, err
    scores = pd.read_csv(tmp_path / "scores.csv")
    assert scores["value"].notna().all()
    assert scores["target"].str.contains("f0[12]").all()


def test_what_one_method_cannot_explain_leaves_the_others(run, tmp_path):
    code, out, err = run(
        *("fidelity", "--model", "expression", "--faces", "f01", "--methods", "occlusion,grad_cam"),
        *("--measures", "pointing_game", *COARSE, "--set", "grad_cam.layer=nowhere"),
        *("-o", tmp_path, "--jobs", "1"),
    )
    assert code == 0, err
    assert "Left out:" in out and "nowhere" in out
    assert set(pd.read_csv(tmp_path / "ranking.csv")["method"]) == {"occlusion"}


def test_all_mistakes_come_at_once_and_nothing_is_written(run, tmp_path):
    code, _, err = run(
        *("fidelity", "--model", "expresion", "--faces", "f99", "--methods", "grad_cm"),
        *("--measures", "hiding", "--set", "foo", "--set", "rise.samples=3"),
    )
    assert code == 2 and "Traceback" not in err
    for text in ("'expression'?", "'f99'", "'grad_cam'?", "'hiding_game'?", "--set foo", "-o"):
        assert text in err
    code, _, err = run(
        *("fidelity", "--model", "expression", "--faces", "f01", "--methods", "occlusion"),
        *("--set", "hiding_game.steps=0", "-o", tmp_path / "out"),
    )
    assert code == 2 and "hiding_game: steps" in err
    assert not (tmp_path / "out").exists()


@pytest.fixture
def study(tmp_path) -> Path:
    folder = tmp_path / "study"
    shutil.copytree(FOLDER / "section7", folder, ignore=shutil.ignore_patterns("stimuli*"))
    return folder


def change(folder: Path, **keys) -> dict:
    path = folder / "study.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data |= keys
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return data


def test_a_study_file_names_measures_for_all_or_for_one(study):
    change(study, fidelity=["pointing_game", {"use": "hiding_game", "steps": 5}])
    methods = plan_of(load_study(study), study).methods
    wanted = (Measure("pointing_game"), Measure("hiding_game", {"steps": 5}))
    assert all(method.fidelity == wanted for method in methods.values())
    data = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    data["stimuli"]["saliency"]["fidelity"] = ["completeness"]
    change(study, stimuli=data["stimuli"])
    methods = plan_of(load_study(study), study).methods
    assert methods["saliency"].fidelity == (Measure("completeness"),)
    assert methods["inversion"].fidelity == wanted


def test_mistakes_in_measures_are_told_with_their_place(study):
    change(study, fidelity=["hiding_gaem", {"use": "hiding_game", "stesp": 5}])
    with pytest.raises(Problems) as caught:
        load_study(study)
    told = str(caught.value)
    assert "fidelity[0]" in told and "did you mean 'hiding_game'?" in told
    assert "fidelity[1].stesp" in told and "did you mean 'steps'?" in told
    change(study, fidelity=["hiding_game", {"use": "hiding_game", "steps": 5}])
    with pytest.raises(Problems, match="stands twice"):
        load_study(study)


def test_editors_know_the_measures():
    schema = study_schema()
    names = schema["properties"]["fidelity"]["items"]["anyOf"][0]["enum"]
    assert "hiding_game" in names and "pointing_game" in names


def test_the_maps_of_a_study(run, study):
    data = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    data["stimuli"]["saliency"] |= {"window": 56, "stride": 56}
    change(study, stimuli=data["stimuli"], fidelity=["pointing_game"])
    code, _, err = run("fidelity", study, "--model", "expression", "--jobs", "1")
    assert code == 0, err
    scores = pd.read_csv(study / "report-fidelity" / "scores.csv")
    assert set(scores["method"]) == {"saliency"} and set(scores["measure"]) == {"pointing_game"}
    assert len(scores) >= 4


def test_measures_are_listed_with_their_parameters(run):
    code, out, _ = run("list", "fidelity")
    assert code == 0
    for text in ("hiding_game", "steps: int = 20", "pointing_game", "tolerance: int = 2"):
        assert text in out
    assert run("list", "hiding_game")[0] == 0
    code, _, err = run("list", "hiding_gaem")
    assert code == 2 and "did you mean 'hiding_game'?" in err
