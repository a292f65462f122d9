"""Who is left out: rules that the study file declares, each with its count, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    limit = fast_ms(frames.study)
    trials = frames.main.drop_duplicates(["participant", "trial"])
    fast = trials.loc[trials["rt_ms"] < limit, ["participant", "trial"]]
    return rules(frames.study, frames.participants, _walks(frames, limit), fast)


def fast_ms(study: Mapping[str, Any]) -> float:
    """The response time below which an answer does not count; 0 if the study declares none."""
    return float((study.get("quality") or {}).get("min_ms") or 0)


def rules(
    study: Mapping[str, Any], people: pd.DataFrame, walks: pd.DataFrame, fast: pd.DataFrame
) -> list[Exclusion]:
    """`find`, from what the rules need to know.

    Arguments:
        study: the study file.
        people: `analysis.frames.Frames.participants`.
        walks: the columns ``checks``, ``passed``, ``timed``, ``fast``, ``slowest_fast`` and
            ``fastest_slow`` of `Store.walks`, by participant.
        fast: ``participant`` and ``trial`` of the main answers below `fast_ms`.
    """
    unfinished = people.loc[people["state"] != "completed", "participant"]
    found = [Exclusion("incomplete", "did not answer all questions", tuple(unfinished))]
    if needed := int((study.get("quality") or {}).get("attention") or 0):
        found.append(_attention(people, walks, needed))
    if limit := fast_ms(study):
        hasty = sorted(walks.index[_median_below(walks, limit)])
        rest = fast.loc[~fast["participant"].isin(hasty), "trial"]
        found += [
            Exclusion("too_fast", f"median answer faster than {limit:.0f} ms", tuple(hasty)),
            Exclusion(
                "fast_answers",
                f"single answers faster than {limit:.0f} ms, of participants who stay",
                trials=tuple(rest),
            ),
        ]
    return found


def _attention(people: pd.DataFrame, walks: pd.DataFrame, needed: int) -> Exclusion:
    mine = walks[["checks", "passed"]].reindex(people["participant"]).fillna(0)
    reached = (mine["passed"] >= needed).to_numpy()
    # Who left before the check came is incomplete, not inattentive.
    seen = (mine["checks"] > 0).to_numpy()
    done = (people["state"] == "completed").to_numpy()
    failed = people.loc[~reached & (seen | done), "participant"]
    words = "the attention check" if needed == 1 else f"{needed} attention checks"
    return Exclusion("attention", f"did not pass {words}", tuple(failed))


def _median_below(walks: pd.DataFrame, limit: float) -> pd.Series[Any]:
    # With half of the times on each side, the median lies midway between the two next to the limit.
    halves = 2 * walks["fast"] - walks["timed"]
    middle = (walks["slowest_fast"] + walks["fastest_slow"]) / 2
    return (halves > 0) | ((halves == 0) & (middle < limit))


def _walks(frames: Frames, limit: float) -> pd.DataFrame:
    trials = frames.responses.drop_duplicates(["participant", "trial"])
    main = trials["role"] == "main"
    check, took = trials["role"] == "attention", trials["rt_ms"].where(main)
    table = pd.DataFrame(
        {
            "checks": check,
            "passed": check & trials["correct"].eq(True),
            "timed": took.notna(),
            "fast": took < limit,
        }
    )
    walks = table.groupby(trials["participant"], observed=True).sum()
    by = trials["participant"]
    walks["slowest_fast"] = took.where(took < limit).groupby(by, observed=True).max()
    walks["fastest_slow"] = took.where(took >= limit).groupby(by, observed=True).min()
    return walks


def passed_checks(checks: pd.DataFrame) -> pd.Series[Any]:
    """How many attention checks each participant passed.

    Arguments:
        checks: the rows of role ``attention``; ``correct`` says whether the trial was passed.

    Returns:
        count for each participant who saw one.
    """
    trials = checks.drop_duplicates(["participant", "trial"])
    return trials["correct"].eq(True).groupby(trials["participant"], observed=True).sum()


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
