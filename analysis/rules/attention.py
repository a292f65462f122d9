"""Attention checks: questions that ask for a certain answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from analysis.rules import Evidence, Exclusion

Setting = Annotated[int, Field(ge=0)]
DEFAULT = 0
ABOUT = "So many attention checks a participant must pass."
SUMS = True


def find(evidence: Evidence, setting: int) -> Iterator[Exclusion]:
    """Who passed fewer checks; who left before one came is incomplete, not inattentive."""
    people = evidence.people
    mine = evidence.walks[["checks", "passed"]].reindex(people["participant"]).fillna(0)
    reached = (mine["passed"] >= setting).to_numpy()
    seen = (mine["checks"] > 0).to_numpy()
    done = (people["state"] == "completed").to_numpy()
    failed = people.loc[~reached & (seen | done), "participant"]
    words = "the attention check" if setting == 1 else f"{setting} attention checks"
    yield Exclusion("attention", f"did not pass {words}", tuple(failed))
