"""Concepts ordered by how well people recognised them, with the very pictures that they saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

import pandas as pd

from analysis import statistics
from analysis.data.frames import Frames
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.words.choices import concepts_of

_MOST = 10  # pictures of a concept that are shown
_WORDS = 5


@dataclass(frozen=True)
class Exhibit:
    """One concept in one kind of test.

    Arguments:
        rank: its place, 1 is the best recognised.
        concept, family, model, layer, target: what it is, as in the study.
        pictures: SHA-256 of the segments (or rows of segments) that people saw.
        accuracy: share of right answers about it.
        groups: the same for each group of the first declared segment.
        words: group of words -> how many people wrote it about this concept; the most frequent.
    """

    rank: int
    concept: str
    family: str
    model: str
    layer: str
    target: str
    pictures: tuple[str, ...]
    accuracy: Estimate
    groups: tuple[Estimate, ...]
    words: tuple[tuple[str, int], ...]

    @property
    def about(self) -> str:
        """Where it was found, in words."""
        target = self.target.replace("_", " ")
        return " · ".join(part for part in (self.model, self.layer, target, self.family) if part)


@dataclass(frozen=True)
class Gallery:
    """The concepts of one kind of test, best recognised first.

    Arguments:
        kind: the trial type, such as ``intruder``.
        chance: share of right answers by guessing.
        exhibits: ranked by accuracy; ties by the interval's lower end, then by name.
        within: the column of the groups, None where the study declares no segment.
    """

    kind: str
    chance: float
    exhibits: tuple[Exhibit, ...]
    within: str | None


def galleries(frames: Frames, level: float = 0.95) -> tuple[Gallery, ...]:
    """A gallery for each kind of test in which concepts were recognised or not.

    Arguments:
        frames: the answers that count.
        level: coverage of the intervals.
    """
    rows = concepts_of(frames).main
    words = _words(rows)
    found = []
    known = rows[rows["value"].notna()]
    within = next(iter(frames.segments), None)
    for kind in dict.fromkeys(known["type"].astype(str)):
        mine = known[known["type"].astype(str) == kind]
        estimates = statistics.run(
            "choice_accuracy", mine, by="concept", within=within, level=level
        )
        first = mine.drop_duplicates("concept").set_index("concept")
        pictures = _pictures(frames, kind)
        overall = [e for e in estimates if e.segment == ALL and not isnan(e.value)]
        ranked = sorted(overall, key=lambda e: (-e.value, -e.low, e.item))
        exhibits = tuple(
            Exhibit(
                place,
                e.item,
                _text(first.at[e.item, "family"]),
                _text(first.at[e.item, "model"]),
                _text(first.at[e.item, "layer"]),
                _text(first.at[e.item, "target"]),
                tuple(pictures.get(e.item, ()))[:_MOST],
                e,
                tuple(g for g in estimates if g.item == e.item and g.segment != ALL),
                tuple(words.get(e.item, Counter()).most_common(_WORDS)),
            )
            for place, e in enumerate(ranked, start=1)
        )
        found.append(Gallery(kind, float(mine["chance"].astype(float).mean()), exhibits, within))
    return tuple(found)


def _words(rows: pd.DataFrame) -> Mapping[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    if "word" not in rows:
        return counts
    told = rows[rows["word"].notna() & ~rows["value"].eq(0)]
    for concept, word in zip(told["concept"], told["word"], strict=True):
        counts.setdefault(str(concept), Counter())[str(word)] += 1
    return counts


def _pictures(frames: Frames, kind: str) -> dict[str, list[str]]:
    """What was shown of each concept: no intruder, nothing drawn at random."""
    asked = frames.main.loc[frames.main["type"].astype(str) == kind, "item"].unique()
    found: dict[str, list[str]] = {}
    for name in asked:
        item = frames.items.get(name, {})
        own = str(item.get("concept", ""))
        for option in item.get("options") or ():
            stranger = option.get("concept", own) != own or option["option"] == "random"
            mine = found.setdefault(own, [])
            if not stranger and option.get("sha256") and option["sha256"] not in mine:
                mine.append(str(option["sha256"]))
    return found


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
