from collections.abc import Callable

import pytest

from analysis.claims import Claim, Verdict, compare
from analysis.data.frames import Frames
from analysis.published import compared
from analysis.published.section7 import CLAIMS

Make = Callable[..., Frames]
LIKE_PAPER = {
    "never": {"saliency": 0.8, "inversion": 0.5, "visualization": 0.2},
    "aware": {"saliency": 0.8, "inversion": 0.5, "visualization": 0.2},
    "user": {"saliency": 0.3, "inversion": 0.3, "visualization": 0.7},
}
TURNED = {
    group: {"saliency": low, "inversion": low, "visualization": high}
    for group, low, high in (("never", 0.2, 0.8), ("aware", 0.2, 0.8))
} | {"user": {"saliency": 0.8, "inversion": 0.2, "visualization": 0.2}}
EQUAL = {g: dict.fromkeys(("saliency", "inversion", "visualization"), 0.4) for g in LIKE_PAPER}


def verdicts(frames: Frames) -> list[Verdict]:
    [entry] = compared(frames)
    return [comparison.verdict for comparison in entry.comparisons]


def test_answers_like_the_paper_agree(simulated: Make) -> None:
    groups = ["never"] * 50 + ["aware"] * 60 + ["user"] * 36
    assert verdicts(simulated(groups=groups, effects=LIKE_PAPER)) == [Verdict.AGREES] * 6


def test_the_opposite_differs(simulated: Make) -> None:
    groups = ["never"] * 50 + ["aware"] * 60 + ["user"] * 36
    assert verdicts(simulated(groups=groups, effects=TURNED)) == [Verdict.DIFFERS] * 6


def test_no_preference_stays_undecided(simulated: Make) -> None:
    found = verdicts(simulated(effects=EQUAL))
    assert found.count(Verdict.UNDECIDED) >= 5


def test_a_group_of_nobody_or_one_is_undecided_with_a_reason(simulated: Make) -> None:
    [entry] = compared(simulated(groups=["never"] * 10 + ["user"], effects=LIKE_PAPER))
    reasons = {c.claim.text: (c.verdict, c.reason) for c in entry.comparisons}
    assert reasons[CLAIMS[2].text] == (Verdict.UNDECIDED, "nobody of this group has answered")
    assert reasons[CLAIMS[3].text] == (Verdict.UNDECIDED, "too few participants")


def test_what_the_study_does_not_ask_is_not_compared(simulated: Make) -> None:
    frames = simulated(n=8)
    claim = Claim("x", ("saliency",), ("inversion",), {"age": "old"})
    assert compare(claim, frames).verdict is Verdict.NOT_ASKED
    claim = Claim("x", ("saliency",), ("grad_cam",), {})
    assert compare(claim, frames).reason == "the study does not offer grad_cam"


@pytest.mark.parametrize("comparisons", [1, 2])
def test_the_level_is_shared_by_the_comparisons_of_a_claim(
    simulated: Make, comparisons: int
) -> None:
    lower = ("inversion", "visualization")[:comparisons]
    found = compare(Claim("x", ("saliency",), lower, {}), simulated(n=20))
    assert {e.level for e in found.estimates} == {1 - 0.05 / comparisons}
