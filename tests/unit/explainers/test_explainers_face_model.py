"""A face model: shapes, gradients, layers, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explainers.catalog import HOME, entries, find, names
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.hooks import capture, layers_in_order, middle_layer
from explainers.loading.weights import FOLDER, read, shipped
from explainers.models import age, gender, landmarks68
from explainers.problems import Problems
from explainers.targets.class_score import ClassScore

ENTRIES = {entry.name: entry for entry in entries("models")}
MODELS: dict[str, FaceModel] = {name: entry.load().load() for name, entry in ENTRIES.items()}
EACH = pytest.mark.parametrize("name", sorted(MODELS))


class Net(nn.Module):
    """A tiny network whose output can be broken."""

    def __init__(self, end: Callable[[Tensor], Tensor] = lambda x: x) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, padding=1)
        self.end = end

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.conv(x).mean((2, 3)))


def build(net: nn.Module, labels: tuple[str, ...] = ("a", "b"), layer: str = "conv") -> FaceModel:
    return FaceModel("tiny", "test", net, labels, 32, 0.25, layer, "", "", "")


def hooks(net: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in net.modules())


def test_the_five_models_are_there_under_their_names() -> None:
    assert {"age", "gender", "expression", "recognition", "landmarks68"} <= set(names("models"))
    for name, model in MODELS.items():
        assert model.name == name


@EACH
def test_a_model_is_frozen_and_says_where_it_comes_from(name: str) -> None:
    model = MODELS[name]
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert len(model.weights_sha256) == 64
    assert model.licence == "MIT"
    assert "1.7.15" in model.source
    assert (FOLDER / "LICENSE-face-api.txt").exists()


@EACH
def test_gradients_reach_the_picture(name: str) -> None:
    model = MODELS[name]
    x = torch.full((2, 3, model.input_size, model.input_size), 0.5)
    x += 0.1 * torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
    x.requires_grad_()
    output = model.logits(x)
    assert output.shape[0] == 2
    output[:, 0].sum().backward()
    assert x.grad is not None
    assert bool(torch.isfinite(x.grad).all())
    assert float(x.grad.abs().sum()) > 0


@EACH
def test_every_layer_that_is_named_can_be_looked_at(name: str) -> None:
    model = MODELS[name]
    x = torch.rand(1, 3, model.input_size, model.input_size)
    layers = model.layers()
    assert layers[-1] == "fc"
    assert layers[0] == "standardise"
    assert len(set(layers)) == len(layers)
    for layer in (layers[0], model.layer, layers[-1]):
        assert len(model.features(x, layer)) == 1
    assert hooks(model.network) == 0


def test_scores_are_probabilities_or_of_unit_length() -> None:
    for model in MODELS.values():
        scores = model.scores(torch.rand(2, 3, model.input_size, model.input_size))
        if model.labels:
            assert scores.shape == (2, len(model.labels))
            assert torch.allclose(scores.sum(1), torch.ones(2))
        else:
            assert torch.allclose(scores.norm(dim=1), torch.ones(2))


@pytest.mark.parametrize(
    ("years", "label"),
    [(4.0, "first decade"), (19.9, "teens"), (20.1, "20s"), (45.0, "40s"), (97.0, "80s or older")],
)
def test_the_best_decade_is_that_of_the_years(years: float, label: str) -> None:
    network = age.AgeNet()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.fc.bias.fill_(years)
        x = torch.zeros(1, 3, 112, 112)
        scores = network(x)[0]
        assert age.LABELS[int(scores.argmax())] == label
        assert float(network.years(x)) == pytest.approx(years)
    # The posterior of equally likely decades under a normal error, written out.
    middles = np.arange(9) * 10 + 5
    density = np.exp(-((years - middles) ** 2) / (2 * age.ERROR**2))
    assert scores.softmax(0).numpy() == pytest.approx(density / density.sum(), rel=1e-4, abs=1e-9)


def test_a_prediction_names_class_probability_and_value() -> None:
    (face,) = load_faces("rendered", HOME, ["f01"])
    prediction = MODELS["age"].predict(face)
    assert (prediction.model, prediction.face) == ("age", "f01")
    assert prediction.label in age.LABELS
    assert prediction.value is not None
    assert age.LABELS.index(prediction.label) == min(prediction.value // 10, 8)
    assert 0 < prediction.probability <= 1
    assert MODELS["gender"].predict(face).value is None
    with pytest.raises(Problems, match="does not classify"):
        MODELS["landmarks68"].predict(face)


def test_landmarks_fall_on_the_face() -> None:
    (face,) = load_faces("rendered", HOME, ["f01"])
    model = landmarks68.load()
    points = model.logits(model.prepare([face]))[0].reshape(68, 2) * 112
    parts = face.chip_parts(112, model.chip_padding)
    assert parts is not None
    found = parts[points[60:68, 1].round().int(), points[60:68, 0].round().int()]
    assert (found == 7).mean() > 0.5  # the inner lips lie on the mouth


def test_an_unknown_layer_or_class_gets_the_nearest_name() -> None:
    model = gender.load()
    x = torch.zeros(1, 3, 112, 112)
    with pytest.raises(Problems) as unknown:
        model.features(x, "entri1")
    assert "model gender: layer" in str(unknown.value)
    assert "did you mean 'entry1'?" in str(unknown.value)
    assert "middle0" in str(unknown.value)
    with pytest.raises(Problems, match="did you mean 'female'"):
        model.index("femal")
    assert model.labels[model.index("female")] == "female"


def test_another_size_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"takes \[N, 3, 112, 112\], not \[1, 3, 64, 64\]"):
        gender.load().logits(torch.zeros(1, 3, 64, 64))


def test_weights_that_are_no_numbers_are_refused() -> None:
    net = Net()
    with torch.no_grad():
        net.conv.bias[0] = float("nan")  # type: ignore[index]
    with pytest.raises(Problems, match=r"model tiny: conv.bias\n  has weights that are not finite"):
        build(net)


def test_outputs_that_are_no_numbers_are_refused() -> None:
    model = build(Net(lambda x: x.abs().log() * 0 + x.sqrt()))
    with pytest.raises(Problems, match="not finite"):
        model.scores(torch.full((1, 3, 32, 32), -1e6) * model.network.conv.weight.mean().sign())  # type: ignore[union-attr, operator]


def test_labels_and_outputs_must_be_equally_many() -> None:
    with pytest.raises(Problems, match="has 3 labels for 2 outputs"):
        build(Net(), ("a", "b", "c"))
    with pytest.raises(Problems, match="not \\[1, C\\]"):
        build(Net(lambda x: x[:, 0]))
    with pytest.raises(Problems, match="cannot take a picture"):
        build(nn.Linear(5, 2))


def test_hooks_come_off_when_the_network_fails() -> None:
    def fail(_: Tensor) -> Tensor:
        raise RuntimeError("broken on purpose")

    net = Net(fail)
    with pytest.raises(RuntimeError, match="on purpose"), capture(net, ["conv"]):
        net(torch.zeros(1, 3, 8, 8))
    assert hooks(net) == 0
    with pytest.raises(RuntimeError, match="on purpose"):
        layers_in_order(net, torch.zeros(1, 3, 8, 8))
    assert hooks(net) == 0
    with pytest.raises(Problems, match="unknown layer"), capture(net, ["conv", "cnov"]):
        pass
    assert hooks(net) == 0


def test_the_middle_layer_keeps_places() -> None:
    for name in ("expression", "gender", "recognition"):
        model = MODELS[name]
        x = torch.zeros(1, 3, model.input_size, model.input_size)
        height = model.features(x, middle_layer(model.network, x)).shape[2]
        assert model.input_size / 8 <= height <= model.input_size / 4


def test_weights_that_cannot_be_read_are_refused(tmp_path: object) -> None:
    with pytest.raises(Problems, match="cannot be read as weights"):
        read(FOLDER / "missing.safetensors")
    with pytest.raises(Problems, match="cannot be read as weights"):
        read(FOLDER / "LICENSE-face-api.txt")


def test_eight_bit_weights_are_expanded_as_in_javascript() -> None:
    weights = shipped("expression")
    first = weights.state["dense0.conv0.weight"]
    assert first.dtype == torch.float32
    scale, minimum = 0.0057930146946626555, -0.7125408074435067
    steps = (first.double() - minimum) / scale
    assert float((steps - steps.round()).abs().max()) < 1e-4
    assert (float(steps.min()), float(steps.max())) == pytest.approx((0, 255), abs=1e-3)


def test_a_network_that_views_its_maps_as_vectors_takes_pictures_in_any_memory_format(tiny):
    class Viewing(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.last = nn.Conv2d(3, 2, 3, bias=False), nn.Linear(2 * 18 * 18, 4)

        def forward(self, x):
            return self.last(self.conv(x).view(len(x), -1))

    model = tiny.model(Viewing(), layer="conv")
    x = torch.rand(2, 3, tiny.size, tiny.size)
    in_order = model.logits(x)
    assert torch.allclose(model.logits(x.contiguous(memory_format=torch.channels_last)), in_order)


class Standardising(nn.Module):
    """Brings the picture to another scale, in place or not, before a convolution."""

    def __init__(self, in_place: bool) -> None:
        super().__init__()
        self.in_place = in_place
        self.conv, self.last = nn.Conv2d(3, 6, 3), nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        if self.in_place:
            x -= 0.5
            x.div_(0.25)
        else:
            x = (x - 0.5) / 0.25
        return self.last(torch.relu(self.conv(x)).mean((2, 3)))


@pytest.mark.parametrize(
    "method",
    [
        *("gradient", "smooth_grad", "deep_lift", "lrp", "excitation_backprop", "grad_cam"),
        *("guided_backpropagation", "score_cam", "occlusion"),
    ],
)
def test_a_network_that_writes_over_its_picture_is_explained_like_one_that_does_not(tiny, method):
    values = [
        find(method)
        .load()(**({"window": 8, "stride": 4} if method == "occlusion" else {}))(
            tiny.model(Standardising(in_place), layer="conv"),
            tiny.face(),
            ClassScore("b"),
        )
        .values
        for in_place in (False, True)
    ]
    assert np.abs(values[0]).max() > 0
    np.testing.assert_array_equal(values[0], values[1])


@EACH
def test_loading_leaves_the_callers_random_numbers_alone(name):
    before = torch.random.get_rng_state()
    ENTRIES[name].load().load()
    assert torch.equal(torch.random.get_rng_state(), before)
