"""Effective receptive field: all channels' gradients by a slow loop, its extent by arithmetic."""

from pathlib import Path

import pytest
import torch
from torch import nn

from explainers.faces.face_bank import load_faces
from explainers.models import expression, gender, recognition
from explainers.problems import Problems
from explainers.saliency.effective_receptive_field import EffectiveReceptiveField


def test_random_signs_come_near_the_gradients_of_all_channels(tiny):
    model, face = tiny.model(tiny.convolutional(), layer="2"), tiny.face()
    x = model.prepare([face]).requires_grad_()
    map = model.features(x, "2")
    squares = torch.zeros(tiny.size, tiny.size)
    for channel in range(map.shape[1]):
        unit = map[0, channel, map.shape[2] // 2, map.shape[3] // 2]
        (gradient,) = torch.autograd.grad(unit, x, retain_graph=True)
        squares += gradient[0].square().sum(0)
    values = EffectiveReceptiveField(samples=400, batch=50)(model, face, None).values
    ours, expected = torch.from_numpy(values), squares.sqrt()
    assert ((ours > 0) == (expected > 0)).all()
    assert float((ours - expected).norm() / expected.norm()) < 0.1


def test_convolutions_of_ones_see_a_square_whose_influence_falls_off(tiny):
    layers = [nn.Conv2d(3, 3, 3, padding=1, bias=False) for _ in range(4)]
    model, face = tiny.model(nn.Sequential(*layers, nn.Flatten(), nn.Linear(1200, 4))), tiny.face()
    for layer in layers:
        layer.weight.data.fill_(1.0)
    for depth in range(1, 5):
        explanation = EffectiveReceptiveField(str(depth - 1), samples=4)(model, face, None)
        assert explanation.checks["side"] == 20
        assert explanation.checks["theoretical"] == 2 * depth + 1
        assert explanation.checks["effective"] <= 2 * depth + 1
        row = explanation.values[10]
        assert row.argmax() in ((10,) if depth > 1 else (9, 10, 11))
    # Four 3 x 3 boxes one after the other: the paper's Section 2.1, by hand.
    box = [1, 4, 10, 16, 19, 16, 10, 4, 1]
    assert torch.allclose(torch.from_numpy(row[6:15] / row[10]), torch.tensor(box) / 19, atol=1e-5)
    assert explanation.checks["effective"] < 9


def test_nothing_depends_on_the_batch_and_everything_on_the_seed(tiny):
    model, face = tiny.model(tiny.convolutional(), layer="2"), tiny.face()

    def values(**parameters):
        explainer = EffectiveReceptiveField(samples=5, noise=0.1, **parameters)
        return torch.from_numpy(explainer(model, face, None).values)

    assert torch.allclose(values(batch=1), values(batch=5), atol=1e-6)
    assert not torch.equal(values(seed=1), values(seed=2))


def test_shipped_networks_see_more_the_deeper_they_look():
    (face,) = load_faces("rendered", Path(), ["f01"])
    for model, layers in (
        (expression.load(), ("dense0", "dense1", "dense2")),
        (gender.load(), ("entry0", "entry1", "middle0")),
        (recognition.load(), ("conv32_1", "conv64_1", "conv128_1")),
    ):
        checks = [
            EffectiveReceptiveField(layer, samples=2)(model, face, None).checks for layer in layers
        ]
        for name in ("effective", "theoretical"):
            sides = [check[name] for check in checks]
            assert sides == sorted(sides)
            assert sides[0] < sides[-1]
        assert all(check["effective"] <= check["theoretical"] for check in checks)


def test_layers_that_cannot_serve_are_told(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    with pytest.raises(Problems, match=r"unknown layer '11'"):
        EffectiveReceptiveField("11")(model, face, None)
    with pytest.raises(Problems, match=r"'6' puts out \[8, 4\], which has no middle\n  fix: name"):
        EffectiveReceptiveField("6")(model, face, None)
    with pytest.raises(Problems) as error:
        EffectiveReceptiveField(samples=0, noise=-1.0, seed=-1, batch=0)
    assert len(error.value.problems) == 4
