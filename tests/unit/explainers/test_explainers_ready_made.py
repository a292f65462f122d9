"""Ready-made pictures are stimuli like any others, and need no network."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers.building.build import Options, build
from explainers.building.plan import Method, Plan
from explainers.problems import Problems

READY = Method("pictures")


def make_picture(path: Path, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 24, 3), np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def plan(tmp_path):
    """Two faces, a model and two explanations, all of them ready-made."""
    faces = tmp_path / "faces"
    faces.mkdir()
    rows = ["face,model,method,target,file"]
    for n, face in enumerate(("anna", "ben")):
        make_picture(faces / f"{face}.png", n)
        make_picture(tmp_path / f"{face}_map.png", 10 + n)
        rows.append(f"{face},emotion,map,{'happy' if n else 'sad'},{face}_map.png")
    for label in ("happy", "sad"):
        make_picture(tmp_path / f"{label}.png", len(label))
        rows.append(f",emotion,dream,{label},{label}.png")
    (tmp_path / "pictures.csv").write_text("\n".join(rows) + "\n")
    return Plan(
        folder=tmp_path,
        seed=1,
        models={"emotion": {"use": "pictures"}},
        faces="faces",
        asked=(("emotion", "anna"), ("emotion", "ben")),
        methods={"map": READY, "dream": READY},
        pictures=tmp_path / "pictures.csv",
    )


def run(plan):
    return build(plan, Options(workers=1, stream=io.StringIO()))


def test_a_study_of_ready_made_pictures(plan):
    manifest = run(plan).manifest
    assert [(p.face, p.label) for p in manifest.predictions] == [("anna", "sad"), ("ben", "happy")]
    for face, label in (("anna", "sad"), ("ben", "happy")):
        for family, file in (("map", f"{face}_map.png"), ("dream", f"{label}.png")):
            stimulus = manifest.explanation(family, "emotion", face, label)
            assert stimulus.provenance["method"] == "pictures"
            assert stimulus.provenance["file"] == file
            with Image.open(plan.folder / file) as given:
                expected = np.asarray(given)
            with Image.open(plan.stimuli / stimulus.file) as shown:
                assert np.array_equal(np.asarray(shown), expected)
        assert (plan.stimuli / manifest.picture("emotion", face).file).exists()
    assert (plan.stimuli / "contact_sheet.png").exists()


def test_no_torch_is_needed(plan):
    code = f"""
import io, sys
sys.modules["torch"] = None
from pathlib import Path
from explainers.building.build import Options, build
from explainers.building.plan import Method, Plan
ready = Method("pictures")
build(Plan(Path({str(plan.folder)!r}), 1, {{"emotion": {{"use": "pictures"}}}}, "faces",
    (("emotion", "anna"), ("emotion", "ben")), {{"map": ready, "dream": ready}},
    Path({str(plan.pictures)!r})), Options(stream=io.StringIO()))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (plan.stimuli / "manifest.json").exists()


def change(plan, old, new):
    plan.pictures.write_text(plan.pictures.read_text().replace(old, new))


def test_a_question_without_its_picture(plan):
    change(plan, ",emotion,dream,happy,happy.png\n", "")
    with pytest.raises(Problems) as caught:
        run(plan)
    assert str(caught.value) == (
        "pictures.csv\n"
        "  lacks dream of emotion for ben and 'happy', which the model predicts; "
        "there is one for sad\n"
        "  fix: add a line ben,emotion,dream,happy,FILE"
    )
    assert not plan.stimuli.exists(), "nothing half-written"


def test_a_face_without_any_picture_and_one_with_two_answers(plan):
    change(plan, "ben,emotion,map,happy,ben_map.png", "anna,emotion,map,happy,ben_map.png")
    with pytest.raises(Problems) as caught:
        run(plan)
    text = str(caught.value)
    assert "gives emotion and anna several targets: happy, sad" in text
    assert "has no picture of ben for the model 'emotion'" in text


def test_an_explanation_cannot_be_computed_without_a_network(plan):
    methods = {**plan.methods, "saliency": Method("occlusion")}
    with pytest.raises(Problems, match="cannot be computed for the model 'emotion'"):
        run(Plan(**{**plan.__dict__, "methods": methods}))


def test_pictures_without_a_list_of_them(plan):
    with pytest.raises(Problems, match="'pictures' names no CSV file"):
        run(Plan(**{**plan.__dict__, "pictures": None}))


def test_ready_made_beside_computed(tmp_path):
    Image.new("RGB", (336, 336), "red").save(tmp_path / "mine.png")
    line = "f01,expression,shap,{},mine.png\n"
    csv = tmp_path / "pictures.csv"
    csv.write_text("face,model,method,target,file\n" + line.format("sad"))
    quick = Method("occlusion", {"window": 56, "stride": 56})
    plan = Plan(
        folder=tmp_path,
        seed=1,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"),),
        methods={"saliency": quick, "shap": READY},
        pictures=csv,
    )
    with pytest.raises(Problems, match="'happy', which the model predicts; there is one for sad"):
        run(plan)
    csv.write_text("face,model,method,target,file\n" + line.format("happy"))
    manifest = run(plan).manifest
    sizes = {(s.width, s.height) for s in manifest.stimuli}
    assert sizes == {(336, 336)}
    assert manifest.explanation("shap", "expression", "f01", "happy").provenance["file"]


def test_pictures_shown_side_by_side_have_one_size(tmp_path):
    Image.new("RGB", (200, 336), "red").save(tmp_path / "mine.png")
    csv = tmp_path / "pictures.csv"
    csv.write_text("face,model,method,target,file\nf01,expression,shap,happy,mine.png\n")
    quick = Method("occlusion", {"window": 56, "stride": 56})
    plan = Plan(
        folder=tmp_path,
        seed=1,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"),),
        methods={"saliency": quick, "shap": READY},
        pictures=csv,
    )
    with pytest.raises(Problems, match="shap of expression is 200 x 336 pixels, saliency 336"):
        run(plan)
