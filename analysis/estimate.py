"""The one form in which results leave the analysis."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """A number about people, with its uncertainty and where it comes from.

    Charts, tables and exports draw estimates, never raw rows.

    Arguments:
        quantity: what is estimated, such as ``selection_share``.
        item: what it is about, such as an option's name; empty when it is about all.
        segment: the group of participants; ``all`` for everybody.
        value: the estimate; nan when the data cannot tell.
        low, high: the interval's ends, same unit as ``value``; nan when there is none.
        level: coverage of the interval, such as .95.
        participants: how many people it rests on.
        answers: how many answers it rests on.
        method: how value and interval were computed, in words.
        source: paper or text book of the method.
        p: p value where the quantity is a test, else None.
        note: what a reader must know (a unanimous segment, too few people, ...).
        error: standard error of ``value`` where the method gives one, else None.
        p_single: the test's own p value where ``p`` is adjusted for others made with it.

    Example:
        >>> e = Estimate("selection_share", "saliency", "all", .5, .4, .6, .95, 20, 160, "t", "")
        >>> e.as_dict()["value"]
        0.5
    """

    quantity: str
    item: str
    segment: str
    value: float
    low: float
    high: float
    level: float
    participants: int
    answers: int
    method: str
    source: str
    p: float | None = None
    note: str = ""
    error: float | None = None
    p_single: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a data frame's row or JSON."""
        return asdict(self)
