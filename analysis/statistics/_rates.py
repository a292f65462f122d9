"""From answers to one rate for each participant and option."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from analysis.data.segments import order

SEPARATOR = " - "
COUNT = {"count": "how many answers the row stands for, value is their mean; 1 if there is none"}
"""What a statistic declares under OPTIONAL that rests on participants' mean values alone."""


def rates(data: pd.DataFrame, by: str) -> pd.DataFrame:
    """Each participant's mean value for each option.

    Arguments:
        data: tidy frame with ``participant``, ``by`` and ``value``; rows without value are no
            answers and are left out.
        by: column of the options.

    ``count``, where it is there, says how many answers a row stands for.

    Returns:
        frame [participants, options], options in declared order; nan where a participant was
        never offered the option.

    Example:
        >>> frame = pd.DataFrame(
        ...     {"participant": [1, 1, 1, 1], "option": list("aabb"), "value": [1, 0, 1, 1]}
        ... )
        >>> rates(frame, "option").to_numpy().tolist()
        [[0.5, 1.0]]
    """
    answered = data.dropna(subset=["value", by]).astype({"value": float})
    if "count" in answered:
        answered["value"] *= answered["count"]
        sums = answered.groupby(["participant", by], observed=True)[["value", "count"]].sum()
        table = (sums["value"] / sums["count"]).unstack(by)
    else:
        means = answered.groupby(["participant", by], observed=True)["value"]
        table = means.mean().unstack(by)
    table.columns = [str(name) for name in table.columns]
    return table.reindex(columns=order(data, by))


def complete(data: pd.DataFrame, by: str) -> tuple[pd.DataFrame, str]:
    """The rates of participants who were offered every option, and a note on those left out.

    Options that nobody was offered are left out first: they would leave nobody.
    """
    table = rates(data, by).dropna(axis="columns", how="all")
    whole = table.dropna()
    left_out = len(table) - len(whole)
    note = f"{left_out} participants left out who were not offered every option" if left_out else ""
    return whole, note


def pairs(options: list[str]) -> list[tuple[str, str]]:
    """All pairs of options, in declared order."""
    return list(combinations(options, 2))


def answers(data: pd.DataFrame, by: str) -> dict[str, int]:
    """How many answers there are for each option."""
    answered = data.dropna(subset=["value"])
    if "count" in answered:
        counts = answered.groupby(by, observed=True)["count"].sum()
    else:
        counts = answered[by].value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def rows(data: pd.DataFrame) -> int:
    """How many answers the rows stand for, one for each option of each question."""
    return int(data["count"].sum()) if "count" in data else len(data)


def join_notes(*notes: str) -> str:
    """Notes in one line, empty ones left out."""
    return "; ".join(note for note in notes if note)
