"""Net2Vec against its formulas in plain loops, and on words that no single unit stands for."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explainers.concept_finding.cuts import best_accuracy_cuts, best_iou_cuts
from explainers.concept_finding.logistic import fit, loss
from explainers.concepts.net2vec import Net2vec
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.faithfulness.planted_mark import as_face
from explainers.models import expression
from explainers.problems import Problems

SIZE = 32
RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def two_coloured(count: int = 12, same: bool = False) -> dict[str, Face]:
    """Faces with a mouth whose left half is red and right half is blue (or all red), and a nose
    that is green."""
    rng = np.random.default_rng(0)
    faces = {}
    for index in range(count):
        chip = np.full((3, SIZE, SIZE), 0.6)
        parts = np.full((SIZE, SIZE), part_numbers()["skin"], np.uint8)
        y, x = rng.integers(18, 24), rng.integers(6, 12)
        parts[y : y + 5, x : x + 14] = part_numbers()["mouth"]
        for colour, start in ((RED, 0), (RED if same else BLUE, 7)):
            chip[:, y : y + 5, x + start : x + start + 7] = np.array(colour)[:, None, None]
        parts[8:14, 14:18] = part_numbers()["nose"]
        chip[:, 8:14, 14:18] = np.array((0.0, 1.0, 0.0))[:, None, None]
        chip += rng.normal(0, 0.03, chip.shape)
        picture = torch.from_numpy(chip.astype(np.float32)).clamp(0, 1)
        faces[f"m{index}"] = as_face(picture, f"m{index}", parts)
    return faces


def channels() -> FaceModel:
    """Units that each answer to how much redder, greener or bluer a pixel is than the others."""
    convolution = nn.Conv2d(3, 3, 1)
    convolution.weight.data = (1.5 * torch.eye(3) - 0.5)[:, :, None, None]
    assert convolution.bias is not None
    convolution.bias.data = torch.full((3,), -0.2)
    network = nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    labels = ("red", "green", "blue")
    return FaceModel("rgb", "letters", network, labels, SIZE, 0.25, "1", "0" * 64, "CC0-1.0", "")


@pytest.mark.parametrize("activations", ["raw", "thresholded"])
def test_a_word_of_two_units_is_better_known_by_their_combination(activations: str) -> None:
    finder = Net2vec(activations=activations, quantile=0.03)  # type: ignore[arg-type]
    found = finder(channels(), two_coloured(), seed=1)
    rows = {row["word"]: row for row in found.table}
    mouth = rows["mouth"]
    assert mouth["unit"] in (0, 2)
    assert mouth["single_tuned"] < 0.6  # half of the mouth, since units know but one colour
    assert mouth["combined_tuned"] > 1.4 * max(mouth["single"], mouth["single_tuned"])
    assert rows["nose"]["unit"] == 1 and rows["nose"]["combined_tuned"] > 0.9
    concepts = {concept.name: concept for concept in found.concepts if not concept.random}
    assert len(concepts["mouth"].patches) == 8
    assert sum(concept.random for concept in found.concepts) == len(concepts)


def test_a_word_of_one_unit_needs_no_combination() -> None:
    rows = {row["word"]: row for row in Net2vec()(channels(), two_coloured(same=True), 1).table}
    assert rows["mouth"]["unit"] == 0
    assert rows["mouth"]["combined_tuned"] - rows["mouth"]["single_tuned"] < 0.03


def test_an_attribute_is_told_by_a_combination(tmp_path: Path) -> None:
    faces, rng = {}, np.random.default_rng(3)
    lines = ["face,word,value"]
    for index in range(40):
        blue = rng.uniform(0.5, 0.9)
        red = blue + rng.choice([-1, 1]) * rng.uniform(0.05, 0.1)
        chip = np.full((3, SIZE, SIZE), 0.3)
        chip[0, :16], chip[2, 16:] = red, blue
        picture = torch.from_numpy(chip.astype(np.float32))
        faces[f"a{index}"] = as_face(picture, f"a{index}")
        lines.append(f"a{index},hat,{'yes' if red > blue else 'no'}")
        lines.append(f"a{index},bangs,{rng.choice(['yes', 'no'])}")
    file = tmp_path / "attributes.csv"
    file.write_text("\n".join(lines))
    finder = Net2vec(words=("hat", "bangs"), attributes=str(file), penalty=1e-4)
    found = finder(channels(), faces, seed=0)
    hat, bangs = sorted(found.table, key=lambda row: row["word"] == "bangs")
    assert hat["measure"] == "balanced accuracy" and hat["single_tuned"] is None
    assert hat["combined"] > 0.9 > hat["single"] and hat["p"] < 0.001
    assert bangs["p"] > 0.05  # drawn at random
    (concept,) = [one for one in found.concepts if not one.random]
    assert concept.name == "hat" and len(concept.patches) == 8
    for patch in concept.patches:  # faces that have it, and what speaks for it: the red half
        assert f"{patch.face},hat,yes" in lines
        assert patch.mask[:16].sum() > patch.mask[16:].sum()
    assert found.checks["faces_with_drawn_parts"] == 40


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_the_loss_is_that_of_the_formula_and_its_gradient_is_right(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, labels = rng.normal(size=(7, 3)), rng.random(7)
    parameters = rng.normal(size=4)
    alpha = 1 - sum(labels) / 7
    total = 0.0
    for row, label in zip(features, labels, strict=True):
        z = sum(w * x for w, x in zip(parameters, row, strict=False)) + parameters[3]
        likely = 1 / (1 + math.exp(-z))
        total -= alpha * label * math.log(likely) + (1 - alpha) * (1 - label) * math.log(1 - likely)
    expected = total / 7 + 0.1 * sum(w * w for w in parameters[:3]) / 2
    value, gradient = loss(parameters, features, labels, 0.1)
    assert value == pytest.approx(expected)
    for index in range(4):
        step = np.eye(4)[index] * 1e-5
        up, down = (loss(parameters + s, features, labels, 0.1)[0] for s in (step, -step))
        assert gradient[index] == pytest.approx((up - down) / 2e-5, abs=1e-7)


def test_the_direction_does_not_depend_on_the_units_scales() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 4))
    labels = (features @ [1, -2, 0, 0.5] > 0).astype(float)
    scales = np.array([1, 1000, 0.01, 3])
    one, other = fit(features, labels, 0.01), fit(features * scales + 5, labels, 0.01)
    np.testing.assert_allclose(one(features), other(features * scales + 5), atol=1e-3)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=40, deadline=None)
def test_best_cuts_are_the_best_of_all(seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 3, (2, 8)).astype(float) if ties else rng.normal(size=(2, 8))
    shares = rng.choice([0, 0.25, 1], 8) + np.eye(8)[0] * 0.1
    cuts, ious = best_iou_cuts(values, shares)
    true = rng.permutation([True] * 3 + [False] * 5)
    splits, sides, accuracies = best_accuracy_cuts(values, true)

    def iou(row: np.ndarray, cut: float) -> float:
        above = row > cut
        return float(shares[above].sum() / (shares.sum() + (1 - shares[above]).sum()))

    def accuracy(row: np.ndarray, cut: float, side: int) -> float:
        said = side * (row - cut) > 0
        return float((said[true].mean() + (~said[~true]).mean()) / 2)

    for unit, row in enumerate(values):
        everywhere = [row.min() - 1, *(row + 1e-9), *(row - 1e-9)]
        assert iou(row, cuts[unit]) == pytest.approx(ious[unit])
        assert ious[unit] == pytest.approx(max(iou(row, cut) for cut in everywhere))
        best = max(accuracy(row, cut, side) for cut in everywhere for side in (1, -1))
        assert accuracies[unit] == pytest.approx(best)
        assert accuracy(row, splits[unit], sides[unit]) == pytest.approx(best)


def test_wrong_parameters_and_too_few_faces_are_told() -> None:
    with pytest.raises(Problems) as error:
        Net2vec(folds=1, penalty=0, activations="some")  # type: ignore[arg-type]
    assert len(error.value.problems) == 3
    with pytest.raises(Problems, match="2 faces cannot be left out in 3 groups"):
        Net2vec()(channels(), two_coloured(2), 0)


def test_combinations_beat_single_units_in_the_shipped_expression_network() -> None:
    faces = {face.id: face for face in load_faces("rendered", Path())}
    words = ("mouth", "eyes", "nose", "chin")
    found = Net2vec(layer="dense2", words=words)(expression.load(), faces, seed=1)
    for row in found.table:
        assert row["combined_tuned"] > 0.4
        if row["word"] != "eyes":  # which one unit knows nearly as well
            assert row["combined_tuned"] > 1.2 * max(row["single"], row["single_tuned"])
    assert {row["nearest"] for row in found.table} <= set(words)
