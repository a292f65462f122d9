"""DeepLIFT: Captum's values, the rescale rule by hand, completeness on every kind of network."""

from pathlib import Path

import pytest
import torch
from captum import attr
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from explainers.face import TEMPLATE, Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.models import age, expression, gender, recognition
from explainers.problems import Problems
from explainers.saliency._baseline import baseline_picture
from explainers.saliency.deep_lift import DeepLift
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

SIZE = 16


def model_of(network, seed=0, labels=("a", "b", "c", "d")):
    generator = torch.Generator().manual_seed(seed)
    for each in network.parameters():
        each.data = torch.randn(each.shape, generator=generator) / each[0].numel() ** 0.5
    return FaceModel(
        "net", "letters", nn.Sequential(network), labels, SIZE, 0.25, "0", "0" * 64, "", ""
    )


def random_face(seed=0):
    image = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(seed)).numpy()
    return Face(f"r{seed}", image, (TEMPLATE + 0.25) / 1.5 * 40)


def pooled():
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(5, 6, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(216, 8), nn.Sigmoid(), nn.Linear(8, 4),
    )  # fmt: skip


@pytest.mark.parametrize("baseline", ["black", "gray", "mean", "blur"])
@pytest.mark.parametrize("network", ["convolutional", "fully_connected"])
def test_values_are_captums_on_small_networks(tiny, network, baseline):
    model, face = tiny.model(getattr(tiny, network)()), tiny.face()
    x = model.prepare([face])
    theirs = attr.DeepLift(model.network).attribute(x, baseline_picture(x, baseline), target=2)
    ours = torch.from_numpy(DeepLift(baseline)(model, face, ClassScore("c")).values)
    assert torch.allclose(ours, theirs[0].sum(0).detach(), atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh, nn.ELU, nn.Softplus, nn.LeakyReLU])
def test_values_are_captums_for_every_activation_that_captum_knows(activation, seed):
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3), activation(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(245, 4)
    )
    model, face = model_of(network, seed), random_face(seed)
    x = model.prepare([face])
    theirs = attr.DeepLift(network).attribute(x, torch.zeros_like(x) + 0.5, target=0)
    ours = torch.from_numpy(DeepLift("gray")(model, face, ClassScore("a")).values)
    assert torch.allclose(ours, theirs[0].sum(0).detach(), atol=1e-5)


def test_a_maximum_hands_its_difference_to_the_larger_of_the_two_by_a_slow_loop():
    """Captum cannot be asked: with a maximum its maps do not sum to the difference."""
    network = nn.Sequential(nn.MaxPool2d(3, 2, padding=1), nn.Flatten(), nn.Linear(192, 4))
    model, face = model_of(network), random_face()
    x = model.prepare([face])[0]
    x0 = baseline_picture(x[None], "blur")[0]
    weight, expected = network[2].weight[0].view(3, 8, 8), torch.zeros(3, SIZE, SIZE)
    for channel in range(3):
        for row in range(8):
            for column in range(8):
                top, left = max(2 * row - 1, 0), max(2 * column - 1, 0)
                here = slice(top, 2 * row + 2), slice(left, 2 * column + 2)
                window, window0 = x[channel][here], x0[channel][here]
                larger = window if window.max() >= window0.max() else window0
                place = divmod(int(larger.argmax()), larger.shape[1])
                rise = window.max() - window0.max()
                expected[channel, top + place[0], left + place[1]] += (
                    weight[channel, row, column] * rise
                )
    ours = torch.from_numpy(DeepLift("blur")(model, face, ClassScore("a")).values)
    assert torch.allclose(ours, expected.sum(0), atol=1e-5)


def test_one_hidden_layer_by_hand():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE**2, 7), nn.ReLU(), nn.Linear(7, 4))
    model, face = model_of(network), random_face()
    x = model.prepare([face]).flatten()
    first, second = network[1], network[3]
    expected = torch.zeros(3 * SIZE**2)
    for unit in range(7):
        a, a0 = first.weight[unit] @ x + first.bias[unit], first.bias[unit]
        slope = (a.clamp(min=0) - a0.clamp(min=0)) / (a - a0)
        expected += second.weight[2, unit] * slope * first.weight[unit] * x
    ours = torch.from_numpy(DeepLift()(model, face, ClassScore("c")).values)
    assert torch.allclose(ours, expected.view(3, SIZE, SIZE).sum(0), atol=1e-5)


