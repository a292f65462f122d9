"""How an answer is measured: the one word that trial types and statistics share."""

from __future__ import annotations

from enum import StrEnum


class Scale(StrEnum):
    """The scale of an item response.

    A trial type declares the scale of its rows; a statistic declares the scales it accepts.
    Neither knows the other.

    Example:
        >>> Scale("selection") is Scale.SELECTION
        True
    """

    SELECTION = "selection"  # each offered option: 1 picked, 0 not picked
    PAIRWISE = "pairwise"  # two options: 1 preferred, 0 not, .5 tie
    RANKING = "ranking"  # each option: its rank, 1 = best
    RATING = "rating"  # each option: a number on a labelled scale
    CORRECTNESS = "correctness"  # 1 right, 0 wrong
    WORD = "word"  # a text
