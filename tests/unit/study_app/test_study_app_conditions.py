"""What a study's author is told about who takes part, and which endings have no code."""

from pathlib import Path

import pytest
import yaml

from study_app import conditions
from study_app.study_file import yaml_file
from study_app.study_file.load import check_study
from study_app.study_file.ready import FOLDER

HOME = FOLDER / "section7"
SAID = yaml.safe_load((Path(HOME) / "study.yaml").read_text("utf-8"))
CHECK = {"ask": "What?", "choices": {"a": "A", "b": "B"}, "right": "a"}


def study(**changes):
    text = yaml.safe_dump({**SAID, **changes})
    found, problems = check_study(yaml_file.parse(text, "study.yaml"), HOME)
    assert found is not None and not problems, problems
    return found


def test_a_plain_study_says_little():
    assert list(conditions.who(study())) == ["by a plain link"]
    assert conditions.instruction_check(study()) == ""


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({}, ["complete", "failed_checks", "no_consent"]),
        ({"codes": {"complete": "A", "no_consent": "B", "failed_checks": "C"}}, []),
        ({"cap": 5}, ["complete", "failed_checks", "full", "no_consent"]),
        ({"maximum_minutes": 5, "codes": {"complete": "A"}},
         ["failed_checks", "timed_out", "no_consent"]),
    ],
)  # fmt: skip
def test_endings_that_can_happen_and_have_no_code(changes, lacking):
    said = study(recruitment={"source": "mturk", **changes})
    assert conditions.uncoded(said) == lacking
    named = ", ".join(name.replace("_", " ") for name in lacking)
    told = f"mturk (workerId, assignmentId){', no code for: ' if lacking else ''}{named}"
    assert conditions.source(said) == told


@pytest.mark.parametrize("ends", [False, True])
def test_whoever_fails_the_question_about_the_instructions_needs_a_code_if_it_ends_there(ends):
    check = {**CHECK, "on_fail": "end" if ends else "continue"}
    said = study(quality={"attention": 0, "instruction_check": check},
                 recruitment={"source": "sona"})  # fmt: skip
    assert ("failed_checks" in conditions.uncoded(said)) is ends
    then = ", then the study ends" if ends else ""
    assert conditions.instruction_check(said) == (
        f"a question about the instructions (2 attempts{then})"
    )


def test_rules_tell_their_settings_and_which_only_mark():
    said = study(quality={"attention": 1, "straight_line": 0.9, "total_minutes": [2, 45],
                          "marks_only": ["straight_line"]})  # fmt: skip
    assert list(conditions.quality(said)) == [
        "attention 1", "min_ms 300", "straight_line 0.9 (marks only)", "total_minutes 2.0 to 45.0",
    ]  # fmt: skip
