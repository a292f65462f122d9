"""Concept directions and TCAV scores: by hand, by slow twins, and beside Captum."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from captum.concept import TCAV, Classifier, Concept
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from explainers.concept_finding.directions import cav, direction
from explainers.concept_finding.importance import (
    ConceptTest,
    counterparts_p,
    holm,
    prediction_p,
    score,
    sensitivity,
)
from explainers.concept_finding.layer_features import gradients, last_map, pooled
from explainers.problems import Problems


def separated(seed: int, axis: int, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    concept, random = rng.normal(size=(2, count, 5))
    concept[:, axis] += 8
    return concept, random


def test_the_direction_leads_to_the_concept_at_unit_length() -> None:
    concept, random = separated(0, axis=2)
    found = cav(concept, random)
    assert np.linalg.norm(found.vector) == pytest.approx(1)
    assert found.vector.argmax() == 2
    assert found.vector[2] > 0.9
    assert found.accuracy == 1


def test_the_direction_turns_round_when_the_sets_change_places() -> None:
    concept, random = separated(1, axis=0)
    assert direction(concept, random) == pytest.approx(-direction(random, concept), abs=1e-4)


def test_the_direction_does_not_depend_on_the_unit_of_the_features() -> None:
    concept, random = separated(2, axis=1)
    assert direction(1000 * concept, 1000 * random) == pytest.approx(
        direction(concept, random), abs=1e-3
    )


def test_the_accuracy_of_nothing_is_chance() -> None:
    rng = np.random.default_rng(3)
    found = [cav(*rng.normal(size=(2, 15, 4)), seed=seed).accuracy for seed in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_of_a_linear_network_gradient_and_score_are_known(tiny: SimpleNamespace) -> None:
    """Mean of each colour, then weights: the logit rises by its weights, whatever the picture."""
    network = nn.Sequential(
        nn.Conv2d(3, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4)
    )
    model = tiny.model(network, layer="0")
    x = model.prepare([tiny.face(n) for n in range(3)])
    weights = network[3].weight.detach().numpy()
    for index, label in enumerate(model.labels):
        found = gradients(model, x, "0", label)
        assert found == pytest.approx(np.tile(weights[index], (3, 1)), abs=1e-5)
        vectors = np.random.default_rng(index).normal(size=(6, 3))
        assert score(vectors, found).tolist() == (vectors @ weights[index] > 0).tolist()


def test_gradients_are_derivatives_along_every_channel(tiny: SimpleNamespace) -> None:
    """Adding a little to one channel at all positions, by finite differences."""
    model = tiny.model(tiny.convolutional())
    x = model.prepare([tiny.face(5)])
    found = gradients(model, x, "2", "c")
    head = model.network[3:]
    with torch.no_grad():
        map_ = model.features(x, "2").double()
        head = head.double()
        for channel in range(map_.shape[1]):
            more = map_.clone()
            more[:, channel] += 1e-5
            slope = (head(more) - head(map_))[0, 2] / 1e-5
            assert found[0, channel] == pytest.approx(float(slope), abs=1e-3)


def test_scores_are_those_of_plain_loops() -> None:
    rng = np.random.default_rng(4)
    vectors, steepest = rng.normal(size=(3, 6)), rng.normal(size=(7, 6))
    for vector, one, other in zip(
        vectors, score(vectors, steepest), sensitivity(vectors, steepest), strict=True
    ):
        along = [sum(g * v for g, v in zip(row, vector, strict=True)) for row in steepest]
        assert one == sum(each > 0 for each in along) / 7
        assert other == pytest.approx(sum(along) / 7)


class OurClassifier(Classifier):
    """Captum asks a classifier for weights; ours are the concept's direction and its opposite."""

    def __init__(self) -> None:
        """Nothing to prepare."""

    def train_and_eval(self, dataloader: Any, **_: Any) -> dict[str, float]:
        batches = list(dataloader)
        x = torch.cat([batch[0] for batch in batches]).double().numpy()
        y = torch.cat([batch[1] for batch in batches]).numpy()
        self._classes = sorted(set(y.tolist()))
        vector = direction(x[y == self._classes[0]], x[y == self._classes[1]])
        self._weights = torch.tensor(np.stack([vector, -vector]), dtype=torch.float32)
        return {"accs": 1.0}

    def weights(self) -> torch.Tensor:
        return self._weights

    def classes(self) -> list[int]:
        return self._classes


