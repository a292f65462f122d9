"""Probe, mate and a stranger who differs from the mate in one part of the face only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from explainers.face import Array, Face
from explainers.face_model import FaceModel
from explainers.faces.part_swap import Swap, mirrored, swap
from explainers.faces.parts import part_numbers
from explainers.problems import Problem, Problems, suggest
from explainers.targets.triplet import Triplet

PARTS = ("brows", "eyes", "nose", "mouth")


@dataclass(frozen=True, eq=False)
class InpaintedTriplet:
    """A probe, its mate, and the mate with one part of another person.

    Arguments:
        probe: the explained face.
        twin: the probe with the donor's part.
        target: how much more the probe is like its mate than like the inpainted one.
        part: what was exchanged.
        donor: whose part it is.
        region: bool, [S, S], the pixels of the probe's chip that may differ from the twin's.
        margin: how clearly the network tells the two apart; see `inpainted_triplets`.
    """

    probe: Face
    twin: Face
    target: Triplet
    part: str
    donor: str
    region: Array
    margin: float


def inpainted_triplets(
    model: FaceModel,
    probes: Sequence[Face],
    donors: Sequence[Face],
    parts: Sequence[str] = PARTS,
    margin: float = 0.01,
    each: int = 1,
) -> Iterator[InpaintedTriplet]:
    """The triplets that this network can tell apart, for each probe and part at most ``each``.

    Source: Williford, May & Byrne, Explainable Face Recognition (2020), Section 5; survey, Section
    2.5. The mate is another picture of the probe's person: here its mirror image. The inpainted
    non-mate is the mirror image of the twin.
    Formula: with ``d(x) = cos(f(x), f(mate)) - cos(f(x), f(non-mate))`` a triplet is used when the
    network knows both, ``min(d(probe), -d(twin)) >= margin``.

    Arguments:
        model: any network; its output is taken as the embedding.
        probes: faces with part maps.
        donors: faces with part maps; they are tried in turn, beginning after the probe.
        parts: names as in ``explainers/faces/parts.json``.
        margin: the least difference of cosines.
        each: how many triplets are wanted for each probe and part.

    Errors: Problems for unknown parts and for faces without part maps.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> faces = load_faces("rendered", None, ["f01", "f02"])
        >>> found = inpainted_triplets(recognition.load(), faces[:1], faces, ["nose"])
        >>> [triplet.twin.id for triplet in found]
        ['f01+nose:f02']
    """
    _check(probes, donors, parts)
    for probe in probes:
        for part in parts:
            if not _shows(probe, part):
                continue
            found = 0
            for donor in _others(probe, donors):
                if found == each or not _shows(donor, part):
                    continue
                made = swap(probe, donor, part)
                target = Triplet(mirrored(made.before), mirrored(made.after))
                clear = _margin(model, made, target)
                if clear >= margin:
                    found += 1
                    region = made.chip_region(model.input_size, model.chip_padding)
                    yield InpaintedTriplet(probe, made.after, target, part, donor.id, region, clear)


def _margin(model: FaceModel, made: Swap, target: Triplet) -> float:
    with torch.no_grad():
        probe, twin = target(model, model.prepare([made.before, made.after])).tolist()
    return min(probe, -twin)


def _others(probe: Face, donors: Sequence[Face]) -> list[Face]:
    """The donors without the probe, beginning with the one after it."""
    ids = [donor.id for donor in donors]
    start = ids.index(probe.id) + 1 if probe.id in ids else 0
    turned = [*donors[start:], *donors[:start]]
    return [donor for donor in turned if donor.id != probe.id]


def _shows(face: Face, part: str) -> bool:
    return bool(np.any(face.parts == part_numbers()[part]))


def _check(probes: Sequence[Face], donors: Sequence[Face], parts: Sequence[str]) -> None:
    numbers = part_numbers()
    problems = [
        Problem("parts", f"unknown part '{part}'", suggest(part, numbers))
        for part in parts
        if part not in numbers
    ]
    bare = {face.id: face for face in [*probes, *donors] if face.parts is None}
    problems += [
        Problem(f"face {name}", "has no part map", "load the faces with parts=True")
        for name in bare
    ]
    if problems:
        raise Problems(problems)