class Everything(nn.Module):
    """Reused, functional and in-place ReLUs, sums, gates, overlapping maxima, a unit vector."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3, padding="same")
        self.b = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.norm, self.prelu, self.relu = nn.BatchNorm2d(4), nn.PReLU(4), nn.ReLU(inplace=True)
        self.gate, self.last = nn.Linear(4, 4), nn.Linear(16, 4)

    def forward(self, x):
        x = self.relu(self.norm(self.a(2 * x - 1)))
        x = functional.max_pool2d(functional.pad(x, [0, 1, 0, 1]), 3, 2, padding=1)
        x = self.prelu(x + self.b(self.relu(x.clone())))
        x = functional.leaky_relu(torch.cat([x[:, :2], -x[:, 2:]], 1), 0.2)
        x = x * torch.sigmoid(self.gate(x.mean((2, 3))))[:, :, None, None]
        x = functional.gelu(functional.adaptive_max_pool2d(x, 2)) ** 2
        return self.last(functional.normalize(x.flatten(1)) + x.flatten(1))


def smooth_sequence(depth):
    layers = [nn.Flatten(), nn.Linear(3 * SIZE**2, 6)]
    for _ in range(depth):
        layers += [nn.SiLU(), nn.Linear(6, 6), nn.ELU(0.7, inplace=True), nn.Linear(6, 6)]
    return nn.Sequential(*layers, nn.Softplus(), nn.Linear(6, 4))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    baseline=st.sampled_from(["black", "gray", "mean", "blur"]),
    network=st.sampled_from(
        [Everything, pooled, lambda: smooth_sequence(1), lambda: smooth_sequence(3)]
    ),
)
def test_the_map_sums_to_the_difference_whatever_the_network(seed, baseline, network):
    model = model_of(network(), seed)
    for target in (ClassScore("b"), ClassDifference("a", "d")):
        explanation = DeepLift(baseline)(model, random_face(seed), target)
        difference = explanation.checks["score"] - explanation.checks["baseline_score"]
        assert abs(explanation.checks["completeness_gap"]) < 1e-4
        assert float(explanation.values.sum()) == pytest.approx(difference, abs=2e-4)


def test_what_the_network_does_not_see_gets_nothing():
    class Left(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = smooth_sequence(1)

        def forward(self, x):
            seen = torch.zeros(SIZE)
            seen[: SIZE // 2] = 1
            return self.net(x * seen)

    values = DeepLift("gray")(model_of(nn.Sequential(Left())), random_face(), ClassScore(0)).values
    assert not values[:, SIZE // 2 :].any()
    assert values[:, : SIZE // 2].any()


def test_shipped_networks_are_complete_for_every_target():
    first, second, third = load_faces("rendered", Path(), ["f01", "f02", "f03"])
    for model, target in (
        (expression.load(), ClassScore("happy")),
        (gender.load(), ClassScore("female")),
        (age.load(), ClassScore("40s")),
        (age.load(), ExpectedValue()),
        (recognition.load(), Similarity(second)),
        (recognition.load(), Triplet(second, third)),
        (recognition.load(), Unit("conv64_3", 2)),
    ):
        explanation = DeepLift("mean")(model, first, target)
        assert abs(explanation.checks["completeness_gap"]) < 1e-4


def test_a_network_that_computes_other_things_for_the_baseline_is_refused(tiny):
    class Moody(nn.Module):
        def forward(self, x):
            for _ in range(int(x.mean() > 0.2)):
                x = torch.tanh(x)
            return torch.tanh(x.mean((2, 3))) @ torch.ones(3, 4)

    model = tiny.model(nn.Sequential(nn.Identity(), Moody()), layer="0")
    for face in (tiny.face(),):
        with pytest.raises(Problems, match="computes other things for the baseline"):
            DeepLift("black")(model, face, ClassScore(0))


def test_unknown_baselines_are_refused():
    with pytest.raises(Problems, match="did you mean 'black'"):
        DeepLift("blac")
