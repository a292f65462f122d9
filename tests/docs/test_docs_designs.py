"""The pages about designs and recruitment: what is shown can be written, and is all there is."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from analysis import rules
from study_app.balance import properties, stand_in
from study_app.cli import whyface
from study_app.conditions import ENDINGS
from study_app.study_file import recruitment, yaml_file
from study_app.study_file.load import check_study
from study_app.study_file.ready import FOLDER

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
DESIGN, RECRUIT = ((HOW_TO / f"{name}.md").read_text("utf-8") for name in ("design", "recruit"))
HOME = FOLDER / "section7"


def shown(page: str) -> list[str]:
    return [re.sub(r"^ {3}", "", text, flags=re.M) if text.startswith("   ") else text
            for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]  # fmt: skip


def test_the_whole_example_is_sound_and_its_orders_hold():
    (text,) = shown(DESIGN)
    study, problems = check_study(yaml_file.parse(text, "study.yaml"), HOME)
    assert study is not None and not problems, problems
    held = {str(found) for found in properties(stand_in(study)) if found.holds}
    for words in (
        "each block comes equally often at each place",
        "each question is asked equally often in block 2",
        "each explanation stands equally often at each place in block 2",
        "each explanation has its part equally often at each place in block 3",
        "each explanation meets each question equally often in block 3",
    ):
        assert any(line.startswith(words) for line in held), words


def test_check_tells_the_whole_example_back(tmp_path):
    shutil.copytree(HOME, tmp_path / "study")
    (tmp_path / "study" / "study.yaml").write_text(shown(DESIGN)[0], "utf-8")
    told = CliRunner().invoke(whyface, ["check", str(tmp_path / "study")])
    assert told.exit_code == 0, told.output
    for words in ("2 arms: all_three, maps_only", "in a part for each of its options",
                  "blocks in orders of the kind williams",
                  "a question about the instructions (2 attempts)"):  # fmt: skip
        assert words in told.output


@pytest.mark.parametrize("text", shown(RECRUIT), ids=range(len(shown(RECRUIT))))
def test_each_recruitment_is_a_sound_part_of_a_study(text):
    data = yaml.safe_load((HOME / "study.yaml").read_text("utf-8"))
    part = yaml.safe_load(text)
    if "background" in part:  # the rest of section7 asks after other groups
        data |= {"background": [], "analysis": [], "simulate": None}
        data.pop("simulate")
    study, problems = check_study(yaml_file.parse(yaml.safe_dump(data | part), "study.yaml"), HOME)
    assert study is not None and not problems, problems


def test_the_pages_name_all_there_is():
    for name in rules.names():
        assert f"`{name}" in DESIGN, name
    for ending in ENDINGS:
        assert f"`{ending}`" in RECRUIT, ending
    for panel, names in recruitment.PANELS.items():
        assert f"`{panel}`" in RECRUIT
        assert all(f"`{name}`" in RECRUIT for name in names.values())
