"""Answers that came too fast to be a look at the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from analysis.rules import Evidence, Exclusion

if TYPE_CHECKING:
    import pandas as pd

Setting = Annotated[int, Field(ge=0)]
DEFAULT = 300
ABOUT = (
    "An answer that came faster, in milliseconds, was not a look at the pictures; nor does a "
    "participant count whose median is faster."
)
SUMS = True


def find(evidence: Evidence, setting: float) -> Iterator[Exclusion]:
    """Who was fast as a rule, and the single fast answers of the others."""
    hasty = sorted(evidence.walks.index[_median_below(evidence.walks, setting)])
    fast = evidence.fast
    rest = fast.loc[~fast["participant"].isin(hasty), "trial"]
    yield Exclusion("too_fast", f"median answer faster than {setting:.0f} ms", tuple(hasty))
    yield Exclusion(
        "fast_answers",
        f"single answers faster than {setting:.0f} ms, of participants who stay",
        trials=tuple(rest),
        single=True,
    )


def _median_below(walks: pd.DataFrame, limit: float) -> pd.Series[Any]:
    # With half of the times on each side, the median lies midway between the two next to the limit.
    halves = 2 * walks["fast"] - walks["timed"]
    middle = (walks["slowest_fast"] + walks["fastest_slow"]) / 2
    return (halves > 0) | ((halves == 0) & (middle < limit))
