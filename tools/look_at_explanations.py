"""Draws every explanation family, in its variants, for some faces on one sheet, and measures them.

Run: python tools/look_at_explanations.py sheet.png --models expression age --faces f01 f06
Prints seconds and self-checks for each picture; for an inversion also how much farther the nearest
other face is.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from explainers import catalog
from explainers.explanation import Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.figures.render import Picture, colour_bar, render
from explainers.inversion.total_variation import TotalVariation
from explainers.saliency.occlusion import Occlusion
from explainers.targets.class_score import ClassScore
from explainers.visualization.activation_maximization import ActivationMaximization

SIDE = 200
HEAD = 34

METHODS = {
    "occlusion, probability": Occlusion(),
    "occlusion, log-odds": Occlusion(of="log_odds"),
    "inversion, robust": TotalVariation(),
    "inversion, tv": TotalVariation(variant="tv"),
    "class, robust": ActivationMaximization(),
    "class, tv": ActivationMaximization(variant="tv"),
}


def row(
    model: FaceModel, faces: tuple[Face, ...], face: Face, seed: int, chosen: list[str]
) -> Iterator[tuple[str, Picture]]:
    """Captions and pictures for one model and face."""
    chip = face.chip(SIDE, model.chip_padding)
    said = model.predict(face)
    yield f"{face.id}: {said.label}", np.rint(chip.transpose(1, 2, 0) * 255).astype(np.uint8)
    for name in chosen:
        method = METHODS[name]
        if not isinstance(method, Occlusion):
            method = replace(method, seed=seed)
        begin = time.perf_counter()
        explanation = method(model, face, ClassScore(said.label))
        seconds = time.perf_counter() - begin
        checks = {
            k: round(v, 4) if isinstance(v, float) else v for k, v in explanation.checks.items()
        }
        if "feature_distance" in checks:
            checks["margin"] = round(margin(model, faces, face, explanation), 2)
        print(f"{model.name:12} {face.id} {name:22} {seconds:6.1f} s  {checks}", flush=True)
        yield name, render(explanation, chip, size=SIDE)


def margin(
    model: FaceModel, faces: tuple[Face, ...], face: Face, explanation: Explanation
) -> float:
    """How many times farther the features of the nearest *other* face are; over 1 is right."""
    layer = str(explanation.checks["layer"])
    with torch.no_grad():
        found = model.features(torch.from_numpy(explanation.values)[None], layer)
        distances = [
            float((found - model.features(model.prepare([other]), layer)).norm()) for other in faces
        ]
    own = distances.pop(faces.index(face))
    return min(distances) / own


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--models", nargs="+", default=["expression", "gender", "age"])
    parser.add_argument("--faces", nargs="+", default=["f01", "f02", "f04", "f06"])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--source", default="rendered", help="or a folder of photographs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    faces = load_faces(options.source, Path())
    chosen = [face for face in faces if face.id in options.faces]
    known = {entry.name: entry for entry in catalog.entries("models")}
    rows = []
    for name in options.models:
        model = known[name].load().load()
        for face in chosen:
            rows.append(list(row(model, faces, face, options.seed, options.methods)))
    width, height = len(rows[0]) * SIDE, len(rows) * (SIDE + HEAD) + HEAD
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    for top, pictures in enumerate(rows):
        for left, (caption, picture) in enumerate(pictures):
            draw.text((left * SIDE + 6, top * (SIDE + HEAD) + 10), caption, "black")
            sheet.paste(Image.fromarray(picture), (left * SIDE, top * (SIDE + HEAD) + HEAD))
    bar = Image.fromarray(colour_bar(signed=True, width=2 * SIDE))
    sheet.paste(bar, (6, height - HEAD + 10))
    draw.text((2 * SIDE + 12, height - HEAD + 10), "against ... for the class", "black")
    sheet.save(options.sheet)


if __name__ == "__main__":
    main()
