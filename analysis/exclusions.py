"""Who is left out: rules that the study file declares, each with its count, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.frames import Frames


@dataclass(frozen=True)
class Exclusion:
    """A declared rule and whom it concerns.

    Arguments:
        rule: its short name.
        description: the rule in words.
        participants: who is left out by it (a participant may fall under several rules).
        trials: answers left out of participants who stay; empty for rules about participants.
    """

    rule: str
    description: str
    participants: tuple[Any, ...] = ()
    trials: tuple[Any, ...] = ()


def find(frames: Frames) -> list[Exclusion]:
    """All declared rules with those whom they concern, also rules that concern nobody.

    The rules come from the study file's ``quality``: ``attention`` (so many attention checks must
    be passed), ``min_ms`` (a faster answer was not a look at the pictures; a participant whose
    median is faster is left out). Who did not finish is left out as well.
    """
    quality = frames.study.get("quality") or {}
    found = [
        Exclusion(
            "incomplete",
            "did not answer all questions",
            tuple(
                frames.participants.loc[frames.participants["state"] != "completed", "participant"]
            ),
        )
    ]
    if needed := int(quality.get("attention") or 0):
        found.append(_attention(frames, needed))
    if limit := float(quality.get("min_ms") or 0):
        found += _fast(frames, limit)
    return found


def _attention(frames: Frames, needed: int) -> Exclusion:
    checks = frames.responses[frames.responses["role"] == "attention"]
    passed = passed_checks(checks)
    reached = frames.participants["participant"].map(passed).fillna(0) >= needed
    # Who left before the check came is incomplete, not inattentive.
    seen = frames.participants["participant"].isin(checks["participant"])
    done = frames.participants["state"] == "completed"
    failed = frames.participants.loc[~reached & (seen | done), "participant"]
    words = "the attention check" if needed == 1 else f"{needed} attention checks"
    return Exclusion("attention", f"did not pass {words}", tuple(failed))


def passed_checks(checks: pd.DataFrame) -> pd.Series[Any]:
    """How many attention checks each participant passed.

    Arguments:
        checks: the rows of role ``attention``; ``correct`` says whether the trial was passed.

    Returns:
        count for each participant who saw one.
    """
    trials = checks.drop_duplicates(["participant", "trial"])
    return trials["correct"].eq(True).groupby(trials["participant"], observed=True).sum()


def _fast(frames: Frames, limit: float) -> list[Exclusion]:
    trials = frames.main.drop_duplicates(["participant", "trial"])
    medians = trials.groupby("participant", observed=True)["rt_ms"].median()
    people = tuple(medians.index[medians < limit])
    rest = trials[~trials["participant"].isin(people)]
    return [
        Exclusion("too_fast", f"median answer faster than {limit:.0f} ms", people),
        Exclusion(
            "fast_answers",
            f"single answers faster than {limit:.0f} ms, of participants who stay",
            trials=tuple(rest.loc[rest["rt_ms"] < limit, "trial"]),
        ),
    ]


def apply(frames: Frames, exclusions: Sequence[Exclusion]) -> Frames:
    """The frames without the participants and answers that the rules leave out."""
    people = {person for rule in exclusions for person in rule.participants}
    trials = {trial for rule in exclusions for trial in rule.trials}
    stay = frames.participants.loc[~frames.participants["participant"].isin(people), "participant"]
    kept = frames.keep(stay)
    return replace(kept, responses=kept.responses[~kept.responses["trial"].isin(trials)])


def left_out(exclusions: Sequence[Exclusion]) -> int:
    """How many participants are left out by at least one rule."""
    return len({person for rule in exclusions for person in rule.participants})
