"""How far people came: how many reached each step of the study."""

from __future__ import annotations

import pandas as pd

from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.intervals import wilson

SOURCE = "Wilson 1927, JASA 22:209"


def reached(frames: Frames, level: float = 0.95) -> tuple[Estimate, ...]:
    """The share of those who consented that came to each step, in the order of the study.

    Withdrawn participants are left out: their answers are deleted, and how far they came with them.
    So are those whom the study did not want to go on: screened out, of a group that was full, or
    not through its practice. Whoever finished came to every step, with however few questions.

    Arguments:
        frames: the data before exclusions.
        level: coverage of Wilson's intervals.

    Returns:
        one estimate for each step; ``item`` names it, ``answers`` counts who reached it, and
        ``participants`` those who consented.
    """
    people = staying(frames.participants)
    state, n = people["state"], len(people)
    answered = _answered(frames, people)
    # Who has answered was there before: counts never rise from one step to the next.
    begun = ~state.isin(["background", "instructions"]) | (answered > 0)
    done = state == "completed"
    steps: list[tuple[str, int]] = [("Consent", n)]
    if frames.study.get("background"):
        steps.append(("Background", int(((state != "background") | begun).sum())))
    steps.append(("Instructions", int(begun.sum())))
    for number in range(1, _longest(people, answered) + 1):
        steps.append((f"Question {number}", int(((answered >= number) | done).sum())))
    steps.append(("End", int(done.sum())))
    return tuple(_estimate(name, count, n, level) for name, count in steps)


def staying(people: pd.DataFrame) -> pd.DataFrame:
    """Those who could go on as far as they liked, and whose way is known."""
    gone = people["state"] == "withdrawn"
    if "ended" in people:
        gone |= people["ended"].isin(["screened_out", "full", "failed_checks"])
    return people[~gone]


def _answered(frames: Frames, people: pd.DataFrame) -> pd.Series[int]:
    if "answered" in people:
        return people["answered"].fillna(0).astype(int)
    trials = frames.responses.drop_duplicates(["participant", "trial"])
    counts = trials["participant"].value_counts()
    return people["participant"].map(counts).fillna(0).astype(int)


def _longest(people: pd.DataFrame, answered: pd.Series[int]) -> int:
    planned = people["trials"].max() if "trials" in people and len(people) else answered.max()
    return int(planned) if planned == planned else 0


def _estimate(name: str, count: int, n: int, level: float) -> Estimate:
    low, high = (float(end) for end in wilson(count, n, level))
    share = count / n if n else float("nan")
    method = "share of those who consented, Wilson"
    note = "" if n else "no participants"
    return Estimate(
        "reached_share", name, "all", share, low, high, level, n, count, method, SOURCE, note=note
    )
