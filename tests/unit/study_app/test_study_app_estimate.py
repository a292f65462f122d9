import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import statistics
from study_app import cli

ANSWERS = """participant,option,value,expertise,role
1,map,1,user,main
1,text,0,user,main
2,map,1,never,main
2,text,1,never,main
3,map,0,never,main
3,text,0,never,main
3,map,1,never,practice
"""


def whyface(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["whyface", *map(str, words)])
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def test_json_is_what_python_computes_in_full_precision(
    answers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("estimate", "selection_share", answers, "--within", "expertise", "--json")
    code, out, err = whyface(capsys, monkeypatch, *words, "--order", "never,user")
    assert (code, err) == (0, "")
    told = json.loads(out)
    data = pd.read_csv(answers).query("role == 'main'")
    data["expertise"] = pd.Categorical(data["expertise"], ["never", "user"])
    expected = statistics.run("selection_share", data, within="expertise")
    assert told["rows"] == 6
    assert [e["segment"] for e in told["estimates"]] == [e.segment for e in expected]
    assert [e["value"] for e in told["estimates"]] == [e.value for e in expected]
    assert told["estimates"][-1]["low"] is None
    assert told["estimates"][-1]["note"] == "one participant: no interval"


def test_all_that_is_wrong_is_told_in_one_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("participant,opton,value\n1,a,1\n\n2,a,yes\n3,a,no\n", encoding="utf-8")
    words = ("estimate", "selection_share", path, "--within", "age", "--seed=1", "--level", "95")
    code, out, err = whyface(capsys, monkeypatch, *words)
    assert (code, out) == (2, "")
    assert "did you mean 'opton'?" in err
    assert "needs the column 'age'" in err
    assert "has no option 'seed'" in err
    assert "level is 95" in err
    assert "'yes' in row 4, 'no' in row 5" in err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("participant,option,value\n", "holds no rows"),
        ("participant,option,option\n1,a,1\n", "two columns are named 'option'"),
        ("participant,option,value\n1,a,1,7,8\n", "is no table"),
        ("participant,option,value,mode\n1,a,1,live\n2,a,1,simulated\n", "mixes the modes"),
        ("participant,option,value\n1,a,2\n", "what is not in 0 .. 1: '2' in row 2"),
        ("participant;option;value\n1;a;0,5\n", "is separated by semicolons"),
        (None, "there is no such file"),
    ],
)
def test_files_that_cannot_be_used(
    text: str | None,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "answers.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    code, out, err = whyface(capsys, monkeypatch, "estimate", "selection_share", path, "--json")
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("selection_shares", "x.csv"), "did you mean 'selection_share'?"),
        (("interaction", "answers.csv"), "compares groups, but none is named"),
        (("selection_share", "answers.csv", "--order", "a,b"), "orders no column"),
        (
            ("selection_share", "answers.csv", "--within", "expertise", "--order", "user"),
            "does not name 'never'",
        ),
        (("selection_share", "answers.csv", "--test"), "has no value"),
        (("selection_share", "answers.csv", "stray"), "does not know 'stray'"),
    ],
)
def test_requests_that_make_no_sense(
    words: tuple[str, ...],
    told: str,
    answers: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(answers.parent)
    code, _, err = whyface(capsys, monkeypatch, "estimate", *words)
    assert code == 2
    assert told in err


@pytest.mark.parametrize("name", statistics.names())
def test_each_statistic_says_its_columns_and_options(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = whyface(capsys, monkeypatch, "estimate", name)
    assert code == 0
    for column, text in statistics.columns(name).items():
        assert column in out and text and text in out
    assert "--level=0.95" in out


def test_a_mistake_leaves_no_traceback(answers: Path) -> None:
    words = ["estimate", "interaction", str(answers)]
    code = "from study_app.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("statistic", "table", "options"),
    [
        (
            "bradley_terry",
            {
                "trial": [1, 1, 2, 2, 3, 3],
                "option": list("ababab"),
                "value": [1, 0, 0, 1, 0.5, 0.5],
            },
            {"reference": "b"},
        ),
        (
            "krippendorff_alpha",
            {
                "participant": list("rrrrssss"),
                "item": [1, 2, 3, 4] * 2,
                "value": [1, 2, 3, 10, 1, 2, 9, 10],
            },
            {"metric": "ordinal", "resamples": 50},
        ),
        (
            "psychometric_curve",
            {"x": [1, 2, 3, 4], "value": [0.5, 0.6, 0.8, 0.95], "count": [20] * 4},
            {"guess": 0.5},
        ),
        (
            "cochran_armitage",
            {"value": [0, 0, 1, 0, 1, 1], "age": [9, 9, 10, 10, 11, 11]},
            {"within": "age"},
        ),
    ],
)
def test_a_file_gives_what_a_frame_gives(
    statistic: str,
    table: dict[str, list[Any]],
    options: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pd.DataFrame(table)
    frame.to_csv(tmp_path / "t.csv", index=False)
    words = [f"--{key}={value}" for key, value in options.items()]
    code, out, err = whyface(
        capsys, monkeypatch, "estimate", statistic, tmp_path / "t.csv", "--json", *words
    )
    assert (code, err) == (0, "")
    expected = [e.value for e in statistics.run(statistic, frame, **options)]
    assert [e["value"] for e in json.loads(out)["estimates"]] == expected
    code, out, err = whyface(capsys, monkeypatch, "estimate", statistic, tmp_path / "t.csv", *words)
    assert (code, err) == (0, "") and len(out.splitlines()) >= len(expected)
