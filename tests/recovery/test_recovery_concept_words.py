"""Words that were planted are found again; words that mean nothing are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from explainers.concept_finding.alignment import align
from explainers.concept_finding.combining import classify
from explainers.concept_finding.importance import holm
from explainers.concept_finding.layer_maps import LayerMaps
from explainers.concept_finding.truth import UNKNOWN, Truth
from explainers.concept_finding.vocabulary import find_words
from explainers.concepts.net2vec import Net2vec
from explainers.concepts.network_dissection import NetworkDissection
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.faithfulness.planted_mark import as_face

SIZE, PADDING = 48, 0.25
LIPSTICK = torch.tensor([0.25, 0.15, 0.7])


def network(seed: int) -> nn.Sequential:
    """Three convolutions and the largest answer of each filter, with random weights."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 12, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(12, 2),
    )


def pictures() -> tuple[Tensor, Tensor]:
    """Chips of the shipped faces, [18, 3, S, S], and their mouths, bool [18, S, S]."""
    faces = load_faces("rendered", Path())
    chips = torch.stack([torch.from_numpy(face.chip(SIZE, PADDING)) for face in faces])
    parts = np.stack([face.chip_parts(SIZE, PADDING) for face in faces])  # type: ignore[arg-type]
    return chips, torch.from_numpy(parts == part_numbers()["mouth"])


def painted(chips: Tensor, mouths: Tensor) -> Tensor:
    """The same faces with blue lips."""
    return torch.where(mouths[:, None], LIPSTICK[:, None, None] * 0.8 + 0.2 * chips, chips)


def model_of(net: nn.Sequential) -> FaceModel:
    """The network as a model of two classes."""
    labels = ("blue lips", "other lips")
    return FaceModel(
        "lips", "lips", net, labels, SIZE, PADDING, "6", "0" * 64, "CC0-1.0", "trained here"
    )


@pytest.fixture(scope="module")
def trained() -> FaceModel:
    """A network whose class follows from the mouth alone."""
    net, (chips, mouths) = network(1), pictures()
    x = torch.cat([painted(chips, mouths), chips])
    labels = torch.arange(2).repeat_interleave(len(chips))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(0)
    for _ in range(400):
        gain = 0.8 + 0.4 * torch.rand(len(x), 1, 1, 1, generator=generator)
        optimizer.zero_grad()
        torch.autograd.backward(functional.cross_entropy(net((x * gain).clamp(0, 1)), labels))
        optimizer.step()
        margins = (net(x) @ torch.tensor([1.0, -1.0])).detach() * (1 - 2 * labels)
        if float(margins.min()) > 2:
            return model_of(net)
    raise AssertionError("the network did not learn")


@pytest.fixture(scope="module")
def faces() -> dict[str, Face]:
    """The shipped faces with blue lips."""
    chips, mouths = pictures()
    found = {}
    for face, chip in zip(load_faces("rendered", Path()), painted(chips, mouths), strict=True):
        found[face.id] = as_face(chip, face.id, face.chip_parts(SIZE, PADDING))
    return found


def test_the_unit_that_drives_a_planted_class_is_named_after_its_part(
    trained: FaceModel, faces: dict[str, Face]
) -> None:
    dissect = NetworkDissection(quantile=0.02, rotations=0)
    rows = dissect(trained, faces, seed=0).table
    fc = trained.network.get_parameter("9.weight")
    with torch.no_grad():
        means = trained.features(trained.prepare(list(faces.values())), "6").amax((2, 3)).mean(0)
    unit = int(((fc[0] - fc[1]) * means).argmax())
    assert rows[unit]["word"] == "mouth" and rows[unit]["detector"]
    before = dissect(model_of(network(1)), faces, seed=0).table
    chance = max((row["iou"] for row in before if row["word"] == "mouth"), default=0.0)
    assert rows[unit]["iou"] > chance + 0.1


def test_the_direction_of_a_planted_part_is_learnt(
    trained: FaceModel, faces: dict[str, Face]
) -> None:
    finder = Net2vec(words=("mouth", "eyes", "nose"))
    rows = {row["word"]: row for row in finder(trained, faces, seed=0).table}
    assert rows["mouth"]["combined_tuned"] > 0.5
    assert rows["mouth"]["combined_tuned"] > 2 * rows["eyes"]["combined_tuned"]


def test_attributes_that_mean_nothing_are_rarely_detected() -> None:
    """Over all units and words at most one layer in twenty has a detector, as the test says."""
    words = find_words(["happy", "hat", "bangs"])
    alarms = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        names = tuple(map(str, range(24)))
        values = rng.normal(size=(24, 4, 5, 5)).astype(np.float32)
        truths = np.stack([rng.permutation([0.0] * 14 + [1.0] * 10) for _ in words])
        truth = Truth((), np.array([], int), np.full((24, 5, 5), UNKNOWN, np.uint8), words, truths)
        maps = LayerMaps("l", names, values, np.eye(5), np.eye(5))
        alarms += min(holm(align(maps, truth, 0.02).p.ravel().tolist())) < 0.05
    assert alarms <= 10  # 5 expected at most; 10 has a chance of .01


def test_attributes_that_mean_nothing_are_rarely_learnt() -> None:
    p, accuracies = [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(24, 4, 2, 2)).astype(np.float32)
        names = tuple(map(str, range(24)))
        maps = LayerMaps("l", names, values, np.eye(2), np.eye(2))
        true = rng.permutation([0.0] * 12 + [1.0] * 12)
        figures = classify(maps, "hat", true, rng, folds=3, penalty=0.01).figures
        p.append(figures["p"])
        accuracies.append(figures["combined"])
    assert sum(np.array(p) < 0.05) <= 10
    assert abs(np.mean(accuracies) - 0.5) < 0.05
