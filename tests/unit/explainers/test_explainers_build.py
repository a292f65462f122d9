"""A build computes what is missing, loses nothing when killed, and tells what went wrong."""

import hashlib
import io
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers.building.build import Options, build
from explainers.building.cache import Cache
from explainers.building.plan import Method, Plan
from explainers.manifest import Manifest
from explainers.problems import Problems

FACES = ("f01", "f03")
QUICK = {
    "saliency": Method("occlusion", {"window": 56, "stride": 56}),
    "inversion": Method("total_variation", {"iterations": 3}),
    "visualization": Method("activation_maximization", {"iterations": 3}),
}


def make_plan(folder: Path, **changes) -> Plan:
    plan = Plan(
        folder=folder,
        seed=7,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=tuple(("expression", face) for face in FACES),
        methods=QUICK,
    )
    return replace(plan, **changes)


def run(plan: Plan, **options):
    return build(plan, Options(**{"workers": 1, "stream": io.StringIO()} | options))


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "stimuli").glob("*.png")}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    plan = make_plan(tmp_path_factory.mktemp("study"))
    return plan, run(plan)


def test_every_question_has_its_pictures(built):
    plan, made = built
    manifest = Manifest.load(plan.stimuli)
    assert manifest == made.manifest
    labels = [prediction.label for prediction in manifest.predictions]
    assert labels == ["happy", "neutral"], "what the network says about these faces"
    for prediction in manifest.predictions:
        shown = [manifest.picture("expression", prediction.face)]
        shown += [
            manifest.explanation(family, "expression", prediction.face, prediction.label)
            for family in QUICK
        ]
        for stimulus in shown:
            content = (plan.stimuli / stimulus.file).read_bytes()
            assert hashlib.sha256(content).hexdigest() == stimulus.sha256
            with Image.open(io.BytesIO(content)) as picture:
                assert picture.size == (stimulus.width, stimulus.height) == (336, 336)
                assert not picture.info, "metadata could tell the method"
    assert (made.computed, made.reused, made.stale) == (6, 0, ())


def test_an_explanation_of_a_class_belongs_to_no_face(built):
    _, made = built
    by_family = {family: [] for family in QUICK}
    for stimulus in made.manifest.stimuli:
        if stimulus.family:
            by_family[stimulus.family].append(stimulus.face)
    assert by_family["visualization"] == ["", ""]
    assert by_family["saliency"] == by_family["inversion"] == ["f01", "f03"]


def test_a_class_that_two_faces_share_is_visualized_once(tmp_path):
    plan = make_plan(
        tmp_path,
        asked=(("expression", "f03"), ("expression", "f04")),
        methods={"visualization": QUICK["visualization"]},
    )
    assert run(plan).computed == 1


def test_provenance_says_how_to_compute_it_again(built):
    _, made = built
    for stimulus in made.manifest.stimuli:
        told = stimulus.provenance
        assert len(told["weights_sha256"]) == 64
        assert stimulus.face == "" or len(told["face_sha256"]) == 64
        if stimulus.kind == "explanation":
            assert told["method"] == QUICK[stimulus.family].method
            assert told["parameters"].items() >= QUICK[stimulus.family].parameters.items()
            assert told["target"] == stimulus.target
            assert set(told["versions"]) == {"python", "torch", "whyface"}
            assert {"device", "dtype", "threads", "seconds", "checks"} <= set(told)
    inverted = next(s for s in made.manifest.stimuli if s.family == "inversion")
    assert inverted.provenance["parameters"]["seed"] == 7
    assert inverted.provenance["checks"]["iterations"] == 3


def test_saliency_maps_of_a_model_share_one_scale(built):
    plan, made = built
    maps = [s for s in made.manifest.stimuli if s.family == "saliency"]
    stored = [Cache(plan.stimuli / "cache").get(s.provenance["job"])[0] for s in maps]
    common = np.quantile([float(np.abs(values).max()) for values in stored], 0.75)
    assert [s.provenance["limit"] for s in maps] == [common, common]


