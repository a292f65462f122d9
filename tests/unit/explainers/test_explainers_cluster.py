"""What a cluster needs: plain values that travel, clear words, the choice of a device."""

import io
import pickle
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from explainers.aim import Aim
from explainers.building import build as build_module
from explainers.building.cluster import cluster
from explainers.building.cluster_checks import Needs, missing, scheduler_problems
from explainers.building.compute import Computed, compute, job_key
from explainers.building.options import Options
from explainers.building.plan import Job, Method, Plan
from explainers.building.running import Abandoned, run_missing
from explainers.building.scoring import ScoreJob
from explainers.device import choose, moved
from explainers.explanation import Explanation
from explainers.faithfulness.measure import Measure
from explainers.optimizing.transformations import RandomViews
from explainers.problems import Problem, Problems

JOB = Job(
    family="saliency",
    method="occlusion",
    parameters={"window": 56, "stride": 56},
    model="expression",
    spec={"use": "expression"},
    face="f01",
    source="rendered",
    target="happy",
    seed=7,
    folder=Path(),
)


def make_plan(folder: Path, **changes) -> Plan:
    plan = Plan(
        folder=folder,
        seed=7,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"),),
        methods={"saliency": Method("occlusion", {"window": 56, "stride": 56})},
    )
    return replace(plan, **changes)


def test_problems_survive_the_way_between_processes():
    for kind in (Problems, Abandoned):
        problems = kind([Problem("a", "is wrong", "mend it"), Problem("b", "too")])
        there = pickle.loads(pickle.dumps(problems))
        assert type(there) is kind
        assert there.problems == problems.problems
        assert str(there) == str(problems) == "a\n  is wrong\n  fix: mend it\nb\n  too"


def test_jobs_and_results_survive_it_too():
    job = replace(JOB, aim=Aim(parameters={"label": "happy"}))
    assert pickle.loads(pickle.dumps(job)) == job
    measure = Measure("hiding_game", {"steps": 3})
    values = np.eye(3, dtype=np.float32)
    explanation = Explanation(values, "signed", {"gap": 0.5})
    score = pickle.loads(pickle.dumps(ScoreJob(job, "ab12", measure, explanation)))
    assert (score.job, score.key, score.measure) == (job, "ab12", measure)
    assert np.array_equal(score.explanation.values, values)
    assert (score.explanation.kind, dict(score.explanation.checks)) == ("signed", {"gap": 0.5})
    computed = pickle.loads(pickle.dumps(Computed(values, {"seconds": 1.0})))
    assert np.array_equal(computed.values, values)


def test_a_key_does_not_depend_on_the_device():
    assert JOB.on("cuda").device == "cuda"
    assert JOB.on("cuda").on("cpu") == JOB
    # The values' name is made before it is known where they are computed.
    assert job_key(JOB) == job_key(replace(JOB, device="cpu"))
    explanation = Explanation(np.eye(3, dtype=np.float32), "signed", {})
    score = ScoreJob(JOB, "ab12", Measure("hiding_game"), explanation)
    assert score.on("cuda").job.device == "cuda"


def test_the_record_says_where_it_was_computed():
    assert compute(JOB.on("cpu")).record["device"] == "cpu"


@pytest.mark.parametrize(
    ("wanted", "offered", "there", "chosen"),
    [
        ("auto", False, False, "cpu"),
        ("auto", False, True, "cpu"),
        ("auto", True, True, "cuda"),
        ("cpu", True, True, "cpu"),
        ("cuda", False, True, "cuda"),
        ("cuda", True, True, "cuda"),
    ],
)
def test_the_choice_of_a_device(wanted, offered, there, chosen, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert choose(wanted, offered) == chosen


@pytest.mark.parametrize(
    ("wanted", "offered", "fix"),
    [("cuda", False, "--device cpu"), ("cuda", True, "GPU=1"), ("auto", True, "GPU=1")],
)
def test_no_card_where_there_has_to_be_one(wanted, offered, fix, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Problems, match="no graphics card that torch can use") as caught:
        choose(wanted, offered, "worker tcp://a:1")
    (problem,) = caught.value.problems
    assert problem.where == "worker tcp://a:1"
    assert fix in problem.fix


def test_a_local_build_without_a_card_is_told_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Problems, match="no graphics card"):
        build_module.build(make_plan(tmp_path), Options(device="cuda", stream=io.StringIO()))
    assert not list(tmp_path.iterdir())


def test_a_model_is_moved_with_full_precision_and_tried_there(tiny, monkeypatch):
    model = tiny.model(tiny.convolutional())
    assert moved(model, "cpu") is model
    asked, tried = [], []
    monkeypatch.setattr(nn.Module, "to", lambda network, device: asked.append((network, device)))
    monkeypatch.setattr(type(model), "_check_output", lambda model: tried.append(model))
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    there = moved(model, "cuda")
    assert asked == [(model.network, "cuda")]
    assert tried == [there]
    assert not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32
    assert torch.backends.cudnn.deterministic


