"""CAM, Grad-CAM, Grad-CAM++ and Score-CAM: Captum's values, slow twins, structure found in runs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import LayerAttribution, LayerGradCam
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from torchvision import models

from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.models import age, expression, gender, recognition
from explainers.problems import Problems
from explainers.saliency.cam import Cam
from explainers.saliency.grad_cam import GradCam
from explainers.saliency.grad_cam_plus_plus import GradCamPlusPlus
from explainers.saliency.occlusion import blur
from explainers.saliency.score_cam import ScoreCam
from explainers.target import on_scale
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

METHODS = [Cam(), GradCam(), GradCamPlusPlus(), ScoreCam(samples=3)]
GRADIENT = [GradCam(), GradCamPlusPlus()]


class Pooled(nn.Module):
    """Two convolutions, ReLU, global mean and a linear layer, half of it functional."""

    def __init__(self, bias=True, batch_norm=False):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6) if batch_norm else nn.Identity()
        self.conv2 = nn.Conv2d(6, 8, 3, stride=2)
        self.fc = nn.Linear(8, 4, bias=bias)

    def forward(self, x):
        y = functional.relu(self.norm(self.conv1(x)))
        y = functional.relu(self.conv2(y), inplace=True)
        return self.fc(y.mean((2, 3)))


def wrapped(network, size=64):
    names = tuple(f"c{number}" for number in range(4))
    layer = next(name for name, _ in network.named_children())
    return FaceModel(
        "wrapped", "letters", network, names, size, 0.25, layer, "0" * 64, "CC0-1.0", "random"
    )


def torchvision_network(name):
    torch.manual_seed(0)
    return wrapped(getattr(models, name)(weights=None, num_classes=4))


@pytest.fixture(scope="module")
def vgg16():
    return torchvision_network("vgg16")


@pytest.fixture(scope="module")
def resnet18():
    return torchvision_network("resnet18")


@pytest.fixture(scope="module")
def faces():
    return load_faces("rendered", Path(), ["f01", "f02", "f03"])


def large(map, size):
    """Bilinear enlargement by hand, a row and a column at a time."""
    low = map.detach().double().numpy()
    for axis in (0, 1):
        count = low.shape[axis]
        places = (np.arange(size) + 0.5) * count / size - 0.5
        low = np.apply_along_axis(
            lambda line, places=places, count=count: np.interp(places, np.arange(count), line),
            axis,
            low,
        )
    return low


def slow_cam(map, weights):
    total = torch.zeros(map.shape[2:])
    for k, weight in enumerate(weights):
        for row in range(map.shape[2]):
            for column in range(map.shape[3]):
                total[row, column] += weight * map[0, k, row, column]
    return total


@pytest.mark.parametrize("network", [Pooled(), Pooled(bias=False), Pooled(batch_norm=True)])
@pytest.mark.parametrize("label", [0, 3])
def test_cam_is_the_class_weights_times_the_maps(tiny, network, label):
    model, face = tiny.model(network, layer="conv1"), tiny.face()
    explanation = Cam()(model, face, ClassScore(label))
    x = model.prepare([face])
    map = functional.relu(model.features(x, "conv2").detach())
    slow = slow_cam(map, network.fc.weight[label].detach())
    assert np.allclose(explanation.values, large(slow, tiny.size), atol=1e-5)
    bias = 0.0 if network.fc.bias is None else float(network.fc.bias[label])
    logit = float(model.logits(x)[0, label])
    assert explanation.checks["score"] == pytest.approx(logit, abs=1e-5)
    assert explanation.checks["mean"] + bias == pytest.approx(logit, abs=1e-5)


def test_cam_of_a_shipped_network_is_its_weights_times_its_last_map(faces):
    model = expression.load()
    explanation = Cam()(model, faces[0], ClassScore("happy"))
    map = model.features(model.prepare(faces[:1]), "dense3").detach()
    weights = model.network.fc.weight[model.index("happy")].detach()
    slow = torch.einsum("k,khw->hw", weights, map[0])
    assert np.allclose(explanation.values, large(slow, 112), atol=1e-3)


@given(seed=st.integers(0, 10**6), label=st.integers(0, 3), against=st.integers(0, 3))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_grad_cam_is_cam_where_a_global_mean_is_read(tiny, seed, label, against):
    model, face = tiny.model(Pooled(), layer="conv1", seed=seed), tiny.face(seed % 97)
    target = ClassDifference(label, against) if label != against else ClassScore(label)
    cam = Cam()(model, face, target).values
    grad_cam = GradCam(relu=False)(model, face, target).values
    positions = 9 * 9
    assert np.allclose(cam, positions * grad_cam, atol=1e-4)
    kept = GradCam()(model, face, target).values
    assert kept.min() >= 0


def captums(model, x, layer, label, relu):
    low = LayerGradCam(model.logits, layer).attribute(x, label, relu_attributions=relu)
    size = model.input_size
    return LayerAttribution.interpolate(low, (size, size), "bilinear")[0, 0].detach().numpy()


@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("label", ["happy", "sad"])
@pytest.mark.parametrize("layer", ["dense2", "dense3.conv3", "dense0.relu0"])
def test_grad_cam_is_captums_on_the_expression_network(faces, layer, label, relu):
    model = expression.load()
    x = model.prepare(faces[:1])
    theirs = captums(model, x, model.network.get_submodule(layer), model.index(label), relu)
    ours = GradCam(layer, relu)(model, faces[0], ClassScore(label)).values
    if relu:  # Captum's ReLU comes before its enlargement too
        assert ours.min() >= 0
    assert np.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "layer", "chosen"),
    [
        ("vgg16", "features.29", ""),
        ("vgg16", "features.22", "features.22"),
        ("resnet18", "layer3", ""),  # layer4 has 2 x 2 positions at 64 pixels
        ("resnet18", "layer4", "layer4"),
        ("resnet18", "layer1", "layer1"),
    ],
)
def test_grad_cam_is_captums_on_torchvision_networks(request, faces, name, layer, chosen):
    model = request.getfixturevalue(name)
    x = model.prepare(faces[:1])
    theirs = captums(model, x, model.network.get_submodule(layer), 2, relu=False)
    ours = GradCam(chosen, relu=False)(model, faces[0], ClassScore(2))
    assert np.allclose(ours.values, theirs, atol=1e-5 * max(1, np.abs(theirs).max()))


def test_the_layer_is_as_it_puts_out_though_a_relu_writes_over_it(tiny):
    model, face = tiny.model(Pooled(), layer="conv1"), tiny.face()
    x = model.prepare([face])
    before = functional.conv2d(
        functional.relu(model.network.conv1(x)),
        model.network.conv2.weight,
        model.network.conv2.bias,
        stride=2,
    )
    assert before.min() < 0
    leaf = before.detach().requires_grad_()
    model.network.fc(functional.relu(leaf).mean((2, 3)))[0, 1].backward()
    slow = slow_cam(leaf.detach(), leaf.grad.mean((2, 3))[0])
    ours = GradCam("conv2", relu=False)(model, face, ClassScore(1)).values
    assert np.allclose(ours, large(slow, tiny.size), atol=1e-6)


def test_grad_cam_plus_plus_is_the_formula_with_higher_derivatives_of_exp(tiny):
    network = Pooled()
    model, face = tiny.model(network, layer="conv1"), tiny.face()
    label = 2
    maps = functional.relu(model.features(model.prepare([face]), "conv2")).detach().double()
    leaf = maps.clone().requires_grad_()
    weight, bias = network.fc.weight.double(), network.fc.bias.double()
    y = functional.linear(leaf.mean((2, 3)), weight, bias)[0, label].exp()

    (first,) = torch.autograd.grad(y, leaf, create_graph=True)
    total = torch.zeros(maps.shape[2:], dtype=torch.double)
    for k in range(maps.shape[1]):
        w = 0.0
        for row in range(maps.shape[2]):
            for column in range(maps.shape[3]):
                place = (0, k, row, column)
                (second,) = torch.autograd.grad(first[place], leaf, create_graph=True)
                (third,) = torch.autograd.grad(second[place], leaf, retain_graph=True)
                below = 2 * second[place] + maps[0, k].sum() * third[place]
                share = (second[place] / below).detach() if below != 0 else 0.0
                w += float(share) * max(float(first[place].detach()), 0.0)
        total += w * maps[0, k]
    slow = large(total.clamp(min=0) / float(y.detach()), tiny.size)
    ours = GradCamPlusPlus()(model, face, ClassScore(label)).values
    assert slow.max() > 1e-3
    assert np.allclose(ours, slow, atol=1e-6 + 1e-4 * slow.max())


@pytest.mark.parametrize("target", [ClassScore("happy"), ClassDifference("happy", "sad")])
def test_grad_cam_plus_plus_is_its_formula_by_loops(faces, target):
    model = expression.load()
    x = model.prepare(faces[:1]).requires_grad_()
    maps = model.features(x, "dense2")
    maps = maps.detach()

    def rest(map):
        network = model.network
        return network.fc(torch.flatten(network.pool(network.dense3(map)), 1))

    leaf = maps.clone().requires_grad_()
    logits = rest(leaf)[0]
    score = logits[model.index("happy")]
    if isinstance(target, ClassDifference):
        score = score - logits[model.index("sad")]
    score.backward()
    g, a = leaf.grad[0], maps[0]
    total = torch.zeros(a.shape[1:])
    for k in range(len(a)):
        share = torch.where(g[k] != 0, g[k] ** 2 / (2 * g[k] ** 2 + a[k].sum() * g[k] ** 3), 0)
        total += (share * g[k].clamp(min=0)).nan_to_num().sum() * a[k]
    slow = large(total.clamp(min=0), 112)
    ours = GradCamPlusPlus("dense2")(model, faces[0], target).values
    assert np.allclose(ours, slow, atol=1e-3 * slow.max())


def slow_score_cam(explainer, model, x, maps, score):
    """One channel after the other, the formula as it is written."""
    size = x.shape[-1]
    hidden = x.mean((2, 3), keepdim=True).expand_as(x)
    if explainer.fill == "value":
        hidden = torch.full_like(x, explainer.value)
    elif explainer.fill == "blur":
        hidden = blur(x, x.shape[-1] / 8)
    rises, kept = [], []
    for map in maps[0]:
        if map.max() == map.min():
            continue
        mask = torch.from_numpy(large(map, size)).float()
        mask = (mask - mask.min()) / (mask.max() - mask.min())
        masked = x * mask + hidden * (1 - mask)
        rises.append(float(score(masked)) - float(score(hidden)))
        kept.append(map)
    weights = np.exp(rises) / np.exp(rises).sum()
    total = sum(weight * map.double().numpy() for weight, map in zip(weights, kept, strict=True))
    return large(torch.from_numpy(np.maximum(total, 0)), size)


@pytest.mark.parametrize("of", ["logit", "probability"])
@pytest.mark.parametrize("fill", ["mean", "value", "blur"])
@pytest.mark.parametrize("batch", [1, 3, 32])
def test_score_cam_is_its_formula_channel_by_channel(tiny, of, fill, batch):
    network = Pooled()
    model, face = tiny.model(network, layer="conv1"), tiny.face()
    # A channel that is the same everywhere makes no mask.
    network.conv2.weight.data[5] = 0
    network.conv2.bias.data[5] = 7.0
    x = model.prepare([face])
    maps = functional.relu(model.features(x, "conv2")).detach()
    explainer = ScoreCam(fill=fill, value=0.3, of=of, batch=batch)
    target = ClassScore(1)

    def score(pictures):
        with torch.no_grad():
            return on_scale(target, of)(model, pictures)

    ours = explainer(model, face, target)
    assert np.allclose(ours.values, slow_score_cam(explainer, model, x, maps, score), atol=1e-5)
    assert ours.checks["masks"] < maps.shape[1]
    assert 1 <= ours.checks["effective_masks"] <= ours.checks["masks"] + 1e-3


def test_score_cam_takes_the_strongest_channels(tiny):
    network = Pooled()
    model, face = tiny.model(network, layer="conv1"), tiny.face()
    maps = functional.relu(model.features(model.prepare([face]), "conv2")).detach()[0]
    chosen = ScoreCam(samples=3).strongest(maps)
    assert len(chosen) == 3
    means = sorted(float(map.mean()) for map in maps if map.max() > map.min())[-3:]
    assert sorted(float(map.mean()) for map in chosen) == pytest.approx(means)
    told = []
    ScoreCam(samples=3, batch=2)(
        model, face, ClassScore(0), progress=lambda done, total: told.append((done, total))
    )
    assert told == [(2, 3), (3, 3)]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
@pytest.mark.parametrize(
    ("load", "target"),
    [
        (age.load, ClassScore("40s")),
        (age.load, ExpectedValue()),
        (gender.load, ClassScore("female", of="log_odds")),
        (expression.load, ClassDifference("happy", "neutral")),
    ],
)
def test_every_method_serves_the_classifiers(faces, method, load, target):
    model = load()
    explanation = method(model, faces[0], target)
    assert explanation.values.shape == (112, 112)
    assert np.abs(explanation.values).max() > 0
    assert explanation.checks["side"] == 7


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_every_method_serves_recognition(faces, method):
    model = recognition.load()
    targets = [Similarity(faces[1]), Triplet(faces[1], faces[2])]
    if not isinstance(method, Cam):
        targets.append(Unit("conv256_2", 3) if method in GRADIENT else Unit("fc", 3))
    for target in targets:
        explanation = method(model, faces[0], target)
        assert explanation.values.shape == (150, 150)
        assert np.abs(explanation.values).max() > 0


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_torchvision_networks(vgg16, resnet18, faces, method):
    assert np.abs(method(resnet18, faces[0], ClassScore(1)).values).max() > 0
    if isinstance(method, Cam):
        with pytest.raises(Problems, match=r"no global mean directly before(.|\n)*use grad_cam"):
            method(vgg16, faces[0], ClassScore(1))
    else:
        assert method(vgg16, faces[0], ClassScore(1)).values.shape == (64, 64)


def test_a_planted_place_is_found(tiny):
    """Only the upper left quarter can matter: the target is a bright spot there."""

    class Corner(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1)
            self.fc = nn.Linear(4, 4)

        def forward(self, x):
            y = functional.relu(self.conv(x))
            seen = torch.zeros_like(y)
            seen[:, :, :10, :10] = 1
            return self.fc((y * seen).mean((2, 3)))

    model = tiny.model(Corner(), layer="conv")
    for parameter in model.network.parameters():
        parameter.data.abs_()
    for method in (Cam(), GradCam(), GradCamPlusPlus(), ScoreCam()):
        values = method(model, tiny.face(), ClassScore(0)).values
        assert values[:10, :10].sum() == pytest.approx(values.sum(), rel=1e-5)
        assert values.max() > 0


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_a_network_without_convolutions_is_told_what_to_use(tiny, method):
    model = tiny.model(tiny.fully_connected())
    with pytest.raises(Problems) as error:
        method(model, tiny.face(), ClassScore(0))
    assert "model tiny" in str(error.value)
    assert "fix: use " in str(error.value)


@pytest.mark.parametrize("method", [GradCam, GradCamPlusPlus, ScoreCam])
def test_wrong_layers_are_told(tiny, method):
    model, face = tiny.model(Pooled(), layer="conv1"), tiny.face()
    with pytest.raises(Problems, match=r"unknown layer 'conv3'\n  fix: did you mean 'conv"):
        method("conv3")(model, face, ClassScore(0))
    with pytest.raises(Problems, match=r"'fc' puts out \[1, 4\], not a map \[1, K, h, w\]\n  fix"):
        method("fc")(model, face, ClassScore(0))


@pytest.mark.parametrize("method", GRADIENT, ids=lambda method: type(method).__name__)
def test_a_layer_after_the_explained_unit_is_told(tiny, method):
    model = tiny.model(Pooled(), layer="conv1")
    with pytest.raises(Problems, match=r"no gradient of what is explained(.|\n)*fix: name a layer"):
        type(method)("conv2")(model, tiny.face(), Unit("conv1", 0))
    with pytest.raises(Problems, match=r"cam\n  no gradient of what is explained"):
        Cam()(model, tiny.face(), Unit("conv1", 0))


class Detached(Pooled):
    """Hands no gradient on."""

    def forward(self, x):
        return super().forward(x).detach()


def test_score_cam_needs_no_gradient_and_the_others_say_so(tiny):
    model, face = tiny.model(Detached(), layer="conv1"), tiny.face()
    like = tiny.model(Pooled(), layer="conv1")
    ours, theirs = (ScoreCam()(each, face, ClassScore(1)).values for each in (model, like))
    assert np.array_equal(ours, theirs)
    for method in (Cam(), *GRADIENT):
        with pytest.raises(Problems, match=r"no gradient(.|\n)*use occlusion"):
            method(model, face, ClassScore(1))


def test_wrong_parameters_are_named_at_once():
    with pytest.raises(Problems) as error:
        ScoreCam(samples=-1, fill="blurred", value=3, of="logits", batch=0)
    assert len(error.value.problems) == 5
    with pytest.raises(Problems, match="grad_cam: relu\n  must be true or false, not 1"):
        GradCam(relu=1)
    for method in (Cam, GradCam, GradCamPlusPlus):
        with pytest.raises(Problems, match="did you mean 'logit'"):
            method(of="logits")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_nothing_else_changes(tiny, method):
    model, face = tiny.model(Pooled(batch_norm=True), layer="conv1"), tiny.face()
    model.network.train()
    state = torch.get_rng_state()
    once, again = (method(model, face, ClassScore(0)).values for _ in range(2))
    assert np.array_equal(once, again)
    assert model.network.training
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_hooks for module in model.network.modules())
    assert not any(parameter.requires_grad for parameter in model.network.parameters())


def test_a_network_that_puts_out_nan_is_refused(tiny):
    class Broken(Pooled):
        def forward(self, x):
            return super().forward(x) * (float("nan") if x.mean() > 0 else 1.0)

    model = tiny.model(Broken(), layer="conv1")
    for method in METHODS:
        with pytest.raises(Problems, match="not finite numbers"):
            method(model, tiny.face(), ClassScore(0))
