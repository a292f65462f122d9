"""The tests of a plan are one family: their p values are adjusted together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.multiplicity import benjamini_hochberg, holm
from analysis.plan import Result, in_family
from analysis.reports import export, report
from analysis.summaries.summary import summarise

Make = Callable[..., Frames]


def result(*tests: tuple[str, float | None, float | None]) -> Result:
    estimates = tuple(
        Estimate(q, "", "all", 1, 0, 2, 0.95, 9, 9, "", "", p=p, p_single=single)
        for q, p, single in tests
    )
    return Result("H", "?", "s", "option", None, True, estimates)


def test_first_tests_of_each_question_are_adjusted_with_their_own_p() -> None:
    """Worked by hand: the family is .01 (raw), .04, .03; MANOVA and shares are not in it."""
    first = result(("pairs", 0.03, 0.01), ("pairs", 0.04, 0.04))
    second = result(("permutation", 0.03, None), ("manova", 0.001, None))
    third = result(("share", None, None))
    a, b, c = in_family([first, second, third])
    assert a.family == pytest.approx((0.03, 0.06))
    assert b.family == (pytest.approx(0.06), None)
    assert c.family == (None,)
    a, b, c = in_family([first, second, third], "benjamini_hochberg")
    assert a.family == pytest.approx((0.03, 0.04)) and b.family[0] == pytest.approx(0.04)
    assert in_family([first], "none")[0].family == ()


@pytest.mark.parametrize(
    ("name", "adjust"), [("holm", holm), ("benjamini_hochberg", benjamini_hochberg)]
)
def test_the_report_shows_the_family_of_the_study_file(
    name: str, adjust: object, simulated: Make
) -> None:
    frames = simulated(n=30)
    plan = [
        {"id": "H1", "question": "a?", "statistic": "any_difference"},
        {"id": "H2", "question": "b?", "statistic": "paired_difference", "within": "expertise"},
        {"id": "H3", "question": "c?", "statistic": "interaction", "within": "expertise"},
    ]
    study = {**frames.study, "analysis": plan, "multiplicity": name}
    found = summarise(Frames(frames.responses, frames.participants, study, frames.mode, "v"))
    rows = [row for row in export.rows(found) if row.get("p_family") is not None]
    assert len(rows) == 1 + 12 + 1
    single = [row["p"] if row["p_single"] is None else row["p_single"] for row in rows]
    assert [row["p_family"] for row in rows] == pytest.approx(adjust(single))  # type: ignore[operator]
    text = report.page(found, [], report.datetime.now(report.UTC))
    assert "p in the plan" in text and "14 tests of the plan" in text


def test_exploratory_results_are_in_no_family(simulated: Make) -> None:
    found = summarise(simulated(n=24))
    assert all(result.family == () for result in found.exploratory)
