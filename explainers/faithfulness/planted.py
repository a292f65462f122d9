"""Planted truth: explanations whose right answer is known, and how near a map comes to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from explainers.explanation import Explanation
from explainers.face import Array, Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.face_names import RENDERED
from explainers.faces.part_swap import mirrored, swap
from explainers.faithfulness import planted_mark as mark
from explainers.faithfulness.inpainted_triplets import PARTS, inpainted_triplets
from explainers.target import Target
from explainers.targets.class_difference import ClassDifference
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet


@dataclass(frozen=True, eq=False)
class Case:
    """Two pictures that differ in one region only, and what a network makes of the difference.

    Arguments:
        name: what was planted, such as ``mouth``.
        model: whose answer changes with the region.
        face: the picture that is explained.
        other: the same picture before the change.
        region: bool, [S, S], the pixels that may differ in the network's input.
        targets: what is explained, by the name of its file; the first is the natural one. By
            construction the change of each is due to the region.
    """

    name: str
    model: FaceModel
    face: Face
    other: Face
    region: Array
    targets: dict[str, Target]

    def target(self, accepted: Sequence[str] = ()) -> tuple[str, Target] | None:
        """The first target among those that a method accepts (all, when empty), with its name."""
        for name, target in self.targets.items():
            if not accepted or name in accepted:
                return name, target
        return None


def swapped_cases(
    model: FaceModel,
    faces: Sequence[Face],
    parts: Sequence[str] = PARTS,
    count: int = 16,
    turns: int = 4,
) -> list[Case]:
    """Faces that the model classifies otherwise with one part of another person, at most ``count``.

    Explained is the new class against the old one. In each turn every face is given one part of the
    face that many places after it, another part than its neighbour. Of all that change the class,
    those with the largest change of the target are taken: where a part merely tips the balance,
    what speaks for the new class was in the face before.

    Arguments:
        turns: how many donors each face has.
    """
    found: list[tuple[float, Case]] = []
    for turn in range(1, min(turns, len(faces) - 1) + 1):
        for index, face in enumerate(faces):
            part = parts[(index + turn) % len(parts)]
            made = swap(face, faces[(index + turn) % len(faces)], part)
            with torch.no_grad():
                logits = model.logits(model.prepare([face, made.after]))
            before, after = logits.argmax(1).tolist()
            if before == after:
                continue
            was, is_now = (logits[:, after] - logits[:, before]).tolist()
            targets: dict[str, Target] = {
                "class_difference": ClassDifference(model.labels[after], model.labels[before]),
                "triplet": Triplet(mirrored(made.after), mirrored(face)),
                "similarity": Similarity(face),
            }
            region = made.chip_region(model.input_size, model.chip_padding)
            found.append((is_now - was, Case(part, model, made.after, face, region, targets)))
    found.sort(key=lambda pair: -pair[0])
    return [case for _, case in found[:count]]


def inpainted_cases(
    model: FaceModel, faces: Sequence[Face], parts: Sequence[str] = PARTS, count: int = 16
) -> Iterator[Case]:
    """Probes and their inpainted twins that a recognition network tells apart, by turns of parts.

    Explained is why the probe is its mate and not the inpainted non-mate.
    """
    found = 0
    for index in range(len(faces) * len(parts)):
        face = faces[index % len(faces)]
        part = parts[(index + index // len(faces)) % len(parts)]
        for triplet in inpainted_triplets(model, [face], faces, [part]):
            targets: dict[str, Target] = {
                "triplet": triplet.target,
                "similarity": Similarity(triplet.twin),
            }
            yield Case(part, model, face, triplet.twin, triplet.region, targets)
            found += 1
            if found == count:
                return


def marked_cases(count: int = 16, seed: int = 1) -> Iterator[Case]:
    """New faces with a mark on the mouth, to a network for which only that mark can matter.

    Explained is the class of the mark against that of no mark. The other picture has no mark on the
    mouth, and is equal everywhere else.
    """
    model = mark.trained().model
    faces = load_faces(RENDERED, Path())
    generator = torch.Generator().manual_seed(seed)
    for index in range(count):
        face = faces[index % len(faces)]
        chips = torch.from_numpy(face.chip(mark.SIZE, mark.PADDING)).expand(3, -1, -1, -1)
        kind, none = index % 2, mark.LABELS.index("none")
        pictures = mark.marked(chips, torch.tensor([kind, none, kind]), generator)
        inside = torch.from_numpy(mark.region(spare=0))
        pictures[1] = torch.where(inside, pictures[1], pictures[0])
        parts = face.chip_parts(mark.SIZE, mark.PADDING)
        this, other, mate = (
            mark.as_face(picture, f"{face.id}-{mark.LABELS[kind]}-{number}-{seed}", parts)
            for number, picture in enumerate(pictures)
        )
        targets: dict[str, Target] = {
            "class_difference": ClassDifference(mark.LABELS[kind], "none"),
            "triplet": Triplet(mate, other),
            "similarity": Similarity(other),
        }
        yield Case("mark", model, this, other, mark.region(), targets)


@dataclass(frozen=True)
class Finding:
    """How near one map comes to the region.

    Arguments:
        hit: whether the most salient pixel lies in the region (the pointing game).
        share: of the positive saliency, that in the region (its energy form).
        area: the region's share of the picture, which is what a flat map has for both.
    """

    hit: float
    share: float
    area: float

    @property
    def gain(self) -> float:
        """How many times denser saliency is in the region than on average; 1 is chance."""
        return self.share / self.area


def finding(explanation: Explanation, region: Array, kind: str = "") -> Finding:
    """Measure a map against a region; peaks of equal height share the hit.

    Arguments:
        explanation: a map, [S, S].
        region: bool, [S, S].
        kind: the target's name; for ``similarity`` what tells two faces apart is negative, so the
            map's negative is measured.

    Example:
        >>> region = np.eye(2, dtype=bool)
        >>> finding(Explanation(np.array([[3.0, 1.0], [-1.0, 0.0]]), "signed"), region)
        Finding(hit=1.0, share=0.75, area=0.5)
    """
    values = explanation.values.astype(float) * (-1 if kind == "similarity" else 1)
    positive = np.maximum(values, 0)
    total, area = positive.sum(), float(region.mean())
    peak = values == values.max()
    return Finding(
        hit=float((peak & region).sum() / peak.sum()),
        share=float(positive[region].sum() / total) if total > 0 else area,
        area=area,
    )
