"""freeze, close, simulate, export, withdraw: the verbs around the database."""

import csv
import json
from pathlib import Path

import pytest

from db.store import Store
from study_app import cli, export
from study_app.participation import session
from study_app.participation.arrival import Arrival

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")


def whyface(monkeypatch, capsys, *words) -> tuple[int, str]:
    """Exit code and everything printed."""
    monkeypatch.setattr("sys.argv", ["whyface", *map(str, words)])
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = end.code or 0
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.fixture
def run(monkeypatch, capsys):
    return lambda *words: whyface(monkeypatch, capsys, *words)


def test_freeze_simulate_export_close(run, tiny_study, tmp_path):
    url = f"sqlite:///{tmp_path}/whyface.db"
    code, text = run("freeze", tiny_study, "--database", url)
    assert code == 0 and "version 1 is frozen: " in text
    assert run("freeze", tiny_study, "--database", url)[1] == text
    code, text = run("simulate", tiny_study, "-n", 3, "--database", url)
    assert code == 0 and "3 simulated participants added, 3 have finished" in text
    code, text = run("simulate", tiny_study, "-n", 3, "--database", url)
    assert code == 0 and "0 simulated participants added, 3 have finished" in text
    code, text = run("export", tiny_study, "--database", url, "--to", tmp_path / "live")
    assert code == 0 and "responses.csv: 0 rows" in text
    target = tmp_path / "simulated"
    words = ("export", tiny_study, "--database", url, "--to", target, "--mode", "simulated")
    assert "participants.csv: 3 rows" in run(*words)[1]
    with (target / "responses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 10 * 3
    assert {row["item"] for row in rows} == {f"{row['model']}-{row['face']}" for row in rows}
    assert {row["value"] for row in rows} == {"0.0", "1.0"}
    assert "token" not in rows[0] and "completion_code" not in rows[0]
    tables = {"participants.csv", "responses.csv"}
    codebook = {"codebook.csv", "codebook.json", "codebook.md"}
    assert {path.name for path in target.iterdir()} == tables | codebook
    assert run("close", tiny_study, "--database", url) == (0, "Nothing was open.\n")
    with Store(tmp_path / "whyface.db") as store:
        store.set_status(store.versions()[0]["hash"], "live")
    assert "section7 version 1 is closed" in run("close", tiny_study, "--database", url)[1]
    words = ("close", tiny_study, "--database", url, "--reopen")
    assert "section7 version 1 is live" in run(*words)[1]


def test_pause_and_resume(run, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        version = store.add_version("section7", FROZEN)
        assert run("pause", tmp_path) == (0, "Nothing is open.\n")
        store.set_status(version, "live")
        assert run("pause", tmp_path) == (0, "section7 version 1 pauses\n")
        assert store.paused_at(version) is not None
        assert run("pause", tmp_path, "--resume") == (0, "section7 version 1 takes participants\n")
        assert store.paused_at(version) is None


def test_withdraw(run, tmp_path):
    path = tmp_path / "whyface.db"
    with Store(path) as store:
        version = store.add_version("section7", FROZEN)
        token = session.new_token(store)
        session.join(store, version, "pilot", token)
        code = session.state(store, token).withdrawal_code
    assert run("withdraw", code, tmp_path) == (
        0,
        "Deleted. The participant counts as withdrawn.\n",
    )
    with Store(path) as store:
        assert store.progress(mode="pilot")["withdrawn"] == 1
    exit_code, text = run("withdraw", "AAAA-BBBB", tmp_path)
    assert exit_code == 2 and "no participant" in text and "Traceback" not in text


@pytest.mark.parametrize(
    "verb", ["close", "export", "withdraw X", "retain --closed --delete participants"]
)
def test_a_missing_database_is_not_made(run, tmp_path, verb):
    code, text = run(*verb.split(), tmp_path)
    assert code == 2 and "does not exist" in text and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["freeze", "simulate"])
def test_a_study_that_cannot_be_frozen_leaves_no_database(run, tmp_path, verb):
    (tmp_path / "study.yaml").write_text("id: 7")
    code, text = run(verb, tmp_path)
    assert code == 2 and "study.yaml" in text
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_defused(start):
    assert export.cell(f"{start}cmd|'/c calc'!A0") == f"'{start}cmd|'/c calc'!A0"


def test_formulas_in_a_study_reach_no_spreadsheet(tmp_path):
    data = json.loads(FROZEN)
    data["study"]["background"] = [{"id": "q", "ask": "?", "choices": {"=1+1": "x", "b": "y"}}]
    with Store(tmp_path / "a.db") as store:
        version = store.add_version("section7", json.dumps(data))
        token = session.new_token(store)
        session.join(store, version, "test", token)
        session.save_background(store, token, {"q": "=1+1"})
        export.export(store, tmp_path / "out", "test")
    with (tmp_path / "out" / "participants.csv").open(newline="") as file:
        assert [row["q"] for row in csv.DictReader(file)] == ["'=1+1"]


def test_a_place_that_cannot_be_written(run, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        store.add_version("section7", FROZEN)
    (tmp_path / "file").write_text("")
    code, text = run("export", tmp_path, "--to", tmp_path / "file" / "inside")
    assert code == 2 and "cannot be written" in text


def test_retention_tells_before_it_deletes(run, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        version = store.add_version("section7", FROZEN)
        session.join(store, version, "pilot", session.new_token(store), Arrival("panel id"))
        store.set_status(version, "closed")
    words = ("retain", tmp_path, "--delete", "participants")
    code, text = run(*words)
    assert code == 2 and "--older-than DAYS, or --closed" in text
    code, text = run(*words, "--closed")
    assert code == 0 and "all that 0 participants gave" in text  # they are here this very hour
    code, text = run("retain", tmp_path, "--delete", "external-ids", "--older-than", 1)
    assert (code, text) == (0, "To be deleted: 0 panel ids.\n")
    with Store(tmp_path / "whyface.db") as store, store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE assignment SET lease_until = '2020-01-01 00:00:00'")
    code, text = run(*words, "--older-than", 30, "--closed")
    assert "To be deleted: all that 1 participant gave: 0 answers, and 1 panel id." in text
    assert "Nothing was deleted. The same command with --yes does it." in text
    with Store(tmp_path / "whyface.db") as store:
        assert store.progress(mode="pilot")["withdrawn"] == 0
    code, text = run(*words, "--older-than", 30, "--mode", "live", "--yes")
    assert "Deleted: all that 0 participants gave" in text
    code, text = run(*words, "--older-than", 30, "--yes")
    assert text == "Deleted: all that 1 participant gave: 0 answers, and 1 panel id.\n"
    with Store(tmp_path / "whyface.db") as store:
        assert store.progress(mode="pilot")["withdrawn"] == 1
    code, text = run(*words, "--closed", "--study", "nothing")
    assert code == 2 and "holds no study 'nothing'" in text
