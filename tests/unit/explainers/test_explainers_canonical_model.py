"""Canonical maps of a network: means of those of faces, which faces count, one build."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers.building.build import Options, build
from explainers.building.drawing import Result, draw
from explainers.building.plan import Job, Method, Plan
from explainers.catalog import find
from explainers.explanation import Explanation
from explainers.faces.canonical_face import canonical_face
from explainers.faces.face_bank import load_faces
from explainers.figures.render import SIZE, render
from explainers.models import expression, recognition
from explainers.parameters import mistakes
from explainers.problems import Problems
from explainers.saliency.canonical import Canonical
from explainers.saliency.canonical_model import CanonicalModel, agreement
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore

NAMES = ("f01", "f02", "f06")


@pytest.fixture(scope="module")
def faces():
    return load_faces("rendered", Path(), NAMES)


def test_the_map_of_a_network_is_the_mean_of_those_of_the_faces(tiny, faces):
    model = tiny.model(tiny.convolutional())
    method = CanonicalModel(list(NAMES), explained="all", window=6, stride=4, of="logit")
    explanation = method(model, None, ClassScore("d"))
    single = [Canonical(6, 4, of="logit")(model, face, ClassScore("d")) for face in faces]
    maps = np.stack([each.values for each in single])
    assert np.allclose(explanation.values, maps.mean(0), atol=1e-6)
    assert explanation.over == "canonical"
    assert explanation.checks["faces"] == 3
    assert explanation.checks["landmarks"] == 60
    assert explanation.checks["score"] == pytest.approx(
        np.mean([each.checks["score"] for each in single]), abs=1e-6
    )
    assert explanation.checks["spread"] == pytest.approx(np.sqrt(maps.var(0).mean()), rel=1e-4)
    pairs = [
        np.corrcoef(maps[a].ravel(), maps[b].ravel())[0, 1] for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    assert explanation.checks["agreement"] == pytest.approx(np.mean(pairs), abs=1e-5)
    other_order = replace(method, faces=NAMES[::-1])
    again = other_order(model, None, ClassScore("d"))
    assert np.allclose(again.values, explanation.values, atol=1e-6)


def test_each_face_can_speak_for_its_own_predicted_class(tiny, faces):
    model = tiny.model(tiny.convolutional(), seed=3)
    method = CanonicalModel(window=10, stride=10, explained="predicted", of="logit")
    own = [
        Canonical(10, 10, of="logit")(model, face, ClassScore(model.predict(face).label)).values
        for face in faces
    ]
    values = method.mean_over(model, faces, ClassScore("a")).values
    assert np.allclose(values, np.mean(own, axis=0), atol=1e-6)
    assert np.array_equal(values, method.mean_over(model, faces, ClassScore("b")).values)


def test_a_class_is_explained_in_the_faces_that_the_network_counts_to_it(faces):
    model, coarse = expression.load(), {"window": 56, "stride": 56}
    happy = faces[0]
    predicted = [model.predict(face).label for face in faces]
    assert predicted.count("happy") == 1
    assert "sad" not in predicted
    for label in ("happy", 1):
        mean = CanonicalModel(**coarse).mean_over(model, faces, ClassScore(label))
        own = Canonical(**coarse, of="log_odds")(model, happy, ClassScore("happy"))
        assert mean.checks["faces"] == 1
        assert np.allclose(mean.values, own.values, atol=1e-5)
    with pytest.raises(Problems, match="predicts 'sad' for none of the 3 faces\n  fix: name a so"):
        CanonicalModel(**coarse).mean_over(model, faces, ClassScore("sad"))
    # What is no class is explained in every face.
    difference = ClassDifference("happy", "sad")
    assert CanonicalModel(**coarse).mean_over(model, faces, difference).checks["faces"] == 3


def test_agreement_of_equal_opposite_single_and_empty_maps():
    ramp = np.arange(9.0).reshape(3, 3)
    assert agreement(np.stack([ramp, ramp * 2 + 1])) == pytest.approx(1)
    assert agreement(np.stack([ramp, -ramp])) == pytest.approx(-1)
    assert agreement(np.stack([ramp, np.ones((3, 3))])) == 0
    assert agreement(ramp[None]) == 1


def test_progress_runs_over_all_faces_to_the_end(tiny, faces):
    told = []
    CanonicalModel(explained="all", window=10, stride=10, batch=4).mean_over(
        tiny.model(tiny.convolutional()),
        faces,
        ClassScore(0),
        progress=lambda *step: told.append(step),
    )
    assert told == [(4, 12), (8, 12), (12, 12)]


def test_what_a_map_depends_on_is_in_its_hash(tmp_path):
    everything, two = CanonicalModel(), CanonicalModel(faces=("f01", "f02"))
    assert len({everything.data_sha256, two.data_sha256, Canonical().data_sha256}) == 3
    for name in ("a", "b"):
        Image.new("RGB", (90, 90), (name == "a" and "red") or "blue").save(tmp_path / f"{name}.png")
    mine = CanonicalModel(source=str(tmp_path))
    before = mine.data_sha256
    Image.new("RGB", (90, 90), "green").save(tmp_path / "b.png")
    assert mine.data_sha256 != before
    with pytest.raises(Problems, match="no face was found"):
        mine(expression.load(), None, ClassScore("happy"))


def test_mistakes_are_told_all_at_once(faces):
    with pytest.raises(Problems, match=r"there is no face 'f1'\n  fix: did you mean 'f\d+'"):
        CanonicalModel(faces=("f1",))
    with pytest.raises(Problems) as error:
        CanonicalModel(source="photos", explained="every", stride=30)
    text = str(error.value)
    assert "'photos' is no full path\n  fix: write rendered, or the folder's full path" in text
    assert "canonical_model: explained" in text and "never be covered" in text
    with pytest.raises(ValueError, match="at least one face"):
        CanonicalModel().mean_over(expression.load(), (), ClassScore(0))
    for explained in ("class", "predicted"):
        with pytest.raises(Problems, match="does not classify"):
            method = CanonicalModel(explained=explained)
            method.mean_over(recognition.load(), faces, ClassScore(0))


def test_a_study_shows_them_on_the_canonical_face(tmp_path):
    coarse = {"window": 56, "stride": 56}
    methods = {
        "map": Method("canonical", coarse),
        "network": Method("canonical_model", {"faces": ["f01", "f05"], **coarse}),
    }
    for method in methods.values():
        assert not list(mistakes(find(method.method), method.parameters))
    plan = Plan(
        folder=tmp_path,
        seed=1,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"), ("expression", "f09")),
        methods=methods,
    )
    made = build(plan, Options(workers=1, stream=io.StringIO()))
    assert made.computed == 3, "one map for each face, one for the class"
    model = expression.load()
    shown = {(s.family, s.face): s for s in made.manifest.stimuli if s.family}
    assert set(shown) == {("map", "f01"), ("map", "f09"), ("network", "")}
    assert shown["network", ""].provenance["checks"]["faces"] == 2
    mean = CanonicalModel(faces=("f01", "f05"), **coarse)(model, None, ClassScore("happy"))
    expected = render(
        mean,
        canonical_face(SIZE, model.chip_padding),
        limit=shown["network", ""].provenance["limit"],
    )
    with Image.open(plan.stimuli / shown["network", ""].file) as picture:
        assert np.abs(np.asarray(picture).astype(int) - expected).max() <= 1
    again = build(plan, Options(workers=1, stream=io.StringIO()))
    assert (again.computed, again.reused) == (0, 3)


def test_maps_of_two_classes_have_a_colour_scale_of_their_own_where_the_study_says_so(tmp_path):
    for scale, limits in (("picture", [1.0, 10.0]), ("model", [7.75, 7.75])):
        plan = Plan(
            folder=tmp_path,
            seed=1,
            models={"expression": {"use": "expression"}},
            faces="rendered",
            asked=(),
            methods={"network": Method("canonical_model", {}, scale)},
        )
        results = []
        for target, strength in (("happy", 1.0), ("sad", 10.0)):
            job = Job("network", "canonical_model", {}, "expression", plan.models["expression"],
                      "", "rendered", target, 1, tmp_path)  # fmt: skip
            values = np.full((112, 112), strength)
            results.append(Result(job, target, Explanation(values, "signed", {}, "canonical"), {}))
        drawn = {s.target: s.provenance["limit"] for s in draw(plan, results)}
        assert [drawn["happy"], drawn["sad"]] == pytest.approx(limits)