def test_a_saliency_map_may_have_a_scale_of_its_own(built, tmp_path):
    shutil.copytree(built[0].stimuli, tmp_path / "stimuli")
    own = replace(QUICK["saliency"], scale="picture")
    made = run(make_plan(tmp_path, methods={**QUICK, "saliency": own}))
    assert made.computed == 0, "a scale is drawn, not computed"
    maps = [s for s in made.manifest.stimuli if s.family == "saliency"]
    stored = [Cache(tmp_path / "stimuli" / "cache").get(s.provenance["job"])[0] for s in maps]
    peaks = [float(np.abs(values).max()) for values in stored]
    assert peaks[0] != peaks[1]
    assert [s.provenance["limit"] for s in maps] == peaks


def test_a_second_build_computes_nothing_and_changes_nothing(built):
    plan, _ = built
    before = pictures(plan.folder)
    again = run(plan)
    assert (again.computed, again.reused) == (0, 6)
    assert pictures(plan.folder) == before


def test_a_changed_parameter_computes_its_family_again_and_no_other(built, tmp_path):
    shutil.copytree(built[0].stimuli, tmp_path / "stimuli")
    changed = {**QUICK, "saliency": Method("occlusion", {"window": 56, "stride": 28})}
    made = run(make_plan(tmp_path, methods=changed))
    assert (made.computed, made.reused, len(made.stale)) == (2, 4, 2)
    old = set(pictures(built[0].folder))
    assert old <= set(pictures(tmp_path)), "an earlier version may be before participants"


def test_damage_is_repaired(built, tmp_path):
    shutil.copytree(built[0].stimuli, tmp_path / "stimuli")
    entry = sorted((tmp_path / "stimuli" / "cache").glob("*.npz"))[0]
    entry.write_bytes(entry.read_bytes()[:-9])
    shown = built[1].manifest.stimuli[0].file
    (tmp_path / "stimuli" / shown).write_bytes(b"broken")
    assert run(make_plan(tmp_path)).computed == 1
    assert pictures(tmp_path) == pictures(built[0].folder)


@pytest.mark.slow
def test_several_processes_make_the_same_pictures(built, tmp_path):
    assert run(make_plan(tmp_path), workers=2).computed == 6
    assert pictures(tmp_path) == pictures(built[0].folder)


def test_an_executor_of_the_callers_own(built, tmp_path):
    submitted = []

    class Counting(ThreadPoolExecutor):
        def submit(self, *arguments, **more):
            submitted.append(arguments)
            return super().submit(*arguments, **more)

    run(make_plan(tmp_path), executor=Counting(1))
    assert len(submitted) == 6
    assert pictures(tmp_path) == pictures(built[0].folder)


PATIENT = '''
import os, time
from dataclasses import dataclass
import numpy as np
from explainers.explanation import Explanation

@dataclass(frozen=True)
class Patient:
    """Does not end for one face in a process that shall be killed before its build ends."""

    def __call__(self, model, face, target, *, progress=None):
        waited = 0
        while face.id == "f03" and "BUILD_IS_KILLED" in os.environ and waited < 200:
            time.sleep(1)
            waited += 1
        return Explanation(face.chip(8, 0.25).mean(0) - 0.5, "signed", {})
'''


def six_jobs(folder: Path) -> Plan:
    """Three inversions and three others, of which the last waits where it is killed."""
    folder.mkdir(exist_ok=True)
    (folder / "build_patient.py").write_text(PATIENT)
    return make_plan(
        folder,
        asked=tuple(("expression", f"f0{n}") for n in range(1, 4)),
        methods={
            "inversion": Method("total_variation", {"iterations": 8}),
            "patient": Method("build_patient:Patient"),
        },
    )


BUILD = """
import pickle, sys
from explainers.building.build import Options, build
build(pickle.loads(bytes.fromhex(sys.argv[1])), Options(workers=1))
"""


