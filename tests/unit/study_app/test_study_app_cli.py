"""The command line: help that teaches, unknown names answered, nothing loaded in vain."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from study_app.cli import Verbs, main, whyface

VERBS = Verbs("whyface").list_commands(None)


def run(*args: str) -> subprocess.CompletedProcess[str]:
    code = "from study_app.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=120
    )


def test_help_lists_every_verb_with_one_line():
    shown = CliRunner().invoke(whyface, ["--help"]).output
    for verb in VERBS:
        line = next(line for line in shown.splitlines() if line.split()[:1] == [verb])
        assert len(line.split()) > 3, f"{verb} is not explained"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_teaches_with_an_example(verb):
    result = CliRunner().invoke(whyface, [verb, "--help"])
    assert result.exit_code == 0
    assert f"whyface {verb}" in result.output.partition("\n")[2], "no example of its use"


@pytest.mark.parametrize(
    ("wrong", "meant"), [("bild", "build"), ("analyse", "analyze"), ("simulat", "simulate")]
)
def test_unknown_verb_is_answered_with_the_nearest(wrong, meant, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["whyface", wrong])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert f"did you mean '{meant}'?" in capsys.readouterr().err


def test_unknown_option_ends_with_code_2_and_no_traceback():
    result = run("build", "--forse")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "--force" in result.stderr


def test_help_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from study_app.cli import whyface\n"
        "assert CliRunner().invoke(whyface, ['--help']).exit_code == 0\n"
        "heavy = {'torch', 'streamlit', 'pandas', 'sqlalchemy', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
