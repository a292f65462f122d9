"""`whyface analyze`: a report or a clear sentence, and never half of either."""

import csv
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from db.store import Store
from study_app.cli import main
from study_app.simulate import simulate

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    with Store(folder / "whyface.db", synchronous="OFF") as store:
        simulate(store, store.add_version("section7", FROZEN), 9)
    return folder


@pytest.fixture
def whyface(monkeypatch, capsys):
    """Run the command line: exit code, standard output, standard error."""

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["whyface", "analyze", *map(str, args)])
        code = 0
        try:
            main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_a_report_is_written_and_its_findings_and_address_are_printed(study, whyface):
    code, out, err = whyface(study, "--mode", "simulated")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Simulated participants")
    assert lines[1].startswith("- Among all ")
    assert lines[-1].startswith("Report: file:///")
    page = Path(unquote(urlsplit(lines[-1].removeprefix("Report: ")).path))
    assert page == study / "report-simulated" / "report.html"
    assert "<h1>" in page.read_text("utf-8")
    with (page.parent / "estimates.csv").open() as file:
        assert {row["mode"] for row in csv.DictReader(file)} == {"simulated"}
    figures = {path.stem for path in (page.parent / "figures").glob("*.pdf")}
    assert figures >= {"demographics", "preference_expertise", "patterns", "questions", "dropout"}
    for form in ("png", "svg", "csv"):
        assert {path.stem for path in (page.parent / "figures").glob(f"*.{form}")} == figures
    assert {"all.tex", "all.md", "planned_H1.tex"} <= {
        path.name for path in (page.parent / "tables").iterdir()
    }


def test_without_live_answers_it_says_so_and_writes_nothing(study, whyface):
    code, out, err = whyface(study)
    assert (code, out) == (2, "")
    assert "has no participants of mode live" in err
    assert "9 of mode simulated (--mode simulated)" in err
    assert "Traceback" not in err
    assert not (study / "report").exists()


def test_without_a_database_it_says_so_and_makes_none(tmp_path, whyface):
    code, _, err = whyface(tmp_path)
    assert code == 2 and str(tmp_path / "whyface.db") in err and "fix:" in err
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_no_traceback(tmp_path, whyface):
    Store(tmp_path / "whyface.db").close()
    code, _, err = whyface(tmp_path)
    assert code == 2 and "holds no study" in err


def test_it_never_replaces_a_folder_that_is_no_report(study, whyface, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    code, _, err = whyface(study, "--mode", "simulated", "--out", tmp_path)
    assert code == 2 and "other files, which a report would replace" in err
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_an_unknown_mode_names_the_known_ones(study, whyface):
    code, _, err = whyface(study, "--mode", "real")
    assert code == 2 and "simulated" in err
