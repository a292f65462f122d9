"""What the planned analyses of one simulated study found."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.data import exclusions
from analysis.data.frames import Frames
from analysis.plan import Result, planned


class Key(NamedTuple):
    """One estimate of the plan: which analysis, quantity, item and segment."""

    analysis: str
    quantity: str
    item: str
    segment: str


FIELDS = ("value", "low", "high", "p", "single", "family")
"""Of each estimate: value, interval, p as reported, p of the test alone, p over the family."""


@dataclass(frozen=True)
class Outcomes:
    """The estimates of many simulated studies of one design.

    Arguments:
        keys: which estimates.
        numbers: [studies, keys, fields], see `FIELDS`; nan where there is none.
    """

    keys: tuple[Key, ...]
    numbers: NDArray[np.float64]

    def of(self, key: Key, field: str) -> NDArray[np.float64]:
        """One number of each simulated study."""
        found: NDArray[np.float64] = self.numbers[:, self.keys.index(key), FIELDS.index(field)]
        return found

    def __len__(self) -> int:
        return len(self.numbers)


def results(frames: Frames, level: float) -> list[Result]:
    """The declared exclusions, then the plan as written."""
    with warnings.catch_warnings():
        # Of thousands of studies some are odd; what could not be computed is nan and is counted.
        warnings.simplefilter("ignore")
        return planned(exclusions.apply(frames, exclusions.find(frames)), level)


def outcome(frames: Frames, level: float) -> dict[Key, tuple[float, ...]]:
    """The numbers of each planned estimate of one simulated study."""
    found: dict[Key, tuple[float, ...]] = {}
    for result in results(frames, level):
        family = result.family or tuple(e.p for e in result.estimates)
        for e, adjusted in zip(result.estimates, family, strict=True):
            p = _number(e.p)
            single = p if e.p_single is None else e.p_single
            numbers = (e.value, e.low, e.high, p, single, _number(adjusted))
            found[Key(result.id, e.quantity, e.item, e.segment)] = numbers
    return found


def together(many: list[dict[Key, tuple[float, ...]]]) -> Outcomes:
    """The outcomes of single studies as one table."""
    keys = tuple(dict.fromkeys(key for one in many for key in one))
    none = (np.nan,) * len(FIELDS)
    table = [[one.get(key, none) for key in keys] for one in many]
    return Outcomes(keys, np.array(table, float).reshape(len(many), len(keys), len(FIELDS)))


def joined(parts: list[Outcomes]) -> Outcomes:
    """The outcomes of several batches, in their order."""
    keys = tuple(dict.fromkeys(key for part in parts for key in part.keys))
    tables = []
    for part in parts:
        table = np.full((len(part), len(keys), len(FIELDS)), np.nan)
        table[:, [keys.index(key) for key in part.keys]] = part.numbers
        tables.append(table)
    return Outcomes(keys, np.concatenate(tables))


def _number(p: float | None) -> float:
    return np.nan if p is None else p
