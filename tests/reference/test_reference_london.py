"""The networks on photographs of real people: the Face Research Lab London Set, where it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explainers.face import Face
from explainers.faces.detection import find_landmarks
from explainers.faces.photograph import read_photograph
from explainers.models import age, expression, gender, recognition

ROOT = Path(__file__).parent.parent.parent
LONDON = Path(os.environ.get("WHYFACE_LONDON", ROOT.parent / "shared" / "data" / "london"))
pytestmark = pytest.mark.skipif(
    not (LONDON / "index.json").exists(),
    reason="the London Set is not there; set WHYFACE_LONDON to its folder",
)
PEOPLE = 30


@pytest.fixture(scope="module")
def people() -> tuple[list[dict[str, Any]], list[Face]]:
    """The first people of the set, each neutral and smiling."""
    index = json.loads((LONDON / "index.json").read_text(encoding="utf-8"))
    ids = sorted({entry["id"] for entry in index})[:PEOPLE]
    entries = [entry for entry in index if entry["id"] in ids]
    faces = []
    for entry in entries:
        image, sha256 = read_photograph(LONDON / entry["file"])
        landmarks = find_landmarks(image)
        assert len(landmarks) == 1, entry["file"]
        faces.append(Face(entry["file"], image, landmarks[0], sha256=sha256))
    return entries, faces


def auc(higher: np.ndarray, lower: np.ndarray) -> float:
    return float((np.sign(higher[:, None] - lower[None, :]).mean() + 1) / 2)


def test_landmarks_are_where_people_marked_them(people: Any) -> None:
    entries, faces = people
    marked = [27, 23, 18, 22, 55]  # eye corners and the nose's base in the set's own template
    errors = []
    for entry, face in zip(entries, faces, strict=True):
        if entry["points"]:
            points = np.array(entry["points"])[marked]
            between_eyes = np.linalg.norm(points[0] - points[2])
            errors.append(np.linalg.norm(face.landmarks - points, axis=1).mean() / between_eyes)
    assert np.mean(errors) < 0.03


@torch.no_grad()
def test_gender(people: Any) -> None:
    entries, faces = people
    model = gender.load()
    found = [model.labels[i] for i in model.scores(model.prepare(faces)).argmax(1)]
    assert np.mean([a == entry["gender"] for a, entry in zip(found, entries, strict=True)]) >= 0.98


@torch.no_grad()
def test_age(people: Any) -> None:
    entries, faces = people
    model = age.load()
    assert model.value is not None
    years = model.value(model.prepare(faces)).numpy()
    known = [i for i, entry in enumerate(entries) if entry["age"] not in ("NA", "", None)]
    errors = [abs(years[i] - float(entries[i]["age"])) for i in known]
    assert np.mean(errors) < 6


@torch.no_grad()
def test_neutral_and_smiling_are_told_apart(people: Any) -> None:
    entries, faces = people
    model = expression.load()
    happy = model.scores(model.prepare(faces))[:, model.index("happy")].numpy()
    smiling = np.array([entry["expression"] == "smiling" for entry in entries])
    assert auc(happy[smiling], happy[~smiling]) > 0.9


@torch.no_grad()
def test_same_and_different_people_are_told_apart(people: Any) -> None:
    entries, faces = people
    model = recognition.load()
    embeddings = model.logits(model.prepare(faces))
    distance = torch.cdist(embeddings, embeddings).numpy()
    ids = np.array([entry["id"] for entry in entries])
    upper = np.triu_indices(len(ids), 1)
    same = (ids[:, None] == ids[None, :])[upper]
    assert same.sum() == PEOPLE
    assert auc(distance[upper][~same], distance[upper][same]) > 0.99
