"""Explanations side by side: methods by faces, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explainers.explanation import Explanation

MOST = 0.995
"""Share of a row's pixels that are below full colour: a few outliers would bleach all others."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One explanation of one face, or why there is none.

    Arguments:
        explanation: the values; None where the method cannot serve.
        reason: why not, and what to use instead; empty otherwise.
        provenance: what was computed, how, and where.
        below: what its colours lie over, RGB in [0, 1], [3, S, S].
    """

    explanation: Explanation | None
    reason: str
    provenance: Mapping[str, Any]
    below: npt.NDArray[Any] | None = None

    @property
    def unit(self) -> str:
        """The scale on which a class is explained, in words; empty where there is none."""
        use = self.provenance.get("target", {}).get("use", "")
        scale = self.provenance.get("parameters", {}).get("of", "")
        return str(scale).replace("_", " ") if use.startswith("class_") else ""

    @property
    def told(self) -> dict[str, Any]:
        """Its origin and range, as plain values."""
        if self.explanation is None:
            return {"reason": self.reason}
        values = self.explanation.values
        found = {
            "least": float(values.min()),
            "most": float(values.max()),
            "limit": limit_of([self.explanation]),
        }
        return {**found, **self.provenance}


@dataclass(frozen=True, eq=False)
class Column:
    """One face as the model sees it.

    Arguments:
        face: its id.
        chip: RGB in [0, 1], [3, S, S].
        says: what the model says about it, line by line.
    """

    face: str
    chip: npt.NDArray[Any]
    says: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """One method.

    Arguments:
        name: what the figure calls it.
        notes: its parameters that are not at their defaults, and its target if it has its own.
        cells: one for each face.
    """

    name: str
    notes: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def limit(self) -> float:
        """Where the colour of a row's maps is strongest; 0 if there is none."""
        return limit_of(cell.explanation for cell in self.cells)


@dataclass(frozen=True, eq=False)
class Grid:
    """Methods by faces.

    Arguments:
        title: the model and what is explained.
        columns: the faces.
        rows: the methods.
        left_out: methods that explain none of the faces, each with its reason.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, str]

    def told(self) -> dict[str, Any]:
        """Where every picture comes from, as plain values for a JSON file."""
        faces = [column.face for column in self.columns]
        return {
            "title": self.title,
            "faces": [{"face": c.face, "says": list(c.says)} for c in self.columns],
            "rows": [
                {
                    "row": row.name,
                    "limit": row.limit,
                    "cells": [
                        {"face": face, **cell.told}
                        for face, cell in zip(faces, row.cells, strict=True)
                    ],
                }
                for row in self.rows
            ],
            "left_out": dict(self.left_out),
        }


def limit_of(explanations: Iterable[Explanation | None]) -> float:
    """The value that ``MOST`` of the pixels' absolute values do not exceed; 0 without any map.

    Example:
        >>> one = Explanation(np.full((4, 4), -2.0), "signed")
        >>> limit_of([one, None])
        2.0
    """
    values = [np.abs(e.values).ravel() for e in explanations if e and e.kind != "image"]
    every = np.concatenate(values) if values else np.zeros(1)
    return float(np.quantile(every, MOST, method="higher")) or float(every.max())
