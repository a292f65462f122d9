"""Who is left out: rules that the study file declares, each with its count, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.data.frames import Frames
from analysis.rules import Evidence, Exclusion, declared, load

__all__ = ["Exclusion", "apply", "fast_ms", "find", "left_out", "passed_checks", "rules"]


def find(frames: Frames) -> list[Exclusion]:
    """All declared rules with those whom they concern, also rules that concern nobody.

    The rules stand under ``quality`` in the study file; each is a file of `analysis.rules`. Who did
    not finish is left out as well.
    """
    limit = fast_ms(frames.study)
    trials = frames.main.drop_duplicates(["participant", "trial"])
    fast = trials.loc[trials["rt_ms"] < limit, ["participant", "trial"]]
    return rules(frames.study, frames.participants, _walks(frames, limit), fast, frames.main)


def fast_ms(study: Mapping[str, Any]) -> float:
    """The response time below which an answer does not count; 0 if the study declares none."""
    return float((study.get("quality") or {}).get("min_ms") or 0)


def rules(
    study: Mapping[str, Any],
    people: pd.DataFrame,
    walks: pd.DataFrame,
    fast: pd.DataFrame,
    answers: pd.DataFrame | None = None,
) -> list[Exclusion]:
    """`find`, from what the rules need to know.

    Arguments:
        study: the study file.
        people, walks, fast, answers: see `analysis.rules.Evidence`; without ``answers`` only for
            studies of which `analysis.rules.from_sums` holds.
    """
    unfinished = people.loc[people["state"] != "completed", "participant"]
    found = [Exclusion("incomplete", "did not answer all questions", tuple(unfinished))]
    only = (study.get("quality") or {}).get("marks_only") or ()
    for name, setting in declared(study).items():
        aside = frozenset(trial for one in found if not one.marks_only for trial in one.trials)
        evidence = Evidence(people, walks, fast, answers, aside)
        for one in load(name).find(evidence, setting):
            words = f"{one.description}; marked only" if name in only else one.description
            found.append(replace(one, description=words, marks_only=name in only))
    return found


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
    apart = [rule for rule in exclusions if not rule.marks_only]
    people = {person for rule in apart for person in rule.participants}
    trials = {trial for rule in apart for trial in rule.trials}
    stay = frames.participants.loc[~frames.participants["participant"].isin(people), "participant"]
    kept = frames.keep(stay)
    return replace(kept, responses=kept.responses[~kept.responses["trial"].isin(trials)])


def left_out(exclusions: Sequence[Exclusion]) -> int:
    """How many participants are left out by at least one rule."""
    apart = [rule for rule in exclusions if not rule.marks_only]
    return len({person for rule in apart for person in rule.participants})
