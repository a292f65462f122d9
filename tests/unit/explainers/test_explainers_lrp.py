"""LRP: its rules by slow loops, Captum's epsilon rule, conservation with and without biases."""

from pathlib import Path

import pytest
import torch
from captum import attr
from captum.attr._utils.lrp_rules import EpsilonRule
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from explainers.face import TEMPLATE, Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.models import age, expression, gender, recognition
from explainers.problems import Problems
from explainers.saliency._relevance import Relevance
from explainers.saliency.lrp import Lrp
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

SIZE = 10
RULES = [
    {"rule": "composite"},
    {"rule": "epsilon"},
    {"rule": "gamma", "gamma": 0.5},
    {"rule": "alpha_beta"},
    {"rule": "alpha_beta", "alpha": 2.0},
]


def model_of(network, seed=0, bias=True, size=SIZE):
    generator = torch.Generator().manual_seed(seed)
    for name, each in network.named_parameters():
        each.data = torch.randn(each.shape, generator=generator) / each[0].numel() ** 0.5
        if "bias" in name and not bias:
            each.data.zero_()
    labels = ("a", "b", "c", "d")
    return FaceModel(
        "net", "letters", nn.Sequential(network), labels, size, 0.25, "0", "0" * 64, "", ""
    )


def random_face(seed=0):
    image = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(seed)).numpy()
    return Face(f"r{seed}", image, (TEMPLATE + 0.25) / 1.5 * 40)


def share(a, weight, bias, rule):
    """The share s_ij of each input in each unit, by the formulas of the docstring; loops."""
    shares = torch.zeros_like(weight)
    z = weight @ a + bias
    rms = z.square().mean().sqrt()
    for j in range(len(weight)):
        parts = [float(a[i] * weight[j, i]) for i in range(len(a))]
        whole = [*parts, float(bias[j])]
        own = [part if part * z[j] > 0 else 0.0 for part in whole]
        others = [part - each for part, each in zip(whole, own, strict=True)]
        for i, part in enumerate(parts):
            if rule["rule"] == "epsilon":
                sign = 1 if z[j] > 0 else -1
                shares[j, i] = part / (z[j] + sign * rule.get("epsilon", 0.01) * rms)
            elif rule["rule"] == "gamma":
                gamma = rule["gamma"]
                shares[j, i] = (part + gamma * own[i]) / (sum(whole) + gamma * sum(own))
            else:
                alpha = rule.get("alpha", 1.0) if any(others) else 1.0
                shares[j, i] = alpha * own[i] / sum(own)
                if any(others):
                    shares[j, i] -= (alpha - 1) * others[i] / sum(others)
    return shares


@pytest.mark.parametrize("rule", RULES[1:])
@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_linear_layer_shares_by_the_formula(rule, negative, seed):
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(6, generator=generator)
    a = (a if negative else a.abs()).requires_grad_()
    weight, bias = torch.randn(4, 6, generator=generator), torch.randn(4, generator=generator)
    relevance = Relevance(**rule)
    with relevance.rules:
        z = functional.linear(a[None], weight, bias)[0]
    upper = torch.randn(4, generator=generator)  # relevance of the units
    (c,) = torch.autograd.grad(z, a, upper / z.detach())
    expected = share(a.detach(), weight, bias, rule).T @ upper
    assert torch.allclose(a.detach() * c, expected, atol=1e-4)
    assert relevance.absorbed == pytest.approx(float(upper.sum() - expected.sum()), abs=1e-4)


