"""Concepts as a study shows them: sets of segments, each a picture by content hash.

Torch-free, because the survey and the command line read them too.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from explainers.problems import Problems

FILE = "concepts.json"
SHEET = "concept_sheet.png"
"""All concepts on one picture, for the researcher to look at."""
ROW = 4
"""Segments of a row, as in the coherency test of Ghorbani et al. (2019)."""


@dataclass(frozen=True)
class Segment:
    """One picture of a concept: a piece of a face.

    Arguments:
        sha256: hash of the PNG's bytes; the file is ``<sha256>.png``.
        face: the face that it was cut from.
        box: x, y, width, height in pixels of the picture that the model sees.
        score: how well it belongs to the concept; higher is better, comparable within a concept.
    """

    sha256: str
    face: str
    box: tuple[int, int, int, int]
    score: float


@dataclass(frozen=True)
class Row:
    """Some segments of a concept beside each other, as one picture.

    Arguments:
        sha256: hash of the PNG's bytes; the file is ``<sha256>.png``.
        segments: the hashes of its segments, from left to right.
    """

    sha256: str
    segments: tuple[str, ...]


@dataclass(frozen=True)
class Concept:
    """Segments that belong together in a network, best first.

    Arguments:
        id: unique within the study, such as ``ace-happy-1``.
        family: the study's name of the finder, such as ``ace``.
        model: the study's name of the model.
        layer: where in the network they are alike.
        target: the class whose faces it was found in; empty where there is none.
        name: its word from the vocabulary where one fits, such as ``mouth``; else empty.
        random: segments drawn at random from the same class: the control, no concept.
        segments: best first.
        scores: what was measured, such as importance, p value, IoU.
        provenance: everything needed to find it again.
        rows: its segments four at a time (`ROW`), those that belong best first; of different
            faces where there are enough, see `varied`.
    """

    id: str
    family: str
    model: str
    layer: str
    target: str
    name: str
    random: bool
    segments: tuple[Segment, ...]
    scores: dict[str, float] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()

    @property
    def kin(self) -> tuple[str, str, str, str]:
        """What concepts that can be compared share: finder, network, layer and class."""
        return self.family, self.model, self.layer, self.target


@dataclass(frozen=True)
class Collection:
    """All concepts of a built study, stored as ``stimuli/concepts.json``.

    Example:
        >>> Collection(()).of("ace")
        ()
    """

    concepts: tuple[Concept, ...]

    def of(self, family: str) -> tuple[Concept, ...]:
        """The concepts of one finder of the study, in the order found."""
        return tuple(concept for concept in self.concepts if concept.family == family)

    def save(self, folder: Path) -> None:
        """Write ``folder/concepts.json`` in one step, so that nobody reads half of it."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        temporary = folder / f"{FILE}.{os.getpid()}"
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Collection:
        """Read ``folder/concepts.json``; Problems when there is none or it is damaged."""
        path = folder / FILE
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(_concept(entry) for entry in data["concepts"]))
        except FileNotFoundError:
            raise Problems.one(str(path), "is not there", "run `whyface build` first") from None
        except (ValueError, KeyError, TypeError) as error:
            raise Problems.one(
                str(path), f"is damaged ({error})", "run `whyface build` again"
            ) from None


def pictures(collection: Collection) -> set[str]:
    """The names of the files of all segments and rows."""
    segments = {segment.sha256 for c in collection.concepts for segment in c.segments}
    rows = {row.sha256 for c in collection.concepts for row in c.rows}
    return {f"{sha256}.png" for sha256 in segments | rows}


def varied(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments with those of different faces first: each face once, then each twice, and so on.

    The best segments of a concept are often near doubles from one face; who sees them side by side
    recognises the face, not the concept.

    Arguments:
        segments: best first.

    Returns: the same segments; among those that are the n-th of their face the best first.

    Example:
        >>> cut = [Segment(str(n), face, (0, 0, 1, 1), 0.0) for n, face in enumerate("aabac")]
        >>> "".join(segment.sha256 for segment in varied(cut))
        '02413'
    """
    before: Counter[str] = Counter()
    turns = []
    for rank, segment in enumerate(segments):
        turns.append((before[segment.face], rank))
        before[segment.face] += 1
    return tuple(segments[rank] for _, rank in sorted(turns))


def _concept(entry: dict[str, Any]) -> Concept:
    segments = (Segment(**(one | {"box": tuple(one["box"])})) for one in entry["segments"])
    rows = (Row(one["sha256"], tuple(one["segments"])) for one in entry.get("rows", ()))
    return Concept(**(entry | {"segments": tuple(segments), "rows": tuple(rows)}))
