"""Published orderings, and whether new answers agree with them, differ, or cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Any

from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.intervals import difference_t
from analysis.statistics._rates import SEPARATOR, rates


class Verdict(StrEnum):
    """What the intervals say about a published ordering."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Claim:
    """A published ordering: in this group, this explanation is preferred over these.

    Arguments:
        text: the claim in words.
        higher, lower: the options; each in ``higher`` is compared with each in ``lower``.
        group: background question -> choice; everybody if empty.
        need: ``all`` comparisons must hold, or ``any`` one of them.
    """

    text: str
    higher: tuple[str, ...]
    lower: tuple[str, ...]
    group: Mapping[str, str]
    need: str = "all"


@dataclass(frozen=True)
class Comparison:
    """A claim beside the new answers.

    Arguments:
        claim: what was published.
        verdict: agrees, differs, undecided, or not asked by this study.
        estimates: the paired differences it rests on.
        participants: how many people of the group answered.
        reason: why there is no verdict; empty if there is one.
    """

    claim: Claim
    verdict: Verdict
    estimates: tuple[Estimate, ...]
    participants: int
    reason: str = ""


def compare(claim: Claim, frames: Frames, level: float = 0.95) -> Comparison:
    """The verdict on one claim, by intervals of paired differences within participants.

    ``agrees``: all (or any, as the claim needs) differences lie above zero with their whole
    interval; ``differs``: the opposite is as clear, that is any (or all) lie below zero with their
    whole interval; ``undecided`` otherwise. The level is shared by the claim's comparisons
    (Bonferroni), so that a verdict is wrong at most with probability 1 - level.

    Arguments:
        claim: what was published.
        frames: the answers, after exclusions.
        level: of the whole claim.
    """
    people = frames.participants
    for question, choice in claim.group.items():
        if question not in people or choice not in people[question].cat.categories:
            return Comparison(claim, Verdict.NOT_ASKED, (), 0, f"the study does not ask {question}")
        people = people[people[question] == choice]
    group = frames.keep(people["participant"])
    table = rates(group.main, "option")
    missing = [name for name in (*claim.higher, *claim.lower) if name not in table]
    if missing:
        return Comparison(claim, Verdict.NOT_ASKED, (), 0, f"the study does not offer {missing[0]}")
    pairs = [(a, b) for a in claim.higher for b in claim.lower]
    shared = 1 - (1 - level) / len(pairs)
    name = " and ".join(claim.group.values()) or "all"
    estimates = []
    for first, second in pairs:
        both = table[[first, second]].dropna()
        value, low, high = difference_t((both[first] - both[second]).to_numpy(), shared)
        estimates.append(
            Estimate(
                "published_difference",
                f"{first}{SEPARATOR}{second}",
                name,
                float(value),
                float(low),
                float(high),
                shared,
                len(both),
                2 * group.questions,
                "mean paired difference of participant rates, t, Bonferroni within the claim",
                "Student 1908, Biometrika 6:1",
            )
        )
    count = min(e.participants for e in estimates)
    reason = ""
    if all(isnan(e.low) for e in estimates):
        reason = "too few participants" if count else "nobody of this group has answered"
    return Comparison(claim, _verdict(claim, estimates), tuple(estimates), count, reason)


def _verdict(claim: Claim, estimates: list[Estimate]) -> Verdict:
    above = [e.low > 0 for e in estimates]  # comparisons with nan are False: undecided
    below = [e.high < 0 for e in estimates]
    agree, differ = (all, any) if claim.need == "all" else (any, all)
    if agree(above):
        return Verdict.AGREES
    return Verdict.DIFFERS if differ(below) else Verdict.UNDECIDED


def plain(claim: Claim) -> dict[str, Any]:
    """The claim as plain values, for JSON."""
    return {
        "text": claim.text,
        "higher": list(claim.higher),
        "lower": list(claim.lower),
        "group": dict(claim.group),
        "need": claim.need,
    }