@pytest.mark.slow
def test_killed_and_resumed_without_loss(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert run(six_jobs(whole)).computed == 6
    command = [sys.executable, "-c", BUILD, pickle.dumps(six_jobs(killed)).hex()]
    environment = {**os.environ, "BUILD_IS_KILLED": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        cache = killed / "stimuli" / "cache"
        deadline = time.monotonic() + 120
        while len(list(cache.glob("*.npz"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    kept = {path.name: path.read_bytes() for path in cache.glob("*.npz")}
    assert 2 <= len(kept) < 6, "killed in the middle"
    assert not (killed / "stimuli" / "manifest.json").exists()
    resumed = run(six_jobs(killed))
    assert (resumed.computed, resumed.reused) == (6 - len(kept), len(kept))
    assert all((cache / name).read_bytes() == content for name, content in kept.items())
    assert pictures(killed) == pictures(whole)
    manifests = [Manifest.load(folder / "stimuli") for folder in (whole, killed)]
    told = [json.dumps([s.__dict__ for s in m.stimuli], sort_keys=True) for m in manifests]
    without_times = [_without_seconds(text) for text in told]
    assert without_times[0] == without_times[1]


def _without_seconds(text: str) -> list:
    stimuli = json.loads(text)
    for stimulus in stimuli:
        stimulus["provenance"].pop("seconds", None)
    return stimuli


MINE = '''
from dataclasses import dataclass
import numpy as np
from explainers.explanation import Explanation

@dataclass(frozen=True)
class Mine:
    """Fails for one face."""
    fail: str = ""
    how: str = "ValueError"

    def __call__(self, model, face, target, *, progress=None):
        if face.id == self.fail:
            raise __builtins__[self.how]("cannot do this face")
        return Explanation(np.full((8, 8), 0.5), "signed", {"half": 0.5})
'''


def test_one_failure_is_told_at_the_end_and_all_others_are_kept(tmp_path):
    (tmp_path / "build_mine.py").write_text(MINE)
    methods = {"mine": Method("build_mine:Mine", {"fail": "f01"}), "saliency": QUICK["saliency"]}
    plan = make_plan(tmp_path, methods=methods)
    with pytest.raises(Problems) as caught:
        run(plan)
    (problem,) = caught.value.problems
    assert problem.where == "mine of expression, happy, f01"
    assert problem.what == "ValueError: cannot do this face"
    assert "build_mine.py, line 14" in problem.fix
    assert len(list((tmp_path / "stimuli" / "cache").glob("*.npz"))) == 3
    assert not (tmp_path / "stimuli" / "manifest.json").exists()
    mended = {**methods, "mine": Method("build_mine:Mine", {})}
    made = run(make_plan(tmp_path, methods=mended))
    assert (made.computed, made.reused) == (2, 2)


def test_a_worker_that_dies_is_told(tmp_path):
    (tmp_path / "build_dying.py").write_text(
        MINE.replace("raise __builtins__[self.how]", "import os; os._exit(9); print")
    )
    plan = make_plan(tmp_path, methods={"mine": Method("build_dying:Mine", {"fail": "f01"})})
    with pytest.raises(Problems, match="its process died, perhaps for lack of memory"):
        run(plan, workers=2)


def test_parameters_that_the_explainer_refuses_stop_the_build_before_it_begins(tmp_path):
    methods = {**QUICK, "saliency": Method("occlusion", {"window": 8, "stride": 16})}
    with pytest.raises(Problems, match=r"study\.yaml: stimuli\.saliency\.stride"):
        run(make_plan(tmp_path, methods=methods))
    assert not (tmp_path / "stimuli").exists()


def test_problems_of_all_models_come_together(tmp_path):
    models = {"a": {"use": "expresion"}, "b": {"use": "landmarks68"}}
    plan = make_plan(tmp_path, models=models, asked=(("a", "f01"), ("b", "f01"), ("b", "f02")))
    with pytest.raises(Problems) as caught:
        run(plan)
    text = str(caught.value)
    assert "did you mean 'expression'" in text
    assert text.count("predicts no class") == 1


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "stimuli").write_text("a file in the way")
    with pytest.raises(Problems, match="cannot be written"):
        run(make_plan(tmp_path))


def test_the_contact_sheet_shows_every_picture(built):
    plan, made = built
    with Image.open(plan.stimuli / "contact_sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("L")).astype(float)
    rows = len(made.manifest.predictions)
    assert pixels.shape[0] > rows * 160
    # Cells are 160 px wide after the labels; each holds a picture, which is not plain paper.
    for row in range(rows):
        for column in range(1 + len(QUICK)):
            top, left = 30 + row * 166, 190 + column * 166
            cell = pixels[top : top + 160, left : left + 160]
            assert cell.mean() < 250


def test_progress_is_told(tmp_path):
    stream = io.StringIO()
    plan = make_plan(tmp_path, methods={"saliency": QUICK["saliency"]})
    build(plan, Options(workers=1, stream=stream))
    assert stream.getvalue().splitlines() == [
        "2 explanations, 0 of them there already",
        "2 of 2 explanations",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["stimuli"]
