"""Too few answers that count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from analysis.rules import Evidence, Exclusion

Setting = Annotated[int, Field(ge=0)]
DEFAULT = 0
ABOUT = "So many main answers of a participant must be left when single answers were set aside."
LAST = True


def find(evidence: Evidence, setting: int) -> Iterator[Exclusion]:
    """Who finished and has fewer left; who did not finish is incomplete anyway."""
    trials = evidence.trials
    left = trials[~trials["trial"].isin(evidence.aside)].groupby("participant", observed=True)
    people = evidence.people
    counts = left.size().reindex(people["participant"]).fillna(0).to_numpy()
    few = people.loc[(counts < setting) & (people["state"] == "completed"), "participant"]
    yield Exclusion("few_answers", f"fewer than {setting} answers that count", tuple(few))
