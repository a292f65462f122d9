"""Participants who rushed through the whole study, or took breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from analysis.rules import Evidence, Exclusion

Minutes = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _in_order(limits: tuple[float, float]) -> tuple[float, float]:
    if limits[0] > limits[1]:
        raise PydanticCustomError("limits", "should be [shortest, longest]")
    return limits


Setting = Annotated[tuple[Minutes, Minutes], AfterValidator(_in_order)] | None
DEFAULT = None
ABOUT = "The shortest and the longest time for all questions in minutes, such as [2, 45]."


def find(evidence: Evidence, setting: Sequence[float]) -> Iterator[Exclusion]:
    """Who took less or more time from the end of the instructions to the last answer."""
    low, high = setting
    people = evidence.people
    minutes = (people["completed_at"] - people["started_at"]).dt.total_seconds() / 60
    for rule, who, words in (
        ("too_short", minutes < low, f"less than {low:g} minutes for all questions"),
        ("too_long", minutes > high, f"more than {high:g} minutes for all questions"),
    ):
        yield Exclusion(rule, words, tuple(people.loc[who, "participant"]))
