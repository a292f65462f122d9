"""Answers that took so long that the participant did something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from analysis.rules import Evidence, Exclusion

Setting = Annotated[int, Field(ge=0)]
DEFAULT = 0
ABOUT = "An answer that took longer, in milliseconds, does not count; 0: any does."


def find(evidence: Evidence, setting: float) -> Iterator[Exclusion]:
    """The single slow answers."""
    what = f"single answers slower than {setting:.0f} ms"
    yield Exclusion("slow_answers", what, trials=evidence.slow("rt_ms", setting), single=True)
