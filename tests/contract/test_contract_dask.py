"""A build on a real scheduler and real worker processes gives what a local build gives."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explainers.building import cluster as cluster_module
from explainers.building import cluster_executor
from explainers.building.build import build
from explainers.building.cache import Cache
from explainers.building.cluster import cluster
from explainers.building.cluster_checks import Needs
from explainers.building.options import Options
from explainers.building.plan import Method, Plan
from explainers.faithfulness.measure import Measure
from explainers.manifest import Manifest
from explainers.problems import Problems

pytestmark = pytest.mark.xdist_group("dask")
FACES = tuple(f"f0{n}" for n in range(1, 7))
MORTAL = '''
import os, signal, time
from dataclasses import dataclass
from pathlib import Path
import numpy as np
from explainers.explanation import Explanation
from explainers.problems import Problems

@dataclass(frozen=True)
class Mortal:
    """Its process is killed while it explains one face: once, or always."""
    face: str = ""
    note: str = ""
    seconds: float = 0.0
    refuse: str = ""

    def __call__(self, model, face, target, *, progress=None):
        if self.note:
            Path(self.note).parent.joinpath(f"begun-{os.getpid()}-{face.id}").touch()
        if face.id == self.face and not (self.note and Path(self.note).exists()):
            if self.note:
                Path(self.note).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.seconds)
        if face.id == self.refuse:
            raise Problems.one("face", "is refused", "take another")
        if self.refuse:
            raise LookupError("nothing for " + face.id)
        return Explanation(face.chip(8, 0.25).mean(0) - 0.5, "signed", {"half": 0.5})
'''


def started(*arguments: str, folder: Path) -> subprocess.Popen:
    """A command of Dask, in a process group of its own that can be ended whole."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, cwd=folder, start_new_session=True, **quiet)