def test_the_score_is_captums(tiny: SimpleNamespace, tmp_path: Path) -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(24, 8), nn.Tanh(), nn.Linear(8, 4),
    )  # fmt: skip
    model = tiny.model(network, layer="4")
    network[4].weight.data *= 8  # so that the gradients of pictures differ
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(2, 10, 3, tiny.size, tiny.size, generator=generator)
    pictures[0, :, 0] *= 0.3
    light = torch.rand(9, 3, 1, 1, generator=generator)
    x = torch.rand(9, 3, tiny.size, tiny.size, generator=generator) * light
    sets = [
        Concept(n, name, torch.utils.data.DataLoader(list(pictures[n]), batch_size=5))
        for n, name in enumerate(("dark", "random"))
    ]
    oracle = TCAV(network, ["4"], classifier=OurClassifier(), save_path=str(tmp_path))
    vector = direction(pooled(model, pictures[0], "4"), pooled(model, pictures[1], "4"))
    ours, captums = [], []
    for target, label in enumerate(model.labels):
        told = oracle.interpret(x, [sets], target=target)["0-1"]["4"]["sign_count"][0]
        captums.append(float(told))
        ours.append(float(score(vector[None], gradients(model, x, "4", label))[0]))
    assert ours == pytest.approx(captums)
    assert any(0 < one < 1 for one in captums)


def test_a_value_like_the_random_ones_has_a_large_p_and_one_far_away_a_small_p() -> None:
    random = [0.1, -0.1, 0.05, 0.0, -0.05]
    assert prediction_p(0.0, random) == pytest.approx(1)
    assert prediction_p(1.0, random) < 0.001
    assert prediction_p(-1.0, random) == pytest.approx(prediction_p(1.0, random))
    assert prediction_p(2.0, [1.0, 1.0]) == 0


def test_published_prediction_p() -> None:
    """Crawford & Howell: mean 50, s 10, n 20 and a value of 30 → t = -1.952, p = .0658."""
    norm = np.repeat([50 - 10 * np.sqrt(19 / 20), 50 + 10 * np.sqrt(19 / 20)], 10)
    assert prediction_p(30.0, list(norm)) == pytest.approx(0.0658, abs=2e-4)


def test_kims_test_where_nothing_varies() -> None:
    ones = np.ones(4)
    assert counterparts_p(ones, ones) == 1
    assert counterparts_p(ones, 0 * ones) == 0
    assert counterparts_p(np.array([1, 0.9, 1]), np.array([0.2, 0.3, 0.4])) < 0.01


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holms_p_are_no_smaller_and_keep_the_order(p: list[float]) -> None:
    held = holm(p)
    assert all(a <= b <= 1 or b == 1 for a, b in zip(p, held, strict=True))
    order = np.argsort(p, kind="stable")
    assert (np.diff(np.asarray(held)[order]) >= 0).all()
    assert min(held) == pytest.approx(min(1.0, min(p) * len(p)))


def test_a_strong_concept_is_important_and_the_same_again() -> None:
    rng = np.random.default_rng(8)
    pool = rng.normal(size=(120, 6))
    concept = rng.normal(size=(10, 6)) + np.array([5, 0, 0, 0, 0, 0])
    steepest = np.array([1.0, 0.1, 0, 0, 0, 0]) + 0.1 * rng.normal(size=(8, 6))
    test = ConceptTest(pool, counterparts=4, null=10, seed=1)
    found = test.importance(concept, steepest)
    assert found.score == found.low == found.high == 1
    assert found.p < 0.01
    assert found.accuracy > 0.9
    assert found == ConceptTest(pool, counterparts=4, null=10, seed=1).importance(concept, steepest)
    assert test.importance(concept, -steepest).score == 0


def test_random_sets_need_enough_pictures() -> None:
    with pytest.raises(ValueError, match="10 random pictures for a concept of 6"):
        ConceptTest(np.zeros((10, 3))).importance(np.ones((6, 3)), np.ones((2, 3)))


def test_layers_that_cannot_be_used_say_so(tiny: SimpleNamespace) -> None:
    model = tiny.model(tiny.convolutional())
    x = model.prepare([tiny.face()])
    with pytest.raises(Problems, match="unknown layer 'conv'"):
        pooled(model, x, "conv")
    with pytest.raises(Problems, match="unknown class 'z'"):
        gradients(model, x, "0", "z")
    assert last_map(model) == "4"
