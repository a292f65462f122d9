"""Practice with a gate: what a round of it must reach, and what the next round asks.

A block of practice may say ``practice: {attempts: 3, pass: 1.0}``. Whoever is not right often
enough practises once more; the transaction that stores the last answer of a round decides
(`db.gates`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.gates import Gate
from db.records import Plan
from study_app.frozen import Frozen
from study_app.orders import arms
from study_app.orders.sequence import practised_again

Row = Mapping[str, Any]


def gate(study: Frozen, row: Row) -> Gate | None:
    """The gate of a trial; None where there is none.

    Arguments:
        row: the trial's columns.
    """
    index, attempt = row["block"], round_of(row)
    rule = study.blocks[index].get("practice")
    if rule is None:
        return None

    def again(place: int, arm: str) -> list[Plan]:
        own = arms.in_arm(study, arm)
        return practised_again(own, place, index, attempt + 1, row["position"] + 1)

    ends = rule["on_fail"] == "end"
    return Gate(index, attempt, rule["attempts"], rule["pass"], ends, again)


def round_of(row: Row) -> int:
    """Which round of practice a trial belongs to, from 1."""
    return int(row["config"].get("attempt", 1))