def ended(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def scheduler_in(folder: Path) -> tuple[subprocess.Popen, str]:
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    process = started("scheduler", *options, "--scheduler-file", str(file), folder=folder)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return process, json.loads(file.read_text("utf-8"))["address"]
        except (FileNotFoundError, ValueError):
            time.sleep(0.02)
    ended(process)
    raise TimeoutError("no scheduler within a minute")


def worker_of(address: str, folder: Path, *options: str) -> subprocess.Popen:
    usual = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0")
    where = ("--local-directory", str(folder))
    return started("worker", address, *usual, *where, *options, folder=folder)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A scheduler with two workers, which their nannies start again when they die."""
    folder = tmp_path_factory.mktemp("dask")
    scheduler, there = scheduler_in(folder)
    processes = [scheduler, worker_of(there, folder), worker_of(there, folder)]
    try:
        yield there
    finally:
        for process in reversed(processes):
            ended(process)


@pytest.fixture
def client(address):
    from distributed import Client

    with Client(address, set_as_default=False) as connected:
        connected.wait_for_workers(2, timeout=60)
        yield connected


def make_plan(folder: Path, **mortal) -> Plan:
    (folder / "dask_mortal.py").write_text(MORTAL)
    return Plan(
        folder=folder,
        seed=7,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=tuple(("expression", face) for face in FACES),
        methods={
            "mortal": Method("dask_mortal:Mortal", mortal),
            "saliency": Method(
                "occlusion",
                {"window": 56, "stride": 56},
                fidelity=(Measure("hiding_game", {"steps": 3}),),
            ),
        },
    )


def on(address: str, plan: Plan, stream: io.StringIO | None = None, **options):
    wanted = Options(**{"stream": stream or io.StringIO()} | options)
    with cluster(address, plan, wanted) as there:
        return build(plan, there)


def told(stimuli: Path) -> list:
    manifest = json.loads((stimuli / "manifest.json").read_text("utf-8"))
    for stimulus in manifest["stimuli"]:
        stimulus["provenance"].pop("seconds", None)
    return [manifest["stimuli"], manifest["predictions"]]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing(address, client, tmp_path):
    note = tmp_path / "killed"
    plan = make_plan(tmp_path, face="f03", note=str(note))
    note.touch()
    build(plan, Options(workers=1, stream=io.StringIO()))
    local = plan.stimuli.rename(tmp_path / "stimuli-local")
    note.unlink()
    for mark in tmp_path.glob("begun-*"):
        mark.unlink()

    stream = io.StringIO()
    made = on(address, plan, stream)
    assert note.exists(), "a worker was killed"
    assert (made.computed, made.reused, made.scored) == (12, 0, 6)
    lines = stream.getvalue().splitlines()
    assert lines[0] == f"2 workers of {address}"
    (lost,) = [line for line in lines if " is gone; " in line]
    assert "; mortal of expression, " in lost
    assert lost.endswith(", f03 is done by another.")
    assert lines[-1] == "6 of 6 scores"

    begun = [mark.name.split("-")[1:] for mark in tmp_path.glob("begun-*")]
    assert str(os.getpid()) not in {pid for pid, _ in begun}, "nothing ran here"
    faces = sorted(face for _, face in begun)
    assert faces == sorted([*FACES, "f03"]), "only the lost job was done again"

    manifest = Manifest.load(plan.stimuli)
    jobs = [s.provenance["job"] for s in manifest.stimuli if "job" in s.provenance]
    assert len(jobs) == len(set(jobs)) == 12
    assert told(plan.stimuli) == told(local)
    pictures = [sorted(p.name for p in s.glob("*.png")) for s in (plan.stimuli, local)]
    assert pictures[0] == pictures[1]
    for name in pictures[0]:
        assert (plan.stimuli / name).read_bytes() == (local / name).read_bytes()
    kept = sorted(path.stem for path in (local / "cache").iterdir())
    assert kept == sorted(path.stem for path in (plan.stimuli / "cache").iterdir())
    for key in kept:
        here, there = (Cache(s / "cache").get(key)[0] for s in (local, plan.stimuli))
        assert np.array_equal(here, there, equal_nan=True)


@pytest.mark.slow
def test_problems_and_mistakes_come_back_with_their_places(address, client, tmp_path):
    plan = make_plan(tmp_path, refuse="f01")
    plan = replace(plan, asked=plan.asked[:2], methods={"mortal": plan.methods["mortal"]})
    with pytest.raises(Problems) as caught:
        on(address, plan)
    refused, failed = sorted(caught.value.problems, key=lambda p: p.where[-3:])
    assert refused.where == "mortal of expression, happy, f01: face"
    assert (refused.what, refused.fix) == ("is refused", "take another")
    assert failed.what == "LookupError: nothing for f02"
    assert failed.fix.startswith("look at ") and "dask_mortal.py, line " in failed.fix


def test_what_workers_lack_is_told_before_anything_is_done(address, client, tmp_path, monkeypatch):
    plan = make_plan(tmp_path)
    whole = Needs.of(plan, "auto")
    workers = list(whole.of_use(client))
    assert len(workers) == 2
    assert whole.unfit(client, workers) == {}

    elsewhere, changed = str(tmp_path / "gone.png"), str(tmp_path / "dask_mortal.py")
    files = {**whole.files, elsewhere: "0" * 64, changed: "1" * 64}
    versions = {**whole.versions, "torch": "1.0.0", "Python": "2.7"}
    unfit = replace(whole, files=files).unfit(client, workers)
    assert sorted(unfit) == sorted(workers)
    for worker, problems in unfit.items():
        assert {p.where for p in problems} == {f"worker {worker}"}
        assert [p.what for p in problems] == [
            f"does not see {elsewhere}",
            f"sees other contents of {changed}",
        ]
        assert "same path" in problems[0].fix
    whats = {
        p.what
        for ps in replace(whole, versions=versions).unfit(client, workers).values()
        for p in ps
    }
    assert any(what.endswith("this machine 1.0.0") for what in whats)
    assert any(what.startswith("has Python 3.") for what in whats)

    monkeypatch.setattr(Needs, "of", classmethod(lambda cls, *_: replace(whole, files=files)))
    with pytest.raises(Problems, match="does not see") as caught:
        on(address, plan)
    assert len(caught.value.problems) == 4, "both workers, all in one pass"
    assert not plan.stimuli.exists()


def test_a_worker_that_joins_later_and_is_unfit_gets_nothing(address, client, tmp_path):
    """One of the workers counts as a newcomer that lacks a file."""
    plan = make_plan(tmp_path)
    plan = replace(plan, methods={"mortal": plan.methods["mortal"]})
    needs = Needs.of(plan, "auto")
    first, second = sorted(needs.of_use(client))

    class OneLacks(Needs):
        def unfit(self, client, workers):
            lacking = replace(needs, files={str(tmp_path / "gone"): "0"})
            return lacking.unfit(client, [w for w in workers if w == second])

    stream = io.StringIO()
    picky = OneLacks(needs.device, needs.versions, needs.files)
    executor = cluster_executor.ClusterExecutor(client, picky, [first], 1, stream)
    try:
        time.sleep(cluster_executor.LOOK_EVERY)
        made = build(plan, Options(executor=executor, stream=stream))
    finally:
        executor.shutdown()
    assert made.computed == 6
    assert f"Worker {second} is not used: does not see {tmp_path / 'gone'}" in stream.getvalue()


def test_graphics_cards_are_found_by_their_tag(address, client, tmp_path):
    import torch

    plan = make_plan(tmp_path)
    with pytest.raises(Problems, match="no worker offers a graphics card"):
        on(address, plan, device="cuda")
    if torch.cuda.is_available():
        pytest.skip("here a tagged worker would do")
    tagged = worker_of(address, tmp_path, "--resources", "GPU=1", "--no-nanny")
    try:
        client.wait_for_workers(3, timeout=60)
        for device in ("auto", "cuda"):
            with pytest.raises(Problems) as caught:
                on(address, plan, device=device)
            (problem,) = caught.value.problems
            assert problem.where.startswith("worker tcp://127.0.0.1:")
            assert "no graphics card that torch can use" in problem.what
            assert "without GPU=1" in problem.fix
        needs = Needs.of(plan, "cpu")
        assert sorted(needs.of_use(client).values()) == [False, False, False]
    finally:
        ended(tagged)


@pytest.mark.slow
def test_a_job_that_kills_its_workers_is_told_and_the_others_are_done(
    address, client, tmp_path, monkeypatch
):
    monkeypatch.setattr(cluster_executor, "MOST_DEATHS", 2)
    plan = make_plan(tmp_path, face="f02")
    plan = replace(plan, asked=plan.asked[:3], methods={"mortal": plan.methods["mortal"]})
    with pytest.raises(Problems) as caught:
        on(address, plan)
    (problem,) = caught.value.problems
    assert problem.where.startswith("mortal of expression, ")
    assert problem.where.endswith(", f02")
    assert problem.what.startswith("2 workers died while they did it, the last tcp://127.0.0.1:")
    assert "memory" in problem.fix
    assert len(list((plan.stimuli / "cache").glob("*.npz"))) == 2
    assert not (plan.stimuli / "manifest.json").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_the_cluster_at_once(address, client, tmp_path):
    note = tmp_path / "note"
    plan = make_plan(tmp_path, note=str(note), seconds=30.0)
    plan = replace(plan, methods={"mortal": plan.methods["mortal"]})

    def interrupt():
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("begun-*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        on(address, plan)
    thread.join()
    assert not (plan.stimuli / "manifest.json").exists()
    deadline = time.monotonic() + 10
    while any(client.who_has().values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not client.who_has(), "nothing is left there"
    assert "whyface-cluster" not in {thread.name for thread in threading.enumerate()}
    # The sleeping jobs cannot be interrupted: their workers are started afresh.
    client.restart(timeout=60)


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_build_with_one_problem(tmp_path):
    scheduler, address = scheduler_in(tmp_path)
    worker = worker_of(address, tmp_path, "--no-nanny")
    plan = make_plan(tmp_path, note=str(tmp_path / "note"), seconds=1.0)
    plan = replace(plan, methods={"mortal": plan.methods["mortal"]})

    def kill():
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("begun-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        ended(scheduler)

    thread = threading.Thread(target=kill)
    thread.start()
    stream = io.StringIO()
    try:
        with pytest.raises(Problems) as caught:
            on(address, plan, stream)
    finally:
        thread.join()
        ended(scheduler)
        ended(worker)
    (problem,) = caught.value.problems
    assert problem.what.startswith("the connection to the scheduler was lost")
    assert problem.fix == "run it again, it goes on where it was"
    assert "is gone" not in stream.getvalue()
    assert len(list((plan.stimuli / "cache").glob("*.npz"))) >= 1
    assert not (plan.stimuli / "manifest.json").exists()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE", 1.0)


def test_nobody_answers(tmp_path, impatient):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken, but nobody listens
        port = taken.getsockname()[1]
        with pytest.raises(Problems, match="no Dask scheduler answered there") as caught:
            on(f"tcp://127.0.0.1:{port}", make_plan(tmp_path))
    assert "dask scheduler" in caught.value.problems[0].fix
    assert not (tmp_path / "stimuli").exists()


def test_something_else_answers(tmp_path, impatient):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(Problems, match="no Dask scheduler answered there"):
            on(f"tcp://127.0.0.1:{server.getsockname()[1]}", make_plan(tmp_path))
        server.shutdown(socket.SHUT_RDWR)


def test_a_scheduler_without_workers(tmp_path, impatient):
    scheduler, address = scheduler_in(tmp_path)
    try:
        with pytest.raises(Problems, match="no worker joined it within 1 s") as caught:
            on(address, make_plan(tmp_path))
    finally:
        ended(scheduler)
    assert caught.value.problems[0].fix == f"start some: dask worker {address} --nthreads 1"
