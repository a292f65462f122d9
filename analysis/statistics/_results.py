"""Estimates of tests and models: most have no interval, and people may be rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimate import Estimate


@dataclass(frozen=True)
class Results:
    """What all estimates of one analysis of one segment share.

    Arguments:
        segment, level, participants, answers, method, source: see `analysis.estimate.Estimate`.
        note: said beside each estimate.
    """

    segment: str
    level: float
    participants: int
    answers: int
    method: str
    source: str
    note: str = ""

    def give(
        self,
        quantity: str,
        value: Any,
        item: str = "",
        *,
        low: Any = np.nan,
        high: Any = np.nan,
        p: Any = None,
        error: Any = None,
        p_single: Any = None,
        note: str = "",
    ) -> Estimate:
        """One estimate; a p value that is smaller than any float stays greater than zero."""
        return Estimate(
            quantity,
            item,
            self.segment,
            float(value),
            float(low),
            float(high),
            self.level,
            self.participants,
            self.answers,
            self.method,
            self.source,
            p=None if p is None else _positive(p),
            note="; ".join(text for text in (self.note, note) if text),
            error=None if error is None else float(error),
            p_single=None if p_single is None else _positive(p_single),
        )


def _positive(p: Any) -> float:
    return max(float(p), float(np.finfo(float).tiny)) if p == p else float("nan")


def people(data: pd.DataFrame, unit: str | None = None) -> int:
    """How many participants; without such a column each ``unit`` (or row) is a person."""
    for column in ("participant", unit):
        if column in data:
            return int(data[column].nunique())
    return len(data)
