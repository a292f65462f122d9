"""The page about saliency names all that there is, and what it shows can be written."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from explainers import catalog
from study_app.cli import whyface
from study_app.study_file import yaml_file
from study_app.study_file.load import check_study
from study_app.study_file.ready import FOLDER

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "saliency.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines()]


@pytest.mark.parametrize("folder", ["saliency", "targets", "fidelity"])
def test_the_tables_hold_every_entry_with_its_line(folder):
    for entry in catalog.entries(folder):
        (row,) = [row for row in ROWS if row[0] == f"`{entry.name}`" and len(row) > 1]
        assert row[-1] == entry.summary
        if folder == "fidelity":
            assert row[1] == entry.constant("better", "")
        for target in entry.constant("targets", None) or ():
            assert f"`{target}`" in row[1]


def test_every_name_in_the_text_exists():
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGE))
    known = {
        name for folder in ("saliency", "targets", "fidelity") for name in catalog.names(folder)
    }
    assert named - known == {"runner_up", "log_odds", "same_below"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_what_is_shown_is_a_sound_part_of_a_study(text):
    part = yaml.safe_load(text)
    home = FOLDER / ("verification" if "models" in part else "section7")
    data = yaml.safe_load((home / "study.yaml").read_text("utf-8"))
    if "models" in part:
        data["models"] = part["models"]
        data["faces"] = {"from": "rendered", "main": ["f01", "f02"]}
        data["blocks"] = [{**data["blocks"][1], "items": 2, "attention": 0}]
        data["quality"]["attention"] = 0
    data["stimuli"] |= part["stimuli"]
    study, problems = check_study(yaml_file.parse(yaml.safe_dump(data), "study.yaml"), home)
    assert study is not None and not problems, problems


def test_commands_are_known_with_their_options():
    lines = [line for line in PAGE.splitlines() if line.startswith("whyface ")]
    assert len(lines) == 4
    for line in lines:
        _, verb, *words = shlex.split(line)
        told = CliRunner().invoke(whyface, [verb, "--help"]).output
        assert all(word in told for word in words if word.startswith("-"))
