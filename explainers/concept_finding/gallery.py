"""What a finder found, on one sheet to look at: a row of segments for each concept."""

from __future__ import annotations

import io
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
FINER = 4
"""How many times as fine as the network's picture segments are cut from the photograph."""


def gallery(
    discovery: Discovery, model: FaceModel, faces: Mapping[str, Face], most: int = 8
) -> Image.Image:
    """A row for each concept: its name and scores, and its best segments.

    Arguments:
        discovery: what was found in ``model`` on ``faces``.
        most: segments in a row.
    """
    size = (LABEL + most * (SIDE + GAP), max(1, len(discovery.concepts)) * (SIDE + GAP) + GAP)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    fine = FINER * model.input_size
    chips = {
        name: faces[name].chip(fine, model.chip_padding)
        for name in {p.face for concept in discovery.concepts for p in concept.patches[:most]}
    }
    for row, concept in enumerate(discovery.concepts):
        top = GAP + row * (SIDE + GAP)
        draw.multiline_text((GAP, top), "\n".join(_told(concept)), "black", font)
        for column, patch in enumerate(concept.patches[:most]):
            png = segment_png(chips[patch.face], patch)
            small = Image.open(io.BytesIO(png)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(small, (LABEL + column * (SIDE + GAP), top))
    return sheet


def _told(concept: FoundConcept) -> list[str]:
    name = "random control" if concept.random else concept.name
    heading = ": ".join(filter(None, (concept.target, name))) or concept.layer
    scores = [
        f"{key.replace('_', ' ')} {value:.3g}"
        for key, value in concept.scores.items()
        if key not in ("low", "high")
    ]
    return [heading[:32], *scores][:LINES]
