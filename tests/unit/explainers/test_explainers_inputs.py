"""A build that would change nothing is recognised without loading a network."""

import io
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explainers.building.build import Options, build
from explainers.building.inputs import FILE, inputs_sha256, unchanged
from explainers.building.pictures import Picture
from explainers.building.plan import Method, Plan


def found(plan):
    return unchanged(plan, inputs_sha256(plan))


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    made = Plan(
        folder=folder,
        seed=7,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"),),
        methods={"saliency": Method("occlusion", {"window": 56, "stride": 56})},
    )
    build(made, Options(workers=1, stream=io.StringIO()))
    return made


def test_the_second_build_finds_everything_without_torch(plan):
    code = f"""
import sys
from pathlib import Path
from explainers.building.build import build
from explainers.building.plan import Method, Plan
plan = Plan(Path({str(plan.folder)!r}), 7, {dict(plan.models)!r}, "rendered",
            {plan.asked!r}, {{"saliency": Method("occlusion", {{"window": 56, "stride": 56}})}})
made = build(plan)
print([made.computed, made.reused, len(made.stale), "torch" in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.lower()) == [0, 1, 0, False]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"asked": (("expression", "f02"),)},
        {"methods": {"saliency": Method("occlusion", {"window": 56, "stride": 28})}},
        {"models": {"expression": {"use": "gender"}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_plan_is_looked_at_again(plan, change):
    assert found(plan) is not None
    assert found(replace(plan, **change)) is None


def test_a_new_file_of_the_study_is_noticed_and_its_database_is_not(plan):
    before = inputs_sha256(plan)
    for name in ("whyface.db", "serve.log", "consent.md"):
        (plan.folder / name).write_text("x")
    assert inputs_sha256(plan) == before
    (plan.folder / "faces").mkdir()
    Image.fromarray(np.zeros((8, 8, 3), "uint8")).save(plan.folder / "faces" / "a.png")
    assert inputs_sha256(plan) != before
    (plan.folder / "faces" / "a.png").unlink()
    assert inputs_sha256(plan) == before


def test_faces_and_weights_outside_the_study_are_watched(plan, tmp_path):
    (tmp_path / "faces").mkdir()
    (tmp_path / "net.safetensors").write_bytes(b"1")
    vgg16 = {"expression": {"arch": "vgg16", "weights": str(tmp_path / "net.safetensors")}}
    own = replace(plan, faces=str(tmp_path / "faces"), models=vgg16)
    before = inputs_sha256(own)
    (tmp_path / "faces" / "a.png").write_bytes(b"1")
    with_a_face = inputs_sha256(own)
    (tmp_path / "net.safetensors").write_bytes(b"12")
    assert len({before, with_a_face, inputs_sha256(own)}) == 3


def test_a_ready_made_picture_counts_by_its_content(plan, tmp_path):
    one, other = (Picture("f01", "expression", "saliency", "happy", tmp_path / "a.png", sha, 8, 8)
                  for sha in ("0" * 64, "1" * 64))  # fmt: skip
    assert inputs_sha256(plan, [one]) == inputs_sha256(plan, [one])
    assert inputs_sha256(plan, [one]) != inputs_sha256(plan, [other])


def test_code_from_elsewhere_cannot_be_watched(plan):
    own = replace(plan, methods={"saliency": Method("explainers.saliency.occlusion:Occlusion")})
    assert inputs_sha256(own) != inputs_sha256(own)


def test_a_lost_picture_is_made_again(plan):
    manifest, _ = found(plan)
    lost = plan.stimuli / manifest.stimuli[0].file
    content = lost.read_bytes()
    lost.unlink()
    assert found(plan) is None
    build(plan, Options(workers=1, stream=io.StringIO()))
    assert lost.read_bytes() == content


def test_a_build_that_failed_is_not_remembered(plan, tmp_path):
    broken = replace(
        plan, folder=tmp_path, methods={"saliency": Method("occlusion", {"window": 0})}
    )
    with pytest.raises(ValueError, match="window"):
        build(broken, Options(workers=1, stream=io.StringIO()))
    assert not (broken.stimuli / FILE).exists()
