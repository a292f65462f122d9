"""Names units: which part of a face, or which kind of face, does each unit answer to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from explainers.concept_finding.alignment import Alignment, align
from explainers.concept_finding.discovery import Discovery, FoundConcept
from explainers.concept_finding.importance import holm
from explainers.concept_finding.layer_maps import LayerMaps, layer_maps
from explainers.concept_finding.peaks import random_control, strongest_patches
from explainers.concept_finding.truth import Truth, truth_of
from explainers.concept_finding.vocabulary import check_words, find_words
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks

Array = npt.NDArray[Any]

NEAR = 2
"""A part whose highest possible IoU is less than so many times ``least`` is hardly found."""


@dataclass(frozen=True)
class NetworkDissection:
    """Network dissection: a unit detects a part if it answers where the part is, and only there.

    Source: Bau, Zhou, Khosla, Oliva & Torralba, Network Dissection (2017); survey, Section 5 and
    Fig. 15(d).
    Formula: see `explainers.concept_finding.alignment.align`. A unit is a detector of the part
    with its highest IoU if that is above ``least``; the unique detectors of a basis are the
    different parts that have one. A rotated basis is ``Q A`` with a random orthogonal matrix
    ``Q``: it tells classes apart as well as the units do, so fewer unique detectors in it mean
    that units are special.

    Faces differ from the scenes of the paper: each part has its share of every picture, so that a
    unit that answers in half a percent of positions, but only at the forehead, has an IoU of .05 at
    most (``ceiling`` in the table and, of each part, in the checks). The paper's quantile of .005
    is therefore too small for large parts of a face, such as cheeks, skin and hair: with it, no
    detector of them is no sign that there is none. To look for one part, take about its share of
    the pictures (``share`` in the checks) for the quantile, with ``words: [cheeks]``. A larger
    quantile makes ``chance`` larger, the IoU of a unit that answers anywhere, so that ``least``
    must rise with it; compare with the rotations.

    Attributes (expression, age, ...) are compared over faces and count as detected if the overlap
    is also beyond chance after Holm's correction over all units and attributes of the basis.

    Arguments:
        layer: whose units; the model's own layer when empty.
        words: of the vocabulary; all whose truth is known when empty.
        attributes: a CSV file of face, word, value with truths about your faces.
        quantile: share of positions in which a unit answers; .005 is for parts as small as eyes.
        least: IoU above which a unit is a detector; keep it well above ``chance``.
        rotations: how many random rotations of the basis are dissected, too.
        most: concepts that are kept, those with the highest IoU.
        patches: of each concept, at most, one of a face.
        batch: how many faces go through the network at once.

    Errors: Problems for parameters out of range, unknown words and layers, a layer without a map,
    faces of which nothing is known.

    Example:
        >>> NetworkDissection(words=("mouth", "eyes"), rotations=2).quantile
        0.005
    """

    files: ClassVar[tuple[str, ...]] = ("attributes",)

    layer: str = ""
    words: tuple[str, ...] = ()
    attributes: str = ""
    quantile: float = 0.005
    least: float = 0.04
    rotations: int = 5
    most: int = 24
    patches: int = 8
    batch: int = 16

    def __post_init__(self) -> None:
        checks = Checks(self, "network_dissection")
        checks.text("layer")
        checks.text("attributes")
        checks.number("quantile", least=1e-6, most=0.5)
        checks.number("least", most=1.0)
        checks.whole("rotations", least=0)
        for field in ("most", "patches", "batch"):
            checks.whole(field, least=1)
        check_words(checks, self.words)
        checks.done()
        object.__setattr__(self, "words", tuple(self.words))

    def __call__(
        self,
        model: FaceModel,
        faces: Mapping[str, Face],
        seed: int,
        *,
        progress: Progress | None = None,
    ) -> Discovery:
        """Detectors, best first, each with a control of random places; a row for each unit.

        The checks hold the unique detectors of each basis: parts, and attributes.
        """
        words = find_words(self.words)
        truth = truth_of(faces, model.input_size, model.chip_padding, words, self.attributes)
        maps = layer_maps(model, faces, self.layer, self.batch)
        table: list[dict[str, Any]] = []
        concepts: list[FoundConcept] = []
        for turn in range(self.rotations + 1):
            rng = np.random.default_rng([seed, turn])
            basis = f"rotation {turn}" if turn else "units"
            turned = rotated(maps, rng) if turn else maps
            alignment = align(turned, truth, self.quantile)
            rows = self._rows(basis, alignment, truth)
            table += rows
            if not turn:
                concepts = self._concepts(maps, rows, rng)
            if progress is not None:
                progress(turn + 1, self.rotations + 1)
        checks: dict[str, Any] = {
            "faces": len(faces),
            "faces_with_drawn_parts": sum(face.parts is None for face in faces.values()),
            "unique_detectors": _unique(table, "detector", "word"),
            "unique_attributes": _unique(table, "attribute_detector", "attribute"),
        }
        parts = [
            {"part": word.name, "share": share, "ceiling": ceiling, "chance": chance}
            for word, share, ceiling, chance in zip(
                truth.parts,
                alignment.shares.tolist(),
                alignment.ceilings.tolist(),
                alignment.chances.tolist(),
                strict=True,
            )
        ]
        checks |= {"parts": parts, "note": self._note(parts)}
        return Discovery(tuple(concepts), tuple(table), checks)

    def _note(self, parts: list[dict[str, Any]]) -> str:
        """What the quantile keeps from being found, in words; empty if nothing."""
        told = []
        for part in parts:
            if part["ceiling"] < NEAR * self.least and part["share"] > self.quantile:
                told.append(f"{part['part']} {part['ceiling']:.2f} ({part['share']:.2g})")
        if not told:
            return ""
        return (
            f"Units that answer in {100 * self.quantile:.2g} % of positions can hardly be named "
            f"after large parts: the highest IoU that is possible (and each part's share of the "
            f"pictures, a better quantile for it) is {', '.join(told)}."
        )

    def _rows(self, basis: str, alignment: Alignment, truth: Truth) -> list[dict[str, Any]]:
        held = np.reshape(holm(alignment.p.ravel().tolist()), alignment.p.shape)
        rows = []
        for unit, threshold in enumerate(alignment.thresholds):
            row: dict[str, Any] = {"basis": basis, "unit": unit, "threshold": float(threshold)}
            word, iou, chance, ceiling = "", None, None, None
            if truth.parts:
                best = int(alignment.parts[unit].argmax())
                word, iou = truth.parts[best].name, float(alignment.parts[unit, best])
                chance, ceiling = float(alignment.chances[best]), float(alignment.ceilings[best])
            row |= {"word": word, "iou": iou, "chance": chance, "ceiling": ceiling}
            row["detector"] = iou is not None and iou > self.least
            attribute, overlap, p = "", None, None
            if truth.attributes:
                order = np.lexsort((-alignment.attributes[unit], held[unit]))
                best = int(order[0])
                attribute = truth.attributes[best].name
                overlap, p = float(alignment.attributes[unit, best]), float(held[unit, best])
            row |= {"attribute": attribute, "attribute_iou": overlap, "attribute_p": p}
            found = overlap is not None and p is not None and overlap > self.least and p < 0.05
            rows.append(row | {"attribute_detector": found})
        return rows

    def _concepts(
        self, maps: LayerMaps, rows: list[dict[str, Any]], rng: np.random.Generator
    ) -> list[FoundConcept]:
        found = []
        for row in rows:
            if not row["detector"] and not row["attribute_detector"]:
                continue
            scores = {"unit": row["unit"]}
            scores |= {"iou": row["iou"]} if row["detector"] else {}
            if row["attribute_detector"]:
                scores |= {"attribute_iou": row["attribute_iou"], "p_holm": row["attribute_p"]}
            places = maps.on_picture(maps.values[:, row["unit"]])
            patches = strongest_patches(places, maps.faces, row["threshold"], self.patches)
            name = row["word"] if row["detector"] else row["attribute"]
            if patches:
                found.append(FoundConcept(maps.layer, "", patches, name, scores=scores))
        best = sorted(found, key=lambda one: -one.scores.get("iou", 0.0))[: self.most]
        return best + [random_control(concept, maps.faces, rng) for concept in best]


def rotated(maps: LayerMaps, rng: np.random.Generator) -> LayerMaps:
    """The maps in a basis that is turned at random: ``A' = Q A`` at each position.

    ``Q`` is drawn evenly from all orthogonal matrices (Stewart, The Efficient Generation of Random
    Orthogonal Matrices, 1980): the Q of a Gaussian matrix' QR decomposition, signs made unique.
    """
    count = maps.values.shape[1]
    q, r = np.linalg.qr(rng.standard_normal((count, count)))
    q = (q * np.sign(np.diag(r))).astype(np.float32)
    return replace(maps, values=np.einsum("jk,nkhw->njhw", q, maps.values, optimize=True))


def _unique(table: list[dict[str, Any]], flag: str, word: str) -> dict[str, int]:
    bases = dict.fromkeys(row["basis"] for row in table)
    return {
        basis: len({row[word] for row in table if row["basis"] == basis and row[flag]})
        for basis in bases
    }
