"""The words that the database, the survey and the analysis share."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class Mode(StrEnum):
    """Why somebody walks through a study; only ``live`` answers are results."""

    LIVE = "live"
    PILOT = "pilot"
    TEST = "test"
    SIMULATED = "simulated"


class Status(StrEnum):
    """How far a version of a study has come; only a live one takes live participants."""

    DRAFT = "draft"
    FROZEN = "frozen"
    LIVE = "live"
    CLOSED = "closed"


class Stage(StrEnum):
    """Where a participant stands, from consent (which creates the assignment) to the end."""

    BACKGROUND = "background"
    INSTRUCTIONS = "instructions"
    TRIALS = "trials"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


UNDER_WAY = (Stage.BACKGROUND, Stage.INSTRUCTIONS, Stage.TRIALS)
"""The stages of whoever may still go on, unless an `Ending` is noted."""


class Ending(StrEnum):
    """Why the study ended for a participant before its end; their stage says how far they were."""

    SCREENED_OUT = "screened_out"
    FULL = "full"
    TIMED_OUT = "timed_out"
    FAILED_CHECKS = "failed_checks"


class Quota(NamedTuple):
    """So many participants who answered ``choice`` to a background question are wanted."""

    question: str
    choice: str
    places: int


class Timing(StrEnum):
    """Whose clock measured a response time."""

    CLIENT = "client"
    SERVER = "server"


PREFER_NOT = "prefer_not_to_say"
"""The value of a background question that a participant chose not to answer."""


class Offer(NamedTuple):
    """One option as it is offered: ``position`` counts from 1 in the order of display."""

    position: int
    option: str
    sha256: str


class Plan(NamedTuple):
    """One trial of a participant, planned and stored when the participant joins.

    ``position`` counts from 1; ``config`` is whatever the trial type needs beside the item.
    """

    position: int
    block: int
    role: str
    type: str
    item: str
    options: tuple[Offer, ...]
    config: dict[str, Any]
    required: bool = True


class Table(NamedTuple):
    """Plain columns and rows: ``pandas.DataFrame(table.rows, columns=table.columns)``."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """One dict for each row.

        Example:
            >>> Table(("a", "b"), [(1, 2)]).dicts()
            [{'a': 1, 'b': 2}]
        """
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]
