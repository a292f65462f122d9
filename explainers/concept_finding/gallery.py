"""What a finder found, on one sheet to look at: a row of segments for each concept."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFont

from explainers.concept_finding.discovery import Discovery, FoundConcept
from explainers.concept_finding.drawing import segment_png
from explainers.face import Face
from explainers.face_model import FaceModel

SIDE = 96
GAP = 6
LABEL = 230
LINES = 5
BESIDE = ("low", "high", "p", "p_counterparts")
"""Scores that need others to be read, and stand in the table alone."""
FINER = 4
"""How many times as fine as the network's picture segments are cut from the photograph."""


def gallery(
    discovery: Discovery, model: FaceModel, faces: Mapping[str, Face], most: int = 8
) -> Image.Image:
    """A row for each concept: its name and scores, and its best segments.

    Concepts and random controls of a class (or of a layer, where there is no class) are numbered as
    they come.

    Arguments:
        discovery: what was found in ``model`` on ``faces``.
        most: segments in a row.
    """
    size = (LABEL + most * (SIDE + GAP), max(1, len(discovery.concepts)) * (SIDE + GAP) + GAP)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    numbers: Counter[str] = Counter()
    fine = FINER * model.input_size
    chips = {
        name: faces[name].chip(fine, model.chip_padding)
        for name in {p.face for concept in discovery.concepts for p in concept.patches[:most]}
    }
    for row, concept in enumerate(discovery.concepts):
        top = GAP + row * (SIDE + GAP)
        kind = _kind(concept)
        numbers[kind] += 1
        told = "\n".join(_told(concept, f"{kind} {numbers[kind]}"))
        draw.multiline_text((GAP, top), told, "black", font)
        for column, patch in enumerate(concept.patches[:most]):
            png = segment_png(chips[patch.face], patch)
            small = Image.open(io.BytesIO(png)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(small, (LABEL + column * (SIDE + GAP), top))
    return sheet


def _kind(concept: FoundConcept) -> str:
    return f"{concept.target or concept.layer} {'random' if concept.random else 'concept'}"


def _told(concept: FoundConcept, heading: str) -> list[str]:
    name = f": {concept.name}" if concept.name else ""
    return [f"{heading}{name}"[:32], *score_lines(concept.scores)][:LINES]


def score_lines(scores: Mapping[str, float]) -> list[str]:
    """What was measured of one concept, in words.

    Example:
        >>> score_lines({"unit": 117.0, "importance": 0.91, "low": 0.7, "p_holm": 0.0048})
        ['unit 117', 'importance 0.91', 'p (Holm) 0.0048']
    """
    return [
        f"{'p (Holm)' if key == 'p_holm' else key.replace('_', ' ')} {_number(value)}"
        for key, value in scores.items()
        if key not in BESIDE
    ]


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2g}"
