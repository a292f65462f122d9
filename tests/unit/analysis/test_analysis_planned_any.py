"""A study file may plan any statistic; the report tells each in words and numbers of its own."""

import re
from collections.abc import Callable
from math import isnan

import pytest

from analysis import statistics
from analysis.data.frames import Frames
from analysis.plan import planned
from analysis.prose import clauses, wording

Make = Callable[..., Frames]
OPTIONS = {"low": -0.1, "high": 0.1, "over": "deep_learning"}


@pytest.mark.parametrize("name", statistics.names())
def test_a_planned_statistic_is_computed_or_its_problem_is_told(name: str, simulated: Make) -> None:
    frames = simulated(n=24)
    needed = {key for key, value in statistics.options(name).items() if value is ...}
    entry = {"id": "H", "question": "?", "statistic": name, "by": "option"}
    entry |= {"within": "expertise"} if "within" in statistics.options(name) else {}
    entry |= {key: OPTIONS[key] for key in needed - {"within"}}
    study = {**frames.study, "analysis": [entry]}
    [result] = planned(Frames(frames.responses, frames.participants, study, "test", "v"))
    assert result.problem or result.estimates
    sentences = clauses.sentences(result.estimates, frames.labels("expertise"))
    assert all(re.fullmatch(r"[“A-Z].*\.", text) for text in sentences)
    for e in result.estimates:
        assert wording.value(e) == "unknown" or not isnan(e.value)
        if wording.value(e).endswith("%"):
            assert 0 <= e.value <= 1


def test_numbers_that_are_no_shares_are_not_told_in_percent(simulated: Make) -> None:
    found = statistics.run("friedman", simulated(n=24).main)
    w = next(e for e in found if e.quantity == "kendall_w")
    assert clauses.sentences([w], {})[0].startswith("Among all 24 participants, kendall w is 0.")
