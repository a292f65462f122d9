"""whyface demo on a study of ready-made pictures: every step, twice, with ports in use."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
FACES = ROOT / "explainers" / "faces" / "rendered"
WHYFACE = Path(sys.executable).with_name("whyface")


def ready_made(folder: Path) -> Path:
    """The Section 7 study with two faces and pictures that need no computing."""
    shutil.copytree(ROOT / "study_app" / "studies" / "section7", folder)
    study = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    families = list(study["stimuli"])
    study["models"] = {"gender": {"use": "pictures", "ask": "Why {label}?"}}
    study["faces"] = {"from": "faces/", "main": ["a", "b"], "practice": ["c"], "attention": ["d"]}
    study["stimuli"] = {family: {"method": "pictures"} for family in families}
    study["pictures"] = "pictures.csv"
    study["blocks"][1]["items"] = 2
    text = yaml.safe_dump(study, sort_keys=False, allow_unicode=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    (folder / "faces").mkdir()
    lines = ["face,model,method,target,file"]
    for number, face in enumerate("abcd", start=1):
        shutil.copy(FACES / f"f0{number}.png", folder / "faces" / f"{face}.png")
        lines += [f"{face},gender,{family},female,faces/{face}.png" for family in families]
    (folder / "pictures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    ready_made(folder / "section7")
    return folder


@pytest.fixture
def ports():
    """Two ports, the first of them in use."""
    with socket.socket() as busy, socket.socket() as other:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        other.bind(("127.0.0.1", 0))
        wanted = other.getsockname()[1]
        other.close()
        yield busy.getsockname()[1], wanted


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("WHYFACE_DASHBOARD_PASSWORD", None)
    return subprocess.run(
        [WHYFACE, "demo", "--folder", folder, "-n", "6", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
    )


def serving(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_without_a_terminal_it_does_all_and_ends(demo, ports):
    busy, free = ports
    began = time.perf_counter()
    first = run(demo, "--port", str(busy), "--dashboard-port", str(free))
    print(f"demo without computing: {time.perf_counter() - began:.1f} s")
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"Port {busy} is in use: the survey takes" in first.stdout
    assert "6 simulated participants added" in first.stdout
    addresses = re.findall(r"http://127\.0\.0\.1:(\d+)/", first.stdout)
    assert len(set(addresses)) == 2 and str(busy) not in addresses
    assert re.search(r"password: \w{4}-\w{4}-\w{4}-\w{4}", first.stdout)
    assert (demo / "section7" / "report-simulated" / "report.html").stat().st_size > 10_000
    assert not any(serving(int(port)) for port in addresses), "a server was left running"

    began = time.perf_counter()
    second = run(demo, "--port", str(free), "--dashboard-port", str(free))
    print(f"second run: {time.perf_counter() - began:.1f} s")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "0 simulated participants added" in second.stdout
    assert "The report is there" in second.stdout
    assert len(set(re.findall(r"http://127\.0\.0\.1:(\d+)/", second.stdout))) == 2


def test_a_failing_step_ends_with_its_own_words_and_code_2(tmp_path):
    study = ready_made(tmp_path / "section7")
    (study / "faces" / "a.png").write_bytes(b"no picture")
    failed = run(tmp_path)
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr
    assert "a.png" in failed.stderr
    assert not (study / "whyface.db").exists(), "a later step has begun"


def test_with_a_terminal_it_serves_until_it_is_interrupted(demo, ports):
    pty = pytest.importorskip("pty")
    _, free = ports
    options = ("--port", str(free), "--dashboard-port", str(free + 1))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [WHYFACE, "demo", "--folder", demo, "-n", "6", *options],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = ""
    try:
        until = time.monotonic() + 120
        while "Ctrl-C stops both." not in shown and time.monotonic() < until:
            assert process.poll() is None, shown
            shown += os.read(ours, 4096).decode(errors="replace")
        survey, dashboard = map(int, re.findall(r"http://127\.0\.0\.1:(\d+)/", shown))
        assert serving(survey) and serving(dashboard)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert not serving(survey) and not serving(dashboard), "a server was left running"
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
        os.close(ours)
