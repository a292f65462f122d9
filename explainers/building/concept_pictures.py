"""From found concepts to pictures: every segment, rows of four, and one sheet to look at."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from explainers.building.cache import write_whole
from explainers.building.compute import study_face, study_model
from explainers.building.concepts import Found
from explainers.building.pictures import png_bytes
from explainers.building.plan import Plan
from explainers.concept import ROW, SHEET, Collection, Concept, Row, Segment, varied
from explainers.concept_finding.discovery import FoundConcept, Patch
from explainers.concept_finding.drawing import segment_png, strip_png
from explainers.concept_finding.gallery import score_lines

SHOWN = 20
"""Segments of a concept that are drawn, best first; a control gets twice as many."""
LISTED = 2
"""Scores of a concept that stand on the sheet."""
FINER = 4
"""How many times as fine as the network's picture segments are cut from the photograph."""


def draw_concepts(plan: Plan, found: Iterable[Found]) -> Collection:
    """Draw all segments and rows, write them into the stimuli, and list them.

    A class of a family without a random control gets one, from segments of all its concepts: the
    coherency test compares each concept with one.
    """
    concepts = [concept for one in found for concept in _concepts(plan, one)]
    concepts += _controls(concepts, plan.seed)
    collection = Collection(tuple(_with_rows(plan, concept) for concept in concepts))
    write_whole(plan.stimuli / SHEET, png_bytes(concept_sheet(collection, plan.stimuli)))
    collection.save(plan.stimuli)
    return collection


def concept_sheet(collection: Collection, folder: Path) -> Image.Image:
    """A row for each concept with its first rows of segments, for the researcher to look at."""
    label, side, rows, gap = 230, 96, 2, 8
    wide = ROW * side + gap
    sheet = Image.new(
        "RGB", (label + rows * wide, max(1, len(collection.concepts)) * (side + gap)), "white"
    )
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for place, concept in enumerate(collection.concepts):
        top = place * (side + gap)
        scores = score_lines(concept.scores)
        first = scores[:1] + [line for line in scores[1:] if line.startswith("p ")]
        words = [concept.id, concept.name, *(first if len(first) > 1 else scores)[:LISTED]]
        draw.multiline_text((gap, top + 8), "\n".join(filter(None, words)), "black", font)
        for n, row in enumerate(concept.rows[:rows]):
            with Image.open(folder / f"{row.sha256}.png") as strip:
                small = strip.convert("RGB").resize((ROW * side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, (label + n * wide, top))
    return sheet


def _concepts(plan: Plan, found: Found) -> Iterator[Concept]:
    job = found.job
    model = study_model(job.spec, job.folder, job.finding.model)
    faces = {patch.face for concept in found.discovery.concepts for patch in concept.patches}
    shown = [study_face(job.finding.faces, job.folder, face) for face in sorted(faces)]
    provenance: dict[str, Any] = {
        "method": job.finding.method,
        "job": found.key,
        "parameters": found.record["parameters"],
        "seed": job.seed,
        "checks": found.record["checks"],
        "seconds": found.record["seconds"],
        "device": found.record["device"],
        "versions": found.record["versions"],
        "weights_sha256": model.weights_sha256,
        "model_source": model.source,
        "model_licence": model.licence,
        "faces": {face.id: face.sha256 for face in shown},
        "face_licences": sorted({face.licence for face in shown}),
        "face_attributions": sorted({face.attribution for face in shown}),
    }
    count: Counter[str] = Counter()
    for concept in found.discovery.concepts:
        place = "-".join(filter(None, (job.family, concept.target or concept.layer)))
        name = f"{place}-random" if concept.random else place
        count[name] += 1
        most = 2 * SHOWN if concept.random else SHOWN
        yield Concept(
            id=f"{name}-{count[name]}",
            family=job.family,
            model=job.finding.model,
            layer=concept.layer,
            target=concept.target,
            name=concept.name,
            random=concept.random,
            segments=tuple(_segment(plan, found, patch) for patch in _different(concept)[:most]),
            scores=dict(concept.scores),
            provenance=provenance,
        )


def _different(concept: FoundConcept) -> list[Patch]:
    """The patches, those of one face at one place once."""
    seen = {(patch.face, patch.mask.tobytes()): patch for patch in reversed(concept.patches)}
    return [p for p in concept.patches if seen.get((p.face, p.mask.tobytes())) is p]


def _segment(plan: Plan, found: Found, patch: Patch) -> Segment:
    job = found.job
    model = study_model(job.spec, job.folder, job.finding.model)
    face = study_face(job.finding.faces, job.folder, patch.face)
    content = segment_png(_chip(face, FINER * model.input_size, model.chip_padding), patch)
    return Segment(_kept(plan.stimuli, content), patch.face, patch.box, patch.score)


@lru_cache(maxsize=64)
def _chip(face: Any, size: int, padding: float) -> Any:
    return face.chip(size, padding)


def _controls(concepts: Sequence[Concept], seed: int) -> Iterator[Concept]:
    """A random control for each class of a family that the finder gave none."""
    groups: defaultdict[tuple[str, ...], list[Concept]] = defaultdict(list)
    for concept in concepts:
        groups[concept.kin].append(concept)
    for kin, group in groups.items():
        if any(concept.random for concept in group):
            continue
        found = list({s.sha256: s for concept in group for s in concept.segments}.values())
        rng = Random(f"{seed} control {kin}")
        drawn = rng.sample(found, min(len(found), 2 * SHOWN))
        place = "-".join(filter(None, (kin[0], kin[3] or kin[2])))
        about = {"drawn_from": [concept.id for concept in group], "seed": seed}
        first = group[0]
        yield replace(
            first,
            id=f"{place}-random-1",
            name="",
            random=True,
            segments=tuple(replace(segment, score=0.0) for segment in drawn),
            scores={},
            provenance={**first.provenance, **about},
        )


def _with_rows(plan: Plan, concept: Concept) -> Concept:
    ordered = concept.segments if concept.random else varied(concept.segments)
    rows = []
    for start in range(0, len(ordered) - ROW + 1, ROW):
        names = tuple(segment.sha256 for segment in ordered[start : start + ROW])
        parts = [(plan.stimuli / f"{name}.png").read_bytes() for name in names]
        rows.append(Row(_kept(plan.stimuli, strip_png(parts)), names))
    return replace(concept, rows=tuple(rows))


def _kept(folder: Path, content: bytes) -> str:
    """The hash of a picture that is now in the folder."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{sha256}.png"
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)
    return sha256
