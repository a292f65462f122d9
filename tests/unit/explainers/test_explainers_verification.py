"""Same or different: what a recognition network says about two faces, and what explains it."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from explainers.aim import COMPARED, PAIR, Aim
from explainers.building.plan import Method, Plan, jobs
from explainers.faces.face_bank import load_faces
from explainers.manifest import Manifest, Prediction
from explainers.models import gender, recognition
from explainers.problems import Problems
from explainers.verification import verify


@pytest.fixture(scope="module")
def faces():
    return load_faces("rendered", None, ["f03", "f17", "f16"])


def test_the_distance_decides_and_the_cosine_is_told(faces):
    model = recognition.load()
    with torch.no_grad():
        a, *others = model.logits(model.prepare(faces)).double().numpy()
    said = [verify(model, faces[0], other) for other in faces[1:]]
    for prediction, other, b in zip(said, faces[1:], others, strict=True):
        same = np.sqrt(((a - b) ** 2).sum()) < 0.6
        assert prediction.label == ("same" if same else "different")
        assert prediction.runner_up == ("different" if same else "same")
        cosine = a @ b / np.sqrt((a @ a) * (b @ b))
        assert prediction.value == pytest.approx(cosine, abs=1e-5)
        assert (prediction.face, prediction.compared) == (faces[0].id, other.id)
        assert prediction.probability is None
    assert [p.label for p in said] == ["same", "different"]


def test_the_threshold_is_the_models_own(faces):
    model = replace(recognition.load(), same_below=1e-6)
    assert verify(model, faces[0], faces[0]).label == "same"
    assert verify(model, faces[0], faces[1]).label == "different"


def test_a_model_without_a_threshold_says_so(faces):
    with pytest.raises(Problems, match="cannot say whether two pictures show the same person"):
        verify(gender.load(), faces[0], faces[1])
    with pytest.raises(Problems, match="compare: with the face that each one is compared with"):
        recognition.load().predict(faces[0])


def test_a_prediction_of_two_faces_survives_the_manifest(tmp_path):
    made = Manifest((), (Prediction("same", "f01", "same", None, 0.9, "different", "f02"),))
    made.save(tmp_path)
    assert Manifest.load(tmp_path) == made
    told = json.loads((tmp_path / "manifest.json").read_text())["predictions"][0]
    assert told == asdict(made.predictions[0]) and told["probability"] is None


def test_two_faces_are_explained_by_their_likeness_unless_a_target_is_named(tmp_path):
    triplet = Aim("triplet", {"mate": COMPARED, "non_mate": "f05"})
    plan = Plan(
        tmp_path,
        1,
        {"same": {"use": "recognition"}, "age": {"use": "age"}},
        "rendered",
        (("same", "f01"), ("age", "f01")),
        {"map": Method("occlusion"), "rather": Method("occlusion", target=triplet)},
        compared={"same": {"f01": "f09"}},
    )
    assert (plan.aim("map", "same"), plan.aim("map", "age")) == (PAIR, Aim())
    said = Prediction("same", "f01", "same", None, 0.9, "different", "f09")
    usual, rather = (job.aim for job in jobs(plan, [said]))
    assert usual == Aim("similarity", {"other": "f09"})
    assert rather == Aim("triplet", {"mate": "f09", "non_mate": "f05"})
    assert (usual.words, PAIR.said) == ("likeness to f09", "the likeness of the two faces")
    assert PAIR.of_one_face and not Aim("similarity", {"other": "f09"}).of_one_face
