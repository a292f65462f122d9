"""Answers during which the page was out of sight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from analysis.rules import Evidence, Exclusion

Setting = Annotated[int, Field(ge=0)]
DEFAULT = 0
ABOUT = (
    "An answer during which the page was out of sight for longer, in milliseconds, does not "
    "count; 0: any does."
)


def find(evidence: Evidence, setting: float) -> Iterator[Exclusion]:
    """The single answers with the page hidden for longer."""
    what = f"single answers with the page out of sight for more than {setting:.0f} ms"
    yield Exclusion("hidden_answers", what, trials=evidence.slow("hidden_ms", setting), single=True)
