"""Concepts as a study shows them: sets of segments, each a picture by content hash.

Torch-free, because the survey and the command line read them too.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from explainers.problems import Problems

FILE = "concepts.json"


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


def _concept(entry: dict[str, Any]) -> Concept:
    segments = (Segment(**(one | {"box": tuple(one["box"])})) for one in entry["segments"])
    return Concept(**(entry | {"segments": tuple(segments)}))
