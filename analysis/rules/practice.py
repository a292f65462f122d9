"""The gate behind the practice: whether it was passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.rules import Evidence, Exclusion
from db.gates import PRACTICE

ABOUT = "Practice that must be passed, see ``practice`` of a block."
SUMS = True


def setting(study: Mapping[str, Any]) -> bool:
    """Declared where the practice is: whether any block has a gate."""
    return any(block.get("practice") for block in study.get("blocks") or ())


def find(evidence: Evidence, setting: bool) -> Iterator[Exclusion]:
    """Who was not right often enough in the last round; who did not come so far did not fail."""
    people = evidence.people
    failed = people[PRACTICE].eq("no") if PRACTICE in people else people["participant"].isna()
    yield Exclusion(
        "practice", "did not pass the practice", tuple(people.loc[failed, "participant"])
    )
