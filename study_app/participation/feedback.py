"""What is said after an answer in practice, until the participant goes on.

It is derived from the database like every page: as long as nobody has seen the trial after an
answered one, its feedback is shown, also after a reload and in another tab.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from db.store import Store
from study_app import trials
from study_app.frozen import Frozen
from study_app.orders.practice import round_of
from study_app.orders.sequence import rounds
from study_app.participation.answering import trial_of
from study_app.trials import Trial

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Feedback:
    """What is said about an answer that was given in practice.

    Arguments:
        right: whether it was right.
        text: this in words, and what comes next.
        positions: where the right answer stands.
        answer: what was answered, as the browser sent it.
        following: the token of the trial that comes next.
    """

    right: bool
    text: str
    positions: tuple[int, ...]
    answer: Any
    following: str


def pending(
    store: Store, study: Frozen, assignment: int, following: Row
) -> tuple[Row, Trial, Feedback] | None:
    """The trial that was just answered in practice, and the feedback that is being read.

    Arguments:
        assignment: the participant's.
        following: the next trial, which nobody has seen yet while feedback is shown.

    Returns: the columns of the answered trial, the same as its type sees it, and the feedback; None
    when the next trial comes.
    """
    practised = 1 < following["position"] <= following["practice"] + 1
    if following["shown_at"] is not None or not practised or not study.feeds_back:
        return None
    row = store.last_answered(assignment, following["position"])
    if row is None or row["correct"] is None:
        return None
    rule = study.blocks[row["block"]].get("practice")
    if rule is None or not rule["feedback"]:
        return None
    asked = trial_of(study, row)
    where = trials.right_positions(row["type"], asked)
    words = [_verdict(study, asked, row["correct"], where), _onward(study, row, following)]
    text = " ".join(filter(None, words))
    counts = {"total": following["total"], "practice": following["practice"]}
    told = Feedback(row["correct"], text, where, row["answer"].get("answer"), following["token"])
    return {**row, **counts}, asked, told


def _verdict(study: Frozen, asked: Trial, right: bool, positions: tuple[int, ...]) -> str:
    if right:
        return study.words["practice_right"]
    if not positions:
        return study.words["practice_wrong"]
    # As it is read aloud on the page, such as "Picture C".
    alt = getattr(asked.parameters, "alt", "{letter}")
    names = [alt.replace("{letter}", ascii_uppercase[position - 1]) for position in positions]
    told = study.words["separator"].join(names)
    return study.words["practice_wrong_right"].format(answer=told)


def _onward(study: Frozen, row: Row, following: Row) -> str:
    """What comes next, where it is not simply another question of the same round."""
    attempt, most = round_of(following), rounds(study.blocks[row["block"]])
    if following["block"] == row["block"] and attempt > round_of(row):
        return study.words["practice_again"].format(number=attempt, total=most)
    over = following["position"] > following["practice"]
    return study.words["practice_over"] if over else ""
