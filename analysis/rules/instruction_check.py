"""The question about the instructions: whether they were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.rules import Evidence, Exclusion
from db.checks import CHECK

Setting = Mapping[str, Any] | None
DEFAULT = None
ABOUT = "A question after the instructions with one right choice, and how often it may be tried."


def find(evidence: Evidence, setting: Mapping[str, Any]) -> Iterator[Exclusion]:
    """Who used all attempts without the right choice; who was not asked yet did not fail."""
    people = evidence.people
    choice = people[CHECK] if CHECK in people else people["participant"].map(lambda _: None)
    begun = people["started_at"].notna()
    wrong = choice.notna() & (choice != setting["right"]) & begun
    what = "the wrong choice in the question about the instructions"
    yield Exclusion("instructions", what, tuple(people.loc[wrong, "participant"]))
