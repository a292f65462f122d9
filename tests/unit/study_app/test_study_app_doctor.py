"""whyface doctor: each thing that can be wrong is found, said and remedied, with exit code 2."""

import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.store import Store
from explainers.catalog import HOME
from explainers.manifest import Manifest, Prediction, Stimulus
from study_app import doctor
from study_app.cli import whyface
from study_app.publishing.freeze import frozen_text
from study_app.publishing.publish import publish
from study_app.questions.items import pairs
from study_app.study_file.load import load_study

FACES = HOME / "faces" / "rendered"
STUDY = """
schema: 1
id: small
title: Small
seed: 1
consent: {file: text.md}
instructions: {file: text.md}
debriefing: {file: text.md}
models:
  gender: {use: gender, ask: "Why {label}?"}
faces: {from: rendered, main: [f01, f02]}
stimuli:
  saliency: {method: occlusion}
blocks:
  - {trial: pick_any, items: 2, prompt: Tick., options: [saliency]}
"""


@pytest.fixture
def study(tmp_path) -> Path:
    """A built study of two questions, each picture the face's own."""
    (tmp_path / "text.md").write_text("Text.\n")
    (tmp_path / "study.yaml").write_text(STUDY)
    stimuli = tmp_path / "stimuli"
    stimuli.mkdir()
    found, predictions = [], []
    for _, model, face in pairs(load_study(tmp_path)):
        content = (FACES / f"{face}.png").read_bytes()
        sha256 = doctor.hashlib.sha256(content).hexdigest()
        (stimuli / f"{sha256}.png").write_bytes(content)
        predictions.append(Prediction(model, face, "female", 0.9))
        for kind, family in (("face", ""), ("explanation", "saliency")):
            found.append(Stimulus(sha256, kind, family, model, face, "female", 9, 9))
    Manifest(tuple(found), tuple(predictions)).save(stimuli)
    return tmp_path


def look(folder: Path) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.study(folder, None)}


def test_a_sound_study_has_no_problem(study):
    assert all(finding.ok for finding in look(study).values())
    with Store(study / "whyface.db") as store:
        publish(store, study)
    found = look(study)
    assert all(finding.ok for finding in found.values())
    assert "takes writes" in found["Database"].detail
    assert found["Version"].detail == "1 (frozen) is this study as it stands"


def test_the_command_says_ok_line_by_line_and_ends_with_0(study, monkeypatch):
    monkeypatch.setattr(doctor, "_PORTS", ())
    result = CliRunner().invoke(whyface, ["doctor", str(study)])
    assert result.exit_code == 0, result.output
    assert all(line.startswith("ok") for line in result.output.splitlines())


def test_problems_end_with_code_2_and_their_remedy(study, monkeypatch):
    monkeypatch.setattr(doctor, "_PORTS", ())
    (study / "study.yaml").write_text(STUDY.replace("occlusion", "oclusion"))
    result = CliRunner().invoke(whyface, ["doctor", str(study)])
    assert result.exit_code == 2
    assert "problem  Study" in result.output and "did you mean 'occlusion'?" in result.output


def test_missing_and_changed_pictures_are_counted(study):
    first, second = sorted((study / "stimuli").glob("*.png"))
    first.unlink()
    second.write_bytes(b"painted over")
    pictures = look(study)["Pictures"]
    assert "1 of 2 missing, 1 changed" in pictures.detail
    assert "whyface build" in pictures.fix


def test_a_study_that_was_not_built_is_told_to_build(study):
    shutil.rmtree(study / "stimuli")
    assert "whyface build" in look(study)["Pictures"].fix


def test_a_database_that_is_none(study):
    (study / "whyface.db").write_text("my diary, and it is long enough to have a header" * 9)
    database = look(study)["Database"]
    assert not database.ok and "not a database" in database.detail


def test_a_study_changed_after_freezing_is_told(study):
    with Store(study / "whyface.db") as store:
        publish(store, study)
    (study / "study.yaml").write_text(STUDY.replace("Tick.", "Tick all."))
    assert "changed after version 1" in look(study)["Version"].detail
    assert frozen_text(study)


def test_a_stranger_on_a_port_is_told_and_another_port_named():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        finding = doctor.free_port(port)
    assert not finding.ok
    assert "another program" in finding.detail and "--port" in finding.fix
    assert doctor.free_port(port).detail == "free"


def test_networks_that_were_cut_short_are_found(tmp_path):
    whole = next((HOME / "models" / "weights").glob("*.safetensors")).read_bytes()
    (tmp_path / "whole.safetensors").write_bytes(whole)
    assert doctor.weights(tmp_path).ok
    (tmp_path / "cut.safetensors").write_bytes(whole[:-1])
    (tmp_path / "text.safetensors").write_bytes(b"version https://some.where/spec/v1 ... " * 9)
    (tmp_path / "empty.safetensors").write_bytes(b"")
    finding = doctor.weights(tmp_path)
    assert not finding.ok
    for name in ("cut", "text", "empty"):
        assert f"{name}.safetensors" in finding.detail
    assert "whole" not in finding.detail


def test_old_packages_are_named(monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: "0.0.1")
    finding = doctor.packages()
    assert not finding.ok
    assert "streamlit" in finding.detail and "0.0.1 is here" in finding.detail


def test_too_little_room(tmp_path, monkeypatch):
    assert doctor.room(tmp_path / "not" / "there" / "yet").ok
    monkeypatch.setattr(doctor, "_ROOM", 2**80)
    assert "make room" in doctor.room(tmp_path).fix


def test_notes_to_the_researcher_are_told_and_no_fault(study):
    assert look(study)["Texts"].detail == "no note to you is left in what participants read"
    (study / "text.md").write_text("Hello.\n\n*(Researcher: your\nname.)*\n")
    found = look(study)["Texts"]
    assert found.ok and "before live participants come: text.md:3, text.md:3" in found.detail
