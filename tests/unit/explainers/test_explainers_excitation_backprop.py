"""Excitation backprop and its kin: slow loops over units, conservation, folding, faces."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision import models

from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.models import age, expression, gender, recognition
from explainers.networks.layers import Standardise
from explainers.problems import Problems
from explainers.saliency._maps import enlarge
from explainers.saliency.contrastive_excitation_backprop import ContrastiveExcitationBackprop
from explainers.saliency.excitation_backprop import ExcitationBackprop
from explainers.saliency.triplet_excitation_backprop import TripletExcitationBackprop
from explainers.saliency.truncated_contrastive_excitation_backprop import (
    TruncatedContrastiveExcitationBackprop,
)
from explainers.target import embeddings
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

METHODS = [
    ExcitationBackprop,
    ContrastiveExcitationBackprop,
    TruncatedContrastiveExcitationBackprop,
]


class Small(nn.Module):
    """Convolution, ReLU, maximum, convolution, ReLU, mean, linear layer."""

    def __init__(self, first=None):
        super().__init__()
        self.first = first or nn.Identity()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2)
        self.conv2 = nn.Conv2d(4, 5, 3, padding=1)
        self.fc = nn.Linear(20, 4)

    def forward(self, x):
        y = functional.max_pool2d(functional.relu(self.conv1(self.first(x))), 2)
        y = functional.relu(self.conv2(y))
        return self.fc(torch.flatten(functional.avg_pool2d(y, 2), 1))


def slow_linear(winning, a, weight):
    """Eq. 3 unit by unit: what each output passes to each input."""
    passed = np.zeros_like(a)
    for i, probability in enumerate(winning):
        excitation = [max(float(weight[i, j]), 0.0) * a[j] for j in range(len(a))]
        total = sum(excitation)
        for j, each in enumerate(excitation):
            if total > 0:
                passed[j] += probability * each / total
    return passed


def slow_conv(winning, a, weight, stride, padding):
    passed = np.zeros_like(a)
    channels, height, width = a.shape
    for k, row, column in zip(*np.nonzero(winning), strict=True):
        excitation = {}
        for c in range(channels):
            for i in range(weight.shape[2]):
                for j in range(weight.shape[3]):
                    y, x = row * stride + i - padding, column * stride + j - padding
                    if 0 <= y < height and 0 <= x < width:
                        excitation[c, y, x] = max(float(weight[k, c, i, j]), 0.0) * a[c, y, x]
        total = sum(excitation.values())
        for place, each in excitation.items():
            if total > 0:
                passed[place] += winning[k, row, column] * each / total
    return passed


def slow_pool(winning, a, share):
    passed = np.zeros_like(a)
    for k, row, column in np.ndindex(*winning.shape):
        window = a[k, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        place = passed[k, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        if share == "max":
            place[np.unravel_index(window.argmax(), window.shape)] += winning[k, row, column]
        elif window.sum() > 0:
            place += winning[k, row, column] * window / window.sum()
    return passed


def slow_excitation(network, picture, prior):
    """Winning probabilities at each level of ``Small`` without preprocessing, from loops."""
    weights = {name: p.detach().double().numpy() for name, p in network.named_parameters()}
    with torch.no_grad():
        a1 = functional.relu(network.conv1(picture[None]))
        p1 = functional.max_pool2d(a1, 2)
        a2 = functional.relu(network.conv2(p1))
        v = functional.avg_pool2d(a2, 2)
    x, a1, p1, a2, v = (each.double().numpy() for each in (picture, a1[0], p1[0], a2[0], v[0]))
    at = {}
    positive = slow_linear(np.maximum(prior, 0), v.ravel(), weights["fc.weight"])
    negative = slow_linear(np.maximum(-prior, 0), v.ravel(), -weights["fc.weight"])
    at["v"] = (positive + negative).reshape(v.shape)
    at["a2"] = slow_pool(at["v"], a2, "mean")
    at["p1"] = slow_conv(at["a2"], p1, weights["conv2.weight"], 1, 1)
    at["a1"] = slow_pool(at["p1"], a1, "max")
    at["x"] = slow_conv(at["a1"], x, weights["conv1.weight"], 2, 0)
    return at


@pytest.fixture
def small(tiny):
    model = tiny.model(Small(), layer="conv1", seed=3)
    face = tiny.face()
    return model, face, model.prepare([face])[0]


def one_hot(label):
    return np.eye(4)[label]


def picture_of(units, size):
    map = enlarge(torch.from_numpy(units).sum(0).float(), size)
    return (map / map.abs().sum()).numpy()


@pytest.mark.parametrize("label", [0, 1, 2, 3])
def test_excitation_is_shared_out_as_loops_over_units_share_it(small, label):
    model, face, x = small
    at = slow_excitation(model.network, x, one_hot(label))
    pixels = ExcitationBackprop()(model, face, ClassScore(label))
    assert np.allclose(pixels.values, picture_of(at["x"], 20), atol=1e-6)
    assert pixels.checks["conserved"] == pytest.approx(at["x"].sum(), abs=1e-5)
    # The layer's own output is read before its ReLU, so it is that of the units above 0.
    inside = ExcitationBackprop("conv2")(model, face, ClassScore(label))
    assert np.allclose(inside.values, picture_of(at["a2"], 20), atol=1e-6)


def test_a_difference_starts_the_second_class_with_negated_weights(small):
    model, face, x = small
    at = slow_excitation(model.network, x, (one_hot(1) - one_hot(3)) / 2)
    ours = ExcitationBackprop()(model, face, ClassDifference(1, 3))
    assert np.allclose(ours.values, picture_of(at["x"], 20), atol=1e-6)


@pytest.mark.parametrize("layer", ["", "conv2"])
def test_contrast_is_the_difference_to_the_dual_unit(small, layer):
    model, face, x = small
    name = {"": "x", "conv2": "a2"}[layer]
    winning, against = (
        slow_excitation(model.network, x, sign * one_hot(2))[name] for sign in (1, -1)
    )
    winning, against = winning / winning.sum(), against / against.sum()
    signed = ContrastiveExcitationBackprop(layer)(model, face, ClassScore(2))
    slow = enlarge(torch.from_numpy((winning - against).sum(0)).float(), 20)
    assert np.allclose(signed.values, slow / slow.abs().sum(), atol=1e-6)
    assert signed.checks["distance"] == pytest.approx(np.abs(winning - against).sum() / 2, abs=1e-5)


@pytest.mark.parametrize("percentile", [0.0, 20.0, 60.0])
def test_truncation_cuts_off_the_units_that_win_least(small, percentile):
    model, face, x = small
    winning, against = (
        slow_excitation(model.network, x, sign * one_hot(2))["a2"] for sign in (1, -1)
    )
    winning, against = winning / winning.sum(), against / against.sum()
    kept, total = np.zeros_like(winning), 0.0
    for place in sorted(np.ndindex(*winning.shape), key=lambda place: winning[place]):
        total += winning[place]
        kept[place] = total >= percentile / 100
    contrast = np.maximum(kept * (winning - against), 0)
    method = TruncatedContrastiveExcitationBackprop("conv2", percentile)
    ours = method(model, face, ClassScore(2))
    assert np.allclose(ours.values, picture_of(contrast, 20), atol=1e-6)
    assert ours.checks["contrast"] == pytest.approx(contrast.sum(), abs=1e-5)


@pytest.mark.parametrize("contrast", ["none", "contrastive", "truncated"])
def test_a_triplet_starts_at_mate_and_non_mate(tiny, small, contrast):
    model, face, x = small
    target = Triplet(tiny.face(1), tiny.face(2))
    with torch.no_grad():
        mate, other = embeddings(model, model.prepare([target.mate, target.non_mate]))
    mate, other = mate.double().numpy(), other.double().numpy()

    def winning(start):
        units = slow_excitation(model.network, x, start / np.abs(start).sum())["x"]
        return units / units.sum()

    if contrast == "none":
        units = winning(mate - other)
    else:
        units = winning(mate) - winning(other)
        if contrast == "truncated":
            units = np.maximum(units, 0)
    method = TripletExcitationBackprop(contrast=contrast, percentile=0.0)
    ours = method(model, face, target)
    map = units.sum(0)
    assert np.allclose(ours.values, map / np.abs(map).sum(), atol=1e-5)
    assert ours.kind == ("signed" if contrast == "contrastive" else "unsigned")


@pytest.mark.parametrize("seed", range(6))
def test_probabilities_sum_to_one_at_every_layer_without_bias(tiny, seed):
    model = tiny.model(Small(), layer="conv1", seed=seed)
    for layer in (model.network.conv1, model.network.conv2, model.network.fc):
        layer.bias.data.zero_()
    for layer in ("", "conv1", "conv2"):
        explanation = ExcitationBackprop(layer)(model, tiny.face(seed), ClassScore(seed % 4))
        assert explanation.checks["conserved"] == pytest.approx(1.0, abs=1e-4)
        assert explanation.values.sum() == pytest.approx(1.0, abs=1e-5)
        assert explanation.values.min() >= 0


def test_preprocessing_belongs_to_the_first_layer(tiny):
    """Standardising the picture is a factor of the first weights; black stays unexcited."""
    weight = torch.rand(4, 3, 3, 3, generator=torch.Generator().manual_seed(1)) - 0.4
    plain = tiny.model(Small(), layer="conv1", seed=2)
    shifted = tiny.model(Small(Standardise((100.0, 90.0, 80.0), 51.0)), layer="conv1", seed=2)
    plain.network.conv1.weight.data = weight * 5
    shifted.network.conv1.weight.data = weight
    offset = weight.sum((2, 3)) @ (torch.tensor([100.0, 90.0, 80.0]) / 51)
    plain.network.conv1.bias.data = shifted.network.conv1.bias - offset
    face, target = tiny.face(), ClassScore(1)
    one, other = (ExcitationBackprop()(model, face, target) for model in (plain, shifted))
    assert one.checks["score"] == pytest.approx(other.checks["score"], abs=1e-3)
    assert np.allclose(one.values, other.values, atol=1e-6)


class Normalised(nn.Module):
    """A convolution with batch normalisation, some of whose factors are negative; a shortcut."""

    def __init__(self, folded):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4, 4)
        self.folded = folded

    def forward(self, x):
        y = self.conv1(x)
        if not self.folded:
            y = self.norm(y)
        y = functional.relu(y)
        z = self.conv2(y)
        z += y  # in place, like torchvision's
        return self.fc(functional.relu(z, inplace=True).mean((2, 3)))


@pytest.mark.parametrize("layer", ["", "conv2"])
def test_batch_normalisation_is_part_of_the_layer_before_it(tiny, layer):
    apart, together = (
        tiny.model(Normalised(folded), layer="conv1", seed=5) for folded in (False, True)
    )
    norm = apart.network.norm
    norm.weight.data = torch.tensor([1.5, -0.7, 0.4, -2.0])
    norm.bias.data = torch.tensor([0.5, 0.6, 0.1, 0.4])
    norm.running_mean = torch.tensor([0.1, -0.2, 0.0, 0.3])
    norm.running_var = torch.tensor([0.5, 2.0, 1.0, 0.8])
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    conv = together.network.conv1
    conv.weight.data = apart.network.conv1.weight * factor[:, None, None, None]
    conv.bias.data = (apart.network.conv1.bias - norm.running_mean) * factor + norm.bias
    one, other = (
        ExcitationBackprop(layer)(model, tiny.face(), ClassScore(1)) for model in (apart, together)
    )
    assert one.checks["score"] == pytest.approx(other.checks["score"], abs=1e-4)
    assert np.allclose(one.values, other.values, atol=1e-6)


def test_branches_share_by_their_positive_parts(tiny):
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Conv2d(3, 1, 1, bias=False), nn.Conv2d(3, 1, 1, bias=False)
            self.fc = nn.Linear(1, 4)

        def forward(self, x):
            return self.fc(functional.relu(self.one(x) + self.other(x)).mean((2, 3)))

    model = tiny.model(Sum(), layer="one")
    model.network.one.weight.data = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1)
    model.network.other.weight.data = torch.tensor([0, 3.0, -0.1]).view(1, 3, 1, 1)
    model.network.fc.weight.data.abs_()
    face = tiny.face()
    x = model.prepare([face])[0]
    u, v = x[0], 3 * x[1] - 0.1 * x[2]
    y = (u + v).clamp(min=0)
    positive = u + v.clamp(min=0)
    probability = y / y.sum() * u / positive
    ours = ExcitationBackprop("one")(model, face, ClassScore(0))
    assert ours.checks["conserved"] == pytest.approx(float(probability.sum()), abs=1e-5)
    assert np.allclose(ours.values, probability / probability.sum(), atol=1e-6)


def wrapped(name):
    torch.manual_seed(0)
    network = getattr(models, name)(weights=None, num_classes=4)
    first = next(name for name, _ in network.named_children())
    return FaceModel(
        name, "letters", network, tuple("abcd"), 64, 0.25, first, "0" * 64, "CC0-1.0", "random"
    )


@pytest.fixture(scope="module")
def faces():
    return load_faces("rendered", Path(), ["f01", "f02", "f03"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("load", "target", "layer"),
    [
        (age.load, ClassScore("40s"), "entry1"),
        (age.load, ExpectedValue(), ""),
        (gender.load, ClassScore("female"), "entry0"),
        (expression.load, ClassScore("happy"), ""),
        (expression.load, ClassDifference("happy", "sad"), "dense1"),
    ],
)
def test_shipped_classifiers(faces, method, load, target, layer):
    model = load()
    explanation = method(layer)(model, faces[0], target)
    assert explanation.values.shape == (112, 112)
    assert np.abs(explanation.values).sum() == pytest.approx(1.0, abs=1e-4)
    assert 0.85 < explanation.checks["conserved"] < 1.001  # depthwise units may be negative


@pytest.mark.parametrize("method", METHODS)
def test_recognition(faces, method):
    model = recognition.load()
    for target in (Similarity(faces[1]), Triplet(faces[1], faces[2]), Unit("fc", 5)):
        explanation = method("conv64_3")(model, faces[0], target)
        assert explanation.values.shape == (150, 150)
        assert explanation.checks["conserved"] == pytest.approx(1.0, abs=1e-3)


def test_a_unit_inside_a_network_starts_at_itself(faces):
    model = expression.load()
    explanation = ExcitationBackprop("dense1")(model, faces[0], Unit("dense2", 3))
    assert explanation.values.sum() == pytest.approx(1.0, abs=1e-4)
    with pytest.raises(Problems, match=r"not read from one layer alone\n  fix: explain a class"):
        ContrastiveExcitationBackprop()(model, faces[0], Unit("dense2", 3))


@pytest.mark.parametrize("contrast", ["none", "contrastive", "truncated"])
def test_triplets_of_faces(faces, contrast):
    model = recognition.load()
    target = Triplet(mate=faces[1], non_mate=faces[2])
    explanation = TripletExcitationBackprop("conv64_3", contrast)(model, faces[0], target)
    assert np.abs(explanation.values).sum() == pytest.approx(1.0, abs=1e-4)
    with pytest.raises(Problems, match=r"must be a triplet of faces, not Similarity\n  fix: write"):
        TripletExcitationBackprop()(model, faces[0], Similarity(faces[1]))


def test_a_triplet_needs_a_network_that_ends_with_its_last_layer(faces):
    with pytest.raises(Problems, match=r"where a triplet starts\n  fix: use excitation_backprop"):
        TripletExcitationBackprop()(age.load(), faces[0], Triplet(faces[1], faces[2]))


@pytest.mark.parametrize(("name", "layer"), [("vgg16", "features.16"), ("resnet18", "layer2")])
def test_torchvision_networks(faces, name, layer):
    model = wrapped(name)
    for method in METHODS:
        explanation = method(layer)(model, faces[0], ClassScore(1))
        assert explanation.checks["conserved"] == pytest.approx(1.0, abs=1e-3)
    assert ExcitationBackprop()(model, faces[0], ClassScore(1)).values.shape == (64, 64)


def test_a_planted_place_is_found(tiny):
    """The target reads the left half alone, its dual (through another channel) the right half."""

    class Halves(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 1, 3, padding=1)
            self.fc = nn.Linear(2, 4)

        def forward(self, x):
            y = functional.relu(self.conv(x))
            return self.fc(torch.cat([y[..., :10].mean((2, 3)), y[..., 10:].mean((2, 3))], 1))

    model = tiny.model(Halves(), layer="conv")
    model.network.conv.weight.data.abs_()
    model.network.fc.weight.data = torch.tensor([[1.0, -1.0]] * 4)
    face, target = tiny.face(), ClassScore(0)
    winning = ExcitationBackprop()(model, face, target).values
    assert winning[:, :11].sum() == pytest.approx(1.0, abs=1e-4)
    signed = ContrastiveExcitationBackprop()(model, face, target).values
    assert signed[:, :9].min() >= 0 >= signed[:, 11:].max()
    assert signed[:, :9].sum() > 0.3
    assert signed[:, 11:].sum() < -0.3


def test_a_network_of_linear_layers_is_served_on_its_picture(tiny):
    network = nn.Sequential(nn.Flatten(), nn.Linear(1200, 9), nn.ReLU(), nn.Linear(9, 4))
    model, face = tiny.model(network), tiny.face()
    weights = [layer.weight.detach().double().numpy() for layer in (network[1], network[3])]
    x = model.prepare([face])
    a = functional.relu(network[1](x.flatten(1)))[0].detach().double().numpy()
    hidden = slow_linear(one_hot(1), a, weights[1])
    pixels = slow_linear(hidden, x.double().numpy().ravel(), weights[0]).reshape(3, 20, 20).sum(0)
    ours = ExcitationBackprop()(model, face, ClassScore(1)).values
    assert np.allclose(ours, pixels / pixels.sum(), atol=1e-6)
    with pytest.raises(Problems, match=r"'1' puts out \[1, 9\], not a map"):
        ExcitationBackprop("1")(model, face, ClassScore(1))


@pytest.mark.parametrize("method", METHODS)
def test_networks_and_layers_that_cannot_be_served(tiny, method):
    class Bare(nn.Module):
        def forward(self, x):
            return torch.cat([x.mean((2, 3)), x.amax((2, 3))[:, :1]], 1)

    bare = tiny.model(nn.Sequential(nn.Identity(), Bare()), layer="0")
    with pytest.raises(Problems, match=r"has no convolutions or linear layers(.|\n)*fix: use "):
        method()(bare, tiny.face(), ClassScore(0))
    model = tiny.model(Small(), layer="conv1")
    with pytest.raises(Problems, match=r"unknown layer 'conv3'\n  fix: did you mean 'conv"):
        method("conv3")(model, tiny.face(), ClassScore(0))
    with pytest.raises(Problems, match=r"'fc' puts out \[1, 4\], not a map"):
        method("fc")(model, tiny.face(), ClassScore(0))
    with pytest.raises(Problems, match=r"no excitation reaches this layer\n  fix: name a layer"):
        ExcitationBackprop("conv2")(model, tiny.face(), Unit("conv1", 0))


def test_a_target_that_does_not_change_is_told(tiny):
    model = tiny.model(Small(), layer="conv1")
    with pytest.raises(Problems, match="no excitation starts there"):
        ExcitationBackprop()(model, tiny.face(), lambda model, x: 0 * model.logits(x)[:, 0])


def test_a_network_without_gradients_is_told_what_to_use(tiny):
    class Detached(Small):
        def forward(self, x):
            return super().forward(x).detach()

    model = tiny.model(Detached(), layer="conv1")
    for method in METHODS:
        with pytest.raises(Problems, match=r"lets no gradient through(.|\n)*such as occlusion"):
            method()(model, tiny.face(), ClassScore(0))


def test_wrong_parameters_are_told():
    with pytest.raises(Problems, match="percentile\n  must be a number from 0 to 100, not 120"):
        TruncatedContrastiveExcitationBackprop(percentile=120)
    with pytest.raises(Problems) as error:
        TripletExcitationBackprop(contrast="truncate", percentile=-1)
    assert len(error.value.problems) == 2
    assert "did you mean 'truncated'" in str(error.value)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_else_changes(tiny, method):
    model, face = tiny.model(Normalised(False), layer="conv1"), tiny.face()
    model.network.train()
    once, again = (method("conv2")(model, face, ClassScore(0)).values for _ in range(2))
    assert np.array_equal(once, again)
    assert model.network.training
    assert not any(module._forward_hooks for module in model.network.modules())
    assert not any(parameter.requires_grad for parameter in model.network.parameters())


@pytest.mark.parametrize("contrast", ["none", "truncated"])
def test_a_triplet_leaves_a_network_in_training_as_it_was(tiny, contrast):
    model, faces = tiny.model(Normalised(False), layer="conv1"), [tiny.face(n) for n in range(3)]
    target = Triplet(faces[1], faces[2])
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    evaluated = TripletExcitationBackprop(contrast=contrast)(model, faces[0], target).values
    model.network.train()
    training = TripletExcitationBackprop(contrast=contrast)(model, faces[0], target).values
    assert np.array_equal(evaluated, training)
    after = model.network.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_a_network_that_puts_out_nan_is_refused(tiny):
    class Broken(Small):
        def forward(self, x):
            return super().forward(x) * (float("nan") if x.mean() > 0 else 1.0)

    model = tiny.model(Broken(), layer="conv1")
    for method in METHODS:
        with pytest.raises(Problems, match="not finite numbers"):
            method()(model, tiny.face(), ClassScore(0))
