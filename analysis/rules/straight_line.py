"""Straight-lining: the same answer by place on the page, whatever stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from analysis.rules import Evidence, Exclusion

if TYPE_CHECKING:
    import pandas as pd

Setting = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
DEFAULT = 0.0
ABOUT = (
    "A participant does not count who gave at least this share of the main questions the very "
    "same answer by place on the page, such as 0.9; 0: anybody does. Blocks with fewer than four "
    "answers tell nothing."
)
LEAST = 4
"""Answers in a block from which on its share tells something."""


def find(evidence: Evidence, setting: float) -> Iterator[Exclusion]:
    """Who answered alike at least so often."""
    shares = same_places(evidence.main)
    alike = sorted(shares.index[shares >= setting])
    what = f"the same answer by place in {setting:.0%} of the questions or more"
    yield Exclusion("straight_line", what, tuple(alike))


def same_places(answers: pd.DataFrame) -> pd.Series[float]:
    """How often each participant gave the answer that they gave most.

    An answer is the values in the order of display. Because the order of the explanations is
    balanced, who has a preference does not answer alike by place; who always picks the first,
    never moves a card or rates all alike does.

    Source: differentiation between items as a sign of satisficing, J. A. Krosnick, Applied
    Cognitive Psychology 5 (1991) 213-236.

    Formula: sum over blocks of the most frequent answer's count / sum of the blocks' answers,
    over blocks with at least `LEAST` of them.

    Arguments:
        answers: participant, trial, block, option_position, value; texts are left out.

    Returns: the share for each participant who answered enough.
    """
    told = answers.dropna(subset="value").sort_values(["trial", "option_position"])
    keys = ["participant", "block", "trial"]
    given = told.groupby(keys, observed=True, dropna=False)["value"].agg(tuple)
    by_block = given.groupby(["participant", "block"], observed=True, dropna=False)
    most = by_block.agg(lambda each: each.value_counts().iloc[0])
    counts = most.to_frame("most").assign(all=by_block.size())
    whole = counts[counts["all"] >= LEAST].groupby("participant", observed=True).sum()
    return whole["most"] / whole["all"]
