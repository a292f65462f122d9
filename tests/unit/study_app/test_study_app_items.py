"""Questions come from what the models really predict; the frozen text is the same everywhere."""

import hashlib
import json
from dataclasses import replace

import pytest

from explainers.manifest import Manifest, Prediction, Stimulus
from explainers.problems import Problems
from study_app.commands.init import copy_study
from study_app.publishing.freeze import frozen_text
from study_app.questions.items import expected_position, pairs, question, study_items
from study_app.study_file.load import load_study

LABELS = {"gender": ["female", "male"], "age": ["20s", "40s"], "expression": ["happy", "angry"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The ready study with a manifest as a build leaves it."""
    folder = tmp_path_factory.mktemp("items") / "section7"
    copy_study("section7", folder)
    study = load_study(folder)
    predictions, stimuli = [], {}
    for n, (_, model, face) in enumerate(pairs(study)):
        label = LABELS[model][n % 2]
        predictions.append(Prediction(model, face, label, 0.9, 43.2 if model == "age" else None))
        stimuli["face", "", model, face, ""] = None
        for family in study.stimuli:
            stimuli[
                "explanation", family, model, "" if family == "visualization" else face, label
            ] = None
    made = [
        Stimulus(hashlib.sha256(repr(place).encode()).hexdigest(), *place, 336, 336)
        for place in stimuli
    ]
    Manifest(tuple(made), tuple(predictions)).save(folder / "stimuli")
    return folder


@pytest.fixture(scope="module")
def items(folder):
    return study_items(load_study(folder), Manifest.load(folder / "stimuli"))


def test_every_model_asks_about_every_main_face(items):
    main = [item for item in items if item["role"] == "main"]
    assert len(main) == 24
    assert len({(item["model"], item["face"]) for item in main}) == 24
    assert [item["role"] for item in items if item["role"] != "main"] == ["practice", "attention"]
    assert len({item["id"] for item in items}) == len(items)


def test_the_papers_questions_with_what_was_predicted(folder):
    study = load_study(folder)
    asked = {
        ("age", "40s"): "“Why is this person classified to be in their 40s?”",
        ("gender", "female"): "“Why is this person classified as a woman?”",
        ("expression", "angry"): "why this person is said to have an angry expression?",
    }
    for (model, label), words in asked.items():
        assert question(study, Prediction(model, "f01", label, 0.6)).endswith(words)


def test_a_number_can_be_asked_about(folder):
    study = load_study(folder)
    models = {**study.models, "age": study.models["age"].model_copy(update={"ask": "{value}?"})}
    study = study.model_copy(update={"models": models})
    assert question(study, Prediction("age", "f01", "40s", 0.6, 43.6)) == "44?"


def test_a_class_without_other_words_is_said_as_it_is(folder):
    study = load_study(folder)
    assert "{" not in question(study, Prediction("gender", "f01", "non{bin}ary", 0.6)).replace(
        "non{bin}ary", ""
    )


def test_items_show_the_pictures_of_their_own_prediction(folder, items):
    manifest = Manifest.load(folder / "stimuli")
    for item in items:
        label = manifest.prediction(item["model"], item["face"]).label
        assert item["target"] == label
        assert item["picture"] == manifest.picture(item["model"], item["face"]).sha256
        for option in item["options"]:
            place = (option["option"], item["model"], item["face"], label)
            assert option["sha256"] == manifest.explanation(*place).sha256
        assert [option["option"] for option in item["options"]] == list(load_study(folder).stimuli)


def test_the_attention_check_says_what_it_expects(items):
    (check,) = [item for item in items if item["role"] == "attention"]
    (position,) = check["expected_positions"]
    assert check["question"] == (
        f"This is an attention check: please tick only explanation {'ABC'[position - 1]}."
    )
    assert len(check["options"]) == 3
    assert all("expected_positions" not in item for item in items if item is not check)


def test_all_positions_are_asked_for_over_seeds(folder):
    study = load_study(folder)
    drawn = [expected_position(study.model_copy(update={"seed": n}), "f10") for n in range(300)]
    assert {1, 2, 3} == set(drawn)
    assert all(80 < drawn.count(position) < 120 for position in (1, 2, 3))


def test_texts_give_neither_method_nor_answer_away(items):
    for item in items:
        assert item["alt"] == "Photograph of a face"
        words = (item["question"] + item["alt"]).lower()
        assert not any(name in words for name in ("saliency", "occlusion", "inversion"))


def test_what_a_manifest_lacks_is_said_for_every_question(folder):
    manifest = Manifest.load(folder / "stimuli")
    kept = [s for s in manifest.stimuli if s.family != "inversion" or s.face not in ("f04", "f06")]
    with pytest.raises(Problems) as caught:
        study_items(load_study(folder), replace(manifest, stimuli=tuple(kept)))
    assert len(caught.value.problems) == 6
    assert "lacks what the question about gender and f04 shows" in str(caught.value)


def test_the_frozen_text_is_canonical(folder, tmp_path):
    version, text = frozen_text(folder)
    assert version == hashlib.sha256(text.encode()).hexdigest()
    assert (version, text) == frozen_text(folder)
    frozen = json.loads(text)
    assert list(frozen) == ["study", "consent", "instructions", "debriefing", "items"]
    assert len(frozen["items"]) == 26
    assert frozen["study"]["faces"]["from"] == "rendered"
    assert frozen["study"]["stimuli"]["saliency"]["method"] == "occlusion"
    assert list(frozen["study"]["background"][1]["choices"]) == ["never", "aware", "user"]
    assert frozen["study"]["segments"]["expertise"]["from"] == "explainability"


def test_the_version_changes_with_the_study_and_not_with_comments_or_places(folder, tmp_path):
    import shutil

    other = tmp_path / "elsewhere"
    shutil.copytree(folder, other)
    file = other / "study.yaml"
    file.write_text("# another comment\n" + file.read_text())
    version, _ = frozen_text(folder)
    assert frozen_text(other)[0] == version
    file.write_text(file.read_text().replace("min_ms: 300", "min_ms: 301"))
    assert frozen_text(other)[0] != version
    shutil.copy(folder / "study.yaml", file)
    (other / "consent.md").write_text("# Another consent\n")
    assert frozen_text(other)[0] != version


def test_a_study_that_was_not_built_cannot_be_frozen(tmp_path):
    copy_study("section7", tmp_path / "s")
    with pytest.raises(Problems, match="run `whyface build` first"):
        frozen_text(tmp_path / "s")
