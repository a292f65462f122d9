"""`whyface build --dask` on the command line: what is wrong is told, with code 2."""

import shutil
import socket
from pathlib import Path

import pytest

from explainers.building import cluster
from study_app import cli

READY = Path(cli.__file__).parent / "studies" / "section7"


@pytest.fixture
def study(tmp_path):
    return shutil.copytree(READY, tmp_path / "mine")


def build(monkeypatch, capsys, *arguments: str) -> str:
    """What `whyface build` prints when it ends with code 2."""
    monkeypatch.setattr("sys.argv", ["whyface", "build", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    return printed


def test_no_address(study, monkeypatch, capsys):
    printed = build(monkeypatch, capsys, str(study), "--dask", "192.168.0.5:8786")
    assert "--dask 192.168.0.5:8786\n  is not the address of a scheduler\n  fix: write" in printed


def test_nobody_there(study, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        printed = build(monkeypatch, capsys, str(study), "--dask", address)
    assert printed.startswith(f"--dask {address}\n  no Dask scheduler answered there")
    assert not (study / "stimuli").exists()


def test_processes_of_this_machine_are_no_clusters(study, monkeypatch, capsys):
    options = ("--dask", "tcp://127.0.0.1:8786", "--jobs", "2")
    assert "--jobs\n  is for this machine" in build(monkeypatch, capsys, str(study), *options)


def test_a_device_that_there_is_not(study, monkeypatch, capsys):
    assert "'auto', 'cpu', 'cuda'" in build(monkeypatch, capsys, str(study), "--device", "gpu")