@pytest.mark.parametrize("rule", RULES[1:])
@pytest.mark.parametrize("groups", [1, 4])
def test_a_convolution_is_the_linear_layer_that_it_is(rule, groups):
    generator = torch.Generator().manual_seed(3)
    a = torch.randn(1, 4, 5, 5, generator=generator).requires_grad_()
    weight = torch.randn(8, 4 // groups, 3, 3, generator=generator)
    bias = torch.randn(8, generator=generator)

    def layer(x, weight, bias):
        return functional.conv2d(x, weight, bias, stride=2, padding=1, groups=groups)

    # The matrix of the convolution, column by column.
    columns = layer(torch.eye(100).view(100, 4, 5, 5), weight, None).flatten(1)
    relevance = Relevance(**rule)
    with relevance.rules:
        z = layer(a, weight, bias)
    upper = torch.randn(z.shape, generator=generator)
    (c,) = torch.autograd.grad(z, a, upper / z.detach())
    many = bias[:, None].expand(8, 9).flatten()
    expected = share(a.detach().flatten(), columns.T, many, rule).T @ upper.flatten()
    assert torch.allclose((a.detach() * c).flatten(), expected, atol=1e-4)


@pytest.mark.parametrize("first", ["box", "flat"])
@pytest.mark.parametrize("scale", [[2.0, 3.0, 4.0], [2.0, -3.0, 4.0]])
def test_the_first_layer_shares_by_its_formula_whatever_the_preprocessing(first, scale):
    class Prepared(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3 * SIZE**2, 4)

        def forward(self, x):
            x = (x - 0.4) * torch.tensor(scale).view(3, 1, 1)
            return self.layer(x.flatten(1))

    model, face = model_of(Prepared()), random_face()
    x = model.prepare([face])
    factor = torch.tensor(scale).view(3, 1, 1)
    a, low, high = (((each - 0.4) * factor).flatten() for each in (x, 0 * x, 0 * x + 1))
    low, high = torch.minimum(low, high), torch.maximum(low, high)
    weight = model.network[0].layer.weight[1]
    if first == "box":
        parts = a * weight - low * weight.clamp(min=0) - high * weight.clamp(max=0)
        assert (parts >= -1e-6).all()
    else:
        parts = torch.ones_like(a)
    explanation = Lrp(first=first)(model, face, ClassScore("b"))
    expected = (parts / parts.sum() * model.logits(x)[0, 1]).view(3, SIZE, SIZE).sum(0)
    assert torch.allclose(torch.from_numpy(explanation.values), expected, atol=1e-5)
    assert explanation.checks["relevance"] == pytest.approx(explanation.checks["score"], abs=1e-5)
    assert explanation.checks["absorbed"] == pytest.approx(0, abs=1e-5)


def test_the_epsilon_rule_without_epsilon_is_captums():
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(5, 6, 3), nn.ReLU(),
    )  # fmt: skip

    class Plain(nn.Module):
        """Captum knows no Flatten, and a view wants one memory format."""

        def __init__(self):
            super().__init__()
            self.layers, self.last = network, nn.Linear(24, 4)

        def forward(self, x):
            return self.last(self.layers(x).view(len(x), -1))

    model, face = model_of(Plain()), random_face()
    plain = model.network[0]
    for layer in (plain.layers[0], plain.layers[3], plain.last):
        layer.rule = EpsilonRule(0.0)
    x = model.prepare([face])
    theirs = attr.LRP(plain).attribute(x, target=2)
    ours = Lrp("epsilon", epsilon=0.0, first="same")(model, face, ClassScore("c"))
    assert torch.allclose(torch.from_numpy(ours.values), theirs[0].sum(0).detach(), atol=1e-5)