def test_random_views_are_made_where_the_picture_is():
    # A device without memory stands for a card: it takes no part of a sum from elsewhere.
    picture = torch.empty(1, 3, 8, 8, device="meta")
    views = RandomViews()(picture, 2, 8, torch.Generator().manual_seed(0))
    assert (views.shape, views.device.type) == ((2, 3, 8, 8), "meta")


def test_local_jobs_are_told_the_device_and_a_clusters_are_not(tmp_path, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    from explainers.building.cache import Cache

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    seen = []

    def do(job):
        seen.append(job.device)
        return Computed(np.zeros(1, np.float32), {"seconds": 0.0})

    stream = io.StringIO()
    local = Options(workers=1, device="cuda", stream=stream)
    run_missing({"a": JOB}, Cache(tmp_path), local, do)
    with ThreadPoolExecutor(1) as executor:
        run_missing({"b": JOB}, Cache(tmp_path), replace(local, executor=executor), do)
    assert seen == ["cuda", "cpu"], "an executor of one's own decides itself"


@pytest.mark.parametrize(
    "address",
    [
        *("192.168.0.5:8786", "tcp://192.168.0.5", "http://192.168.0.5:8786", "tcp://:8786"),
        *("tcp://host:0", "tcp://host:65536", "tcp://ho st:8786", "tcp://host:87x", ""),
    ],
)
def test_what_is_no_address(address, tmp_path):
    with pytest.raises(Problems, match="is not the address of a scheduler") as caught:  # noqa: SIM117
        with cluster(address, make_plan(tmp_path), Options()):
            pytest.fail("entered")
    assert "tcp://192.168.0.5:8786" in caught.value.problems[0].fix


def test_the_package_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Problems, match="not installed") as caught:  # noqa: SIM117
        with cluster("tcp://127.0.0.1:1", make_plan(tmp_path), Options()):
            pytest.fail("entered")
    assert caught.value.problems[0].fix.startswith("pip install 'whyface[dask]'")


def test_a_scheduler_of_another_version_is_told():
    def versions(python, distributed):
        return {"packages": {"python": python, "distributed": distributed}}

    def problems(theirs):
        answer = {"client": versions("3.11.7.final.0", "2026.8.0"), "scheduler": theirs}
        return scheduler_problems(SimpleNamespace(get_versions=lambda check: answer), "--dask x")

    assert problems(versions("3.11.2.final.0", "2026.8.0")) == []
    assert [p.what for p in problems(versions("3.12.1.final.0", "2025.5.1"))] == [
        "the scheduler has python 3.12.1.final.0, this machine 3.11.7.final.0",
        "the scheduler has distributed 2025.5.1, this machine 2026.8.0",
    ]


def test_every_file_that_a_job_may_read_is_compared(tmp_path):
    (tmp_path / "faces").mkdir()
    names = ["mine.py", "nets/__init__.py", "nets/deep.py", "faces/ann.png", "weights.safetensors"]
    for name in [*names, "study.yaml", "whyface.db", "stimuli/old.png"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    spec = {"arch": "vgg16", "weights": "weights.safetensors", "labels": ["a", "b"]}
    plan = make_plan(tmp_path, models={"mine": spec}, faces="faces")
    files = Needs.of(plan, "auto").files
    own = {name for name in files if not name.startswith("whyface:")}
    assert own == {str(tmp_path / name) for name in names}
    assert "whyface:saliency/occlusion.py" in files
    assert any(name.startswith("whyface:models/weights/") for name in files)

    assert missing(files, "cpu") == []
    (tmp_path / "faces" / "ann.png").write_text("another ann")
    (tmp_path / "mine.py").unlink()
    assert sorted(missing(files, "cpu")) == [
        (str(tmp_path / "faces" / "ann.png"), True),
        (str(tmp_path / "mine.py"), False),
    ]


def test_a_worker_without_whyface_is_told():
    needs = Needs("auto", {"Python": "3.11", "torch": "2.6.0", "whyface": "1.0"}, {})
    answers = {
        "tcp://a:1": {"Python": "3.11", "torch": "2.6.0", "whyface": ""},
        "tcp://b:1": {"Python": "3.11", "torch": "2.5.1", "whyface": "1.0"},
        "tcp://c:1": OSError("gone"),
    }

    async def identity(**_):
        return {"workers": {}}

    client = SimpleNamespace(
        run=lambda *_, **__: answers,
        sync=lambda function, **_: {"workers": {}},
        scheduler=SimpleNamespace(identity=identity),
    )
    unfit = needs.unfit(client, list(answers))
    assert {worker: [p.what for p in problems] for worker, problems in unfit.items()} == {
        "tcp://a:1": ["has no whyface, this machine 1.0"],
        "tcp://b:1": ["has torch 2.5.1, this machine 2.6.0"],
        "tcp://c:1": ["cannot be asked: OSError: gone"],
    }
