"""Published numbers, and where these answers' intervals lie beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan

from analysis import statistics
from analysis.data.frames import Frames
from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.words.choices import concepts_of

READ = "read in the paper"
REPORTED = "as reported elsewhere"


@dataclass(frozen=True)
class Figure:
    """A published number about people.

    Arguments:
        text: what was measured, in words.
        kind: the trial type that measures it, such as ``intruder``.
        statistic, quantity: what gives the same number here.
        value: as published, a share.
        spread: the uncertainty or the number of people, as published.
        mark: `READ` in the primary text, or `REPORTED` by others.
        group: background question -> choices that we take for the published group; everybody if
            empty.
        caution: in what the published test differs; empty if it does not.
    """

    text: str
    kind: str
    statistic: str
    quantity: str
    value: float
    spread: str
    mark: str
    group: Mapping[str, Sequence[str]] = field(default_factory=dict)
    caution: str = ""


@dataclass(frozen=True)
class Beside:
    """A published number beside these answers.

    Arguments:
        figure: what was published.
        estimate: the same from these answers; None where they cannot tell.
        verdict: ``inside the interval``, ``published is higher`` (or ``lower``), or why none.
    """

    figure: Figure
    estimate: Estimate | None
    verdict: str


def beside(figure: Figure, frames: Frames, level: float = 0.95) -> Beside:
    """One published number beside the answers of the same kind of test.

    The verdict looks at the uncertainty of these answers alone: the published number has its own.
    """
    people = frames.participants
    for question, choices in figure.group.items():
        if question not in people:
            return Beside(figure, None, f"the study does not ask {question}")
        people = people[people[question].isin(list(choices))]
    rows = concepts_of(frames.keep(people["participant"])).main
    rows = rows[rows["type"].astype(str) == figure.kind]
    if rows.empty:
        return Beside(figure, None, "nobody of this group has answered")
    try:
        estimates = statistics.run(figure.statistic, rows, level=level)
    except AnalysisError as error:
        return Beside(figure, None, error.what)
    e = next(e for e in estimates if e.quantity == figure.quantity)
    if isnan(e.value) or isnan(e.low):
        return Beside(figure, None, e.note or "too few answers")
    if e.low <= figure.value <= e.high:
        return Beside(figure, e, "inside the interval")
    return Beside(
        figure, e, "published is higher" if figure.value > e.high else "published is lower"
    )
