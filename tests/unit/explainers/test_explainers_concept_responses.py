"""Filter responses and the two losses of interpretable recognition, against plain loops."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explainers.concept_finding.response_losses import (
    feature_activation_diversity,
    largest_responses,
    spatial_activation_diversity,
)
from explainers.concept_finding.response_places import SCATTER, places, spread
from explainers.concepts.filter_response import FilterResponse
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.faithfulness.planted_mark import as_face
from explainers.models import recognition
from explainers.problems import Problems

SIZE = 32


def slow_spatial(maps: torch.Tensor) -> float:
    """The formula, one position at a time."""
    weight = [[math.exp(-(a * a + b * b) / 4.5) for a in (-1, 0, 1)] for b in (-1, 0, 1)]
    whole = sum(map(sum, weight))
    count, filters, height, width = maps.shape
    total = 0.0
    for picture in maps.tolist():
        blurred = []
        for map_ in picture:
            flat = []
            for y in range(height):
                for x in range(width):
                    value = 0.0
                    for dy in (-1, 0, 1):
                        for dx in (-1, 0, 1):
                            if 0 <= y + dy < height and 0 <= x + dx < width:
                                value += weight[dy + 1][dx + 1] / whole * map_[y + dy][x + dx]
                    flat.append(value)
            blurred.append(flat)
        pairs = [(i, j) for i in range(filters) for j in range(i)]
        for i, j in pairs:
            product = sum(a * b for a, b in zip(blurred[i], blurred[j], strict=True))
            lengths = [math.sqrt(sum(a * a for a in blurred[k])) for k in (i, j)]
            if min(lengths) > 0:
                total += (product / (lengths[0] * lengths[1])) ** 2 / len(pairs)
    return total / count


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_spatial_loss_is_that_of_the_formula(seed: int) -> None:
    maps = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(seed)).double()
    maps[0, 0] = 0
    found = float(spatial_activation_diversity(maps))
    assert found == pytest.approx(slow_spatial(maps), abs=1e-12)
    assert 0 <= found <= 1
    shuffled = maps[:, [2, 0, 1]] * torch.tensor([3.0, -1.0, 0.5])[:, None, None]
    assert float(spatial_activation_diversity(shuffled)) == pytest.approx(found)


def test_spatial_loss_is_one_where_all_filters_answer_alike() -> None:
    one = torch.rand(2, 1, 6, 6).expand(2, 4, 6, 6)
    assert float(spatial_activation_diversity(one)) == pytest.approx(1, abs=1e-5)


def test_feature_loss_is_that_of_the_formula() -> None:
    generator = torch.Generator().manual_seed(1)
    plain, covered = torch.randn(2, 5, 8, generator=generator)
    changes = []
    for k in range(8):
        changes.append(sum(abs(float(plain[n, k] - covered[n, k])) for n in range(5)) / 5)
    expected = sum(sorted(changes)[:6])
    assert float(feature_activation_diversity(plain, covered, 0.75)) == pytest.approx(expected)
    assert float(feature_activation_diversity(plain, plain)) == 0


@pytest.mark.parametrize("loss", ["spatial", "feature"])
def test_gradients_are_those_of_finite_differences(loss: str) -> None:
    generator = torch.Generator().manual_seed(2)
    if loss == "spatial":
        x = torch.randn(2, 3, 4, 4, generator=generator).double().requires_grad_()
        assert torch.autograd.gradcheck(spatial_activation_diversity, x)
    else:
        pair = [torch.randn(3, 6, generator=generator).double().requires_grad_() for _ in "ab"]
        assert torch.autograd.gradcheck(feature_activation_diversity, pair)


def test_a_filter_without_answers_has_a_finite_gradient() -> None:
    maps = torch.rand(1, 3, 5, 5)
    maps[0, 1] = 0
    maps.requires_grad_()
    torch.autograd.backward(spatial_activation_diversity(maps))
    assert maps.grad is not None and bool(torch.isfinite(maps.grad).all())


def test_training_with_the_spatial_loss_spreads_filters() -> None:
    """Filters that all looked at the same places look at different ones, and are more focused."""
    torch.manual_seed(0)
    place = torch.rand(6, 1, 8, 8)
    maps = (place + 0.1 * torch.rand(6, 5, 8, 8)).requires_grad_()
    optimizer = torch.optim.Adam([maps], lr=0.05)
    before = float(spatial_activation_diversity(maps).detach())
    for _ in range(60):
        optimizer.zero_grad()
        torch.autograd.backward(spatial_activation_diversity(maps.relu()))
        optimizer.step()
    after = float(spatial_activation_diversity(maps.relu()).detach())
    assert before > 0.8 and after < 0.1 * before


def test_largest_responses_keep_the_paper_s_share() -> None:
    maps = torch.randn(2, 3, 24, 24)
    kept = largest_responses(maps)
    assert ((kept != 0).sum((2, 3)) == 24).all()
    smallest = kept.abs().where(kept != 0, torch.inf).amin((2, 3))
    assert (smallest >= (maps * (kept == 0)).abs().amax((2, 3))).all()
    assert torch.equal(largest_responses(maps, 1.0), maps)


def test_losses_refuse_other_shapes() -> None:
    with pytest.raises(ValueError, match="maps of two filters or more"):
        spatial_activation_diversity(torch.rand(1, 1, 4, 4))
    with pytest.raises(ValueError, match=r"not \[1, 2\] and \[1, 3\]"):
        feature_activation_diversity(torch.rand(1, 2), torch.rand(1, 3))
    with pytest.raises(ValueError, match="kept is a share"):
        feature_activation_diversity(torch.rand(1, 2), torch.rand(1, 2), 0)
    with pytest.raises(ValueError, match="share is above 0"):
        largest_responses(torch.rand(1, 1, 4, 4), 0)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_places_are_those_of_the_formula(seed: int) -> None:
    maps = np.random.default_rng(seed).normal(size=(2, 3, 5, 5)) - 1
    found = places(maps)
    for k in range(2):
        peaks, strengths, extents = [], [], []
        for n in range(3):
            best = max((maps[k, n, y, x], y, x) for y in range(5) for x in range(5))
            if best[0] <= 0:
                assert found.strengths[k, n] == 0 and np.isnan(found.peaks[k, n]).all()
                continue
            value, row, column = best
            assert found.peaks[k, n].tolist() == [column, row]
            peaks.append((column, row))
            strengths.append(value)
            mass = away = 0.0
            for y in range(5):
                for x in range(5):
                    answer = max(0.0, maps[k, n, y, x])
                    mass += answer
                    away += answer * math.dist((x, y), (column, row))
            extents.append(away / mass)
        if not peaks:
            assert np.isnan(found.means[k]).all() and np.isnan(found.deviations[k])
            continue
        weights = np.array(strengths) / sum(strengths)
        mean = sum(w * np.array(p) for w, p in zip(weights, peaks, strict=True))
        np.testing.assert_allclose(found.means[k], mean)
        away = sum(w * math.dist(p, mean) for w, p in zip(weights, peaks, strict=True))
        assert found.deviations[k] == pytest.approx(away)
        assert found.extents[k] == pytest.approx(np.mean(extents))


def test_random_places_have_no_focus_and_one_place_has_all() -> None:
    points = np.random.default_rng(0).random((200_000, 2))
    assert np.linalg.norm(points - 0.5, axis=1).mean() == pytest.approx(SCATTER, abs=1e-3)
    maps = np.zeros((2, 300, 16, 16))
    maps[0, :, 3, 9] = 1
    flat = np.random.default_rng(1).integers(0, 256, 300)
    maps[1].reshape(300, 256)[np.arange(300), flat] = 1
    focus = places(maps).focus
    assert focus[0] == pytest.approx(1) and abs(focus[1]) < 0.1


def test_spread_is_the_distance_from_the_middle() -> None:
    corners = np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 0.0], [2.0, 2.0]])
    assert spread(corners) == pytest.approx(math.sqrt(2))
    assert spread(np.full((3, 2), np.nan)) == 0


def spotted(count: int = 8) -> tuple[FaceModel, dict[str, Face]]:
    """A network whose filter 0 sees red and filter 1 green; red is always on the mouth, green
    anywhere."""
    convolution = nn.Conv2d(3, 2, 1)
    weight = torch.tensor([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]])
    convolution.weight.data = weight[:, :, None, None]
    assert convolution.bias is not None
    convolution.bias.data = torch.tensor([-0.3, -0.3])
    network = nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = FaceModel(
        "spots", "letters", network, ("a", "b"), SIZE, 0.25, "1", "0" * 64, "CC0-1.0", ""
    )
    rng, faces = np.random.default_rng(0), {}
    for index in range(count):
        chip = np.full((3, SIZE, SIZE), 0.5, np.float32)
        parts = np.full((SIZE, SIZE), part_numbers()["skin"], np.uint8)
        parts[22:27, 10:22] = part_numbers()["mouth"]
        chip[0, 24, 16] = 1
        y, x = rng.integers(0, 22, 2)
        chip[1, y, x] = 1
        faces[f"s{index}"] = as_face(torch.from_numpy(chip), f"s{index}", parts)
    return model, faces


def test_a_planted_filter_of_the_mouth_is_found_and_one_of_any_place_is_not() -> None:
    model, faces = spotted()
    found = FilterResponse()(model, faces, seed=0)
    rows = [row for row in found.table if row["sign"] == "positive"]
    assert rows[0]["part"] == "mouth" and rows[0]["part_share"] == 1
    assert (rows[0]["x"], rows[0]["y"]) == pytest.approx((16, 24), abs=0.6)
    assert rows[0]["focus"] == pytest.approx(1) and rows[0]["extent"] < 1
    assert rows[1]["focus"] < 0.5 and rows[1]["part"] == "skin"
    (concept,) = [one for one in found.concepts if not one.random]
    assert concept.name == "mouth" and len(concept.patches) == len(faces)
    assert found.checks["spread_negative"] == 0
    assert all(row["x"] is None for row in found.table if row["sign"] == "negative")


def test_filters_of_the_shipped_recognition_network() -> None:
    faces = {face.id: face for face in load_faces("rendered", Path(), ["f01", "f02", "f03", "f04"])}
    found = FilterResponse(layer="conv64_3", most=5)(recognition.load(), faces, seed=0)
    assert len(found.table) == 128
    focused = [concept for concept in found.concepts if not concept.random]
    assert len(focused) == 5 == sum(concept.random for concept in found.concepts)
    order = [concept.scores["focus"] for concept in focused]
    assert order == sorted(order, reverse=True)
    assert 0 < found.checks["spread_positive_share"] < 0.5


def test_wrong_parameters_are_told() -> None:
    with pytest.raises(Problems) as error:
        FilterResponse(quantile=0.9, least=2, faces=-1, most=0)
    assert len(error.value.problems) == 4
