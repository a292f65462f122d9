"""Who took part: counts and shares of the choices in each background question (Fig. 17)."""

from __future__ import annotations

from typing import NamedTuple

from analysis.data import segments
from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.intervals import wilson

SOURCE = "Wilson 1927, JASA 22:209"


class Demographic(NamedTuple):
    """One background question: its column, its text, the labels and one estimate per choice."""

    question: str
    title: str
    labels: dict[str, str]
    estimates: tuple[Estimate, ...]


def demographics(frames: Frames, level: float = 0.95) -> list[Demographic]:
    """The share of participants for each choice of each background question.

    Here a participant is one independent answer, so Wilson's interval holds. In the estimates,
    ``participants`` counts those who answered the question and ``answers`` those who chose
    ``item``; ``segment`` is the question's id.

    Returns:
        one entry for each question, in the order of the study file, choices in declared order.
    """
    asked = [question["id"] for question in frames.study.get("background") or []]
    known = segments.columns({**frames.study, "segments": {}})
    found = []
    for name in asked:
        title, labels = known[name]
        given = frames.participants[name].dropna()
        silent = len(frames.participants) - len(given)
        note = f"{silent} gave no answer" if silent else ""
        estimates = []
        for choice in labels:
            count, n = int((given == choice).sum()), len(given)
            low, high = (float(end) for end in wilson(count, n, level))
            estimates.append(
                Estimate(
                    "participant_share",
                    choice,
                    name,
                    count / n if n else float("nan"),
                    low,
                    high,
                    level,
                    n,
                    count,
                    "share of participants, Wilson",
                    SOURCE,
                    note=note if n else "no participants",
                )
            )
        found.append(Demographic(name, title, labels, tuple(estimates)))
    return found