class Mixed(nn.Module):
    """Everything that Captum's LRP refuses: flattening, PReLU, sums, reuse, depthwise, 'same'."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3, padding="same")
        self.b = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.norm, self.prelu, self.relu = nn.BatchNorm2d(4), nn.PReLU(4), nn.ReLU(inplace=True)
        self.gate, self.flat, self.last = nn.Linear(4, 4), nn.Flatten(), nn.Linear(16, 4)

    def forward(self, x):
        x = self.relu(self.norm(self.a((x - 0.4) / 0.25)))
        x = functional.max_pool2d(functional.pad(x, [0, 1, 0, 1]), 3, 2)
        x = self.prelu(x + self.b(self.relu(x.clone())))
        x = functional.leaky_relu(torch.cat([x[:, :2], x[:, 2:] - 0.1], 1), 0.2)
        x = x * torch.sigmoid(self.gate(x.mean((2, 3))))[:, :, None, None]
        x = torch.tanh(functional.adaptive_avg_pool2d(x, 2))
        return self.last(functional.normalize(self.flat(x))) + 0.3


def plain(bias):
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1, bias=bias), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 6, 3, bias=bias), nn.ReLU(), nn.Flatten(), nn.Linear(54, 4, bias=bias),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rule=st.sampled_from(RULES),
    first=st.sampled_from(["box", "flat", "same"]),
    network=st.sampled_from([Mixed, lambda: plain(True)]),
)
def test_what_does_not_arrive_is_absorbed(seed, rule, first, network):
    model = model_of(network(), seed)
    for target in (ClassScore("b"), ClassDifference("a", "d")):
        checks = Lrp(**rule, first=first)(model, random_face(seed), target).checks
        # Relevance of both signs can be far larger than its sum: then so is rounding.
        size = abs(checks["score"]) + abs(checks["relevance"]) + abs(checks["absorbed"])
        assert abs(checks["conservation_gap"]) < 1e-4 * max(size, 1)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rule=st.sampled_from([*RULES[2:], {"rule": "epsilon", "epsilon": 0.0}]),
    first=st.sampled_from(["box", "flat", "same"]),
)
def test_without_biases_all_of_the_score_arrives(seed, rule, first):
    model = model_of(plain(bias=False), seed)
    explanation = Lrp(**rule, first=first)(model, random_face(seed), ClassScore("b"))
    score = explanation.checks["score"]
    assert float(explanation.values.sum()) == pytest.approx(score, rel=1e-3, abs=1e-4)
    assert explanation.checks["absorbed"] == pytest.approx(0, abs=1e-4 + 1e-3 * abs(score))


def test_the_composite_rule_is_gamma_in_convolutions_and_epsilon_in_linear_layers():
    torch.manual_seed(0)
    a, image = torch.rand(1, 6), torch.rand(1, 3, 5, 5)
    weight, kernel = torch.randn(4, 6), torch.randn(4, 3, 3, 3)
    for composite, other, call, x in (
        ("composite", "epsilon", lambda x: functional.linear(x, weight), a),
        ("composite", "gamma", lambda x: functional.conv2d(x, kernel), image),
    ):
        arrived = []
        for rule in (composite, other):
            leaf, relevance = x.clone().requires_grad_(), Relevance(rule)
            with relevance.rules:
                call(leaf).sum().backward()
            arrived.append(leaf.grad)
        assert torch.equal(*arrived)


def test_dead_units_and_black_pictures_give_zeros_not_nan():
    for rule in RULES:
        for first in ("box", "flat", "same"):
            model = model_of(plain(bias=False))
            face = random_face()
            black = Face("black", face.image * 0, face.landmarks)
            model.network[0][0].weight.data[2].zero_()
            Lrp(**rule, first=first)(model, black, ClassScore("a"))  # refuses NaN by itself
            model.network[0][0].weight.data.zero_()
            values = Lrp(**rule, first=first)(model, face, ClassScore("a")).values
            assert not values.any()


def test_shipped_networks_conserve_every_target():
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
        for rule in ({}, {"rule": "alpha_beta", "first": "flat"}):
            explanation = Lrp(**rule)(model, first, target)
            assert abs(explanation.checks["conservation_gap"]) < 1e-4
            assert explanation.values.any()


def test_the_network_stays_as_it_was():
    model = model_of(Mixed())
    before = {name: each.clone() for name, each in model.network.state_dict().items()}
    first = Lrp()(model, random_face(), ClassScore(0)).values
    assert (Lrp()(model, random_face(), ClassScore(0)).values == first).all()
    assert all(torch.equal(before[name], each) for name, each in model.network.state_dict().items())
    assert all(not each.requires_grad for each in model.network.parameters())


def test_networks_that_lrp_cannot_see_into_are_told_what_to_use_instead():
    class NoWeights(nn.Module):
        def forward(self, x):
            return functional.adaptive_avg_pool2d(x, (1, 4)).mean((1, 2))

    with pytest.raises(Problems, match=r"could see\n  fix: use integrated_gradients"):
        Lrp()(model_of(NoWeights()), random_face(), ClassScore(0))
    scripted = torch.jit.trace(plain(True).requires_grad_(False), torch.zeros(1, 3, SIZE, SIZE))
    with pytest.raises(Problems, match=r"could see\n  fix: use integrated_gradients"):
        Lrp()(model_of(scripted), random_face(), ClassScore(0))


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(Problems) as error:
        Lrp("epsilo", gamma=-1.0, epsilon=-1.0, alpha=0.5, first="zbox")
    places = [problem.where for problem in error.value.problems]
    assert places == ["lrp: rule", "lrp: gamma", "lrp: epsilon", "lrp: alpha", "lrp: first"]
    assert "did you mean 'epsilon'" in str(error.value)
