"""`whyface serve` with something wrong: one clear message, code 2, nothing half-written."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

WHYFACE = str(Path(sys.executable).with_name("whyface"))


def serve(folder: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [WHYFACE, "serve", str(folder), *options], capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_port_in_use(tiny_study, tmp_path):
    database = tmp_path / "whyface.db"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        code, said = serve(tiny_study, "--port", port, "--database", str(database))
    assert code == 2
    assert f"127.0.0.1:{port}\n  the port is in use\n  fix: " in said
    assert not database.exists()


def test_an_address_that_is_not_ours(tiny_study, tmp_path):
    code, said = serve(tiny_study, "--address", "203.0.113.7", "--database", str(tmp_path / "x.db"))
    assert code == 2
    assert "203.0.113.7:8501\n  cannot be listened on" in said


@pytest.mark.parametrize(
    ("missing", "words"),
    [("study.yaml", "study.yaml"), ("stimuli/manifest.json", "whyface build")],
)
def test_a_study_that_cannot_be_served(tiny_study, tmp_path, missing, words):
    folder = shutil.copytree(tiny_study, tmp_path / "study")
    (folder / missing).unlink()
    code, said = serve(folder)
    assert code == 2
    assert words in said
    assert not (folder / "whyface.db").exists()


def test_missing_pictures(tiny_study, tmp_path):
    folder = shutil.copytree(tiny_study, tmp_path / "study")
    next((folder / "stimuli").glob("*.png")).unlink()
    code, said = serve(folder)
    assert code == 2
    assert "pictures are missing" in said and "fix: run `whyface build` again" in said
    assert not (folder / "whyface.db").exists()


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("nowhere/whyface.db", "does not exist"),
        ("", "is a folder"),
        ("mysql://x/y", "not supported"),
    ],
)
def test_a_database_that_cannot_be_used(tiny_study, tmp_path, database, words):
    where = database if "://" in database else str(tmp_path / database)
    code, said = serve(tiny_study, "--database", where)
    assert code == 2
    assert words in said


def test_a_mode_that_does_not_exist(tiny_study):
    code, said = serve(tiny_study, "--mode", "simulated")
    assert code == 2
    assert "'simulated' is not one of 'live', 'pilot', 'test'" in said


def test_participants_never_read_a_note_to_the_researcher(tiny_study, tmp_path):
    folder = shutil.copytree(tiny_study, tmp_path / "study")
    ready = Path(__file__).parents[3] / "study_app" / "studies" / "section7"
    shutil.copy(ready / "consent.md", folder)
    with (folder / "debriefing.md").open("a", encoding="utf-8") as file:
        file.write("\n(Researcher: thank them.)\n")
    code, said = serve(folder)
    assert code == 2
    assert "consent.md:25" in said and "the number of your ethics approval here" in said
    assert "debriefing.md:" in said and "thank them." in said and "--mode test" in said
    assert not (folder / "whyface.db").exists()
    with socket.socket() as other:  # the other modes get as far as the port
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        for mode in ("test", "pilot"):
            code, said = serve(folder, "--mode", mode, "--port", port)
            assert code == 2 and "the port is in use" in said
