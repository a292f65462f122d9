"""Guided backpropagation and deconvnet: Captum's values, and functional code like modules."""

from pathlib import Path

import pytest
import torch
import torchvision
from captum import attr
from torch import nn
from torch.nn import functional

from explainers.faces.face_bank import load_faces
from explainers.models import expression, gender, recognition
from explainers.problems import Problems
from explainers.saliency.deconvnet import Deconvnet
from explainers.saliency.gradient import Gradient
from explainers.saliency.guided_backpropagation import GuidedBackpropagation
from explainers.targets.class_score import ClassScore
from explainers.targets.unit import Unit

METHODS = {
    "guided": (GuidedBackpropagation, attr.GuidedBackprop),
    "deconvnet": (Deconvnet, attr.Deconvolution),
}


def close(ours, theirs):
    size = float(theirs.abs().max())
    return torch.allclose(torch.from_numpy(ours) / size, theirs / size, atol=1e-4)


@pytest.mark.parametrize("name", METHODS)
def test_values_are_captums_on_a_small_network(tiny, name):
    ours, theirs = METHODS[name]
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    expected = theirs(model.network).attribute(model.prepare([face]).requires_grad_(), target=1)[0]
    explanation = ours()(model, face, ClassScore("b"))
    assert close(explanation.values, expected.sum(0))
    assert close(ours("magnitude")(model, face, ClassScore("b")).values, expected.abs().amax(0))
    assert explanation.checks["relus"] == 2


class GuidedRelu(torch.autograd.Function):
    """Springenberg et al. (2015), Fig. 1."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, c):
        (x,) = ctx.saved_tensors
        return c * (c > 0) * (x > 0)


class DeconvnetRelu(GuidedRelu):
    """The same paper's figure, the line of the deconvnet."""

    @staticmethod
    def backward(ctx, c):
        return c * (c > 0)


@pytest.mark.parametrize(
    ("explainer", "function"), [(GuidedBackpropagation(), GuidedRelu), (Deconvnet(), DeconvnetRelu)]
)
@pytest.mark.parametrize("name", ["expression", "gender"])
def test_values_are_those_of_a_network_with_the_rule_built_in(explainer, function, name):
    """Captum cannot be asked: where a ReLU's input is used twice it rectifies the other use too."""

    class Relu(nn.Module):
        def forward(self, x):
            return function.apply(x)

    load = {"expression": expression.load, "gender": gender.load}[name]
    model, (face,) = load(), load_faces("rendered", Path(), ["f02"])
    explanation = explainer(model, face, ClassScore(1))
    for module in list(model.network.modules()):
        for key, child in module.named_children():
            if isinstance(child, nn.ReLU):
                setattr(module, key, Relu())
    x = model.prepare([face]).requires_grad_()
    (expected,) = torch.autograd.grad(model.logits(x)[0, 1], x)
    assert close(explanation.values, expected[0].sum(0))


@pytest.mark.parametrize("name", METHODS)
def test_functional_reused_and_in_place_relus_are_seen(tiny, name):
    network = tiny.convolutional()

    class Functional(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.last = network[0], network[2], network[6]
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x):
            x = self.relu(self.first(x))
            x = functional.relu_(self.relu(self.second(x)))
            return self.last(functional.adaptive_avg_pool2d(x, 3).flatten(1))

    explainer = METHODS[name][0]()
    model, face = tiny.model(network), tiny.face()
    expected = explainer(model, face, ClassScore(1)).values
    object.__setattr__(model, "network", Functional())
    explanation = explainer(model, face, ClassScore(1))
    assert close(explanation.values, torch.from_numpy(expected))
    assert explanation.checks["relus"] == 3


def test_where_all_signals_are_positive_guided_is_the_gradient(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    for layer in (2, 6):
        model.network[layer].weight.data.abs_()
    ours = GuidedBackpropagation()(model, face, ClassScore(1)).values
    assert close(ours, torch.from_numpy(Gradient()(model, face, ClassScore(1)).values))


@pytest.mark.parametrize("name", METHODS)
def test_shipped_and_torchvision_networks_are_served(tiny, name):
    (face,) = load_faces("rendered", Path(), ["f01"])
    explainer = METHODS[name][0]()
    for model, target in (
        (gender.load(), ClassScore("male")),
        (recognition.load(), Unit("conv64_3", 2)),
    ):
        assert explainer(model, face, target).checks["relus"] > 5
    torch.manual_seed(0)
    network = torchvision.models.resnet18(num_classes=4)
    model = tiny.model(tiny.convolutional())
    object.__setattr__(model, "network", network.requires_grad_(False))
    assert explainer(model, tiny.face(), ClassScore(0)).checks["relus"] == 17
    assert network.training


@pytest.mark.parametrize("name", METHODS)
def test_a_network_without_relu_is_told_what_to_use_instead(tiny, name):
    model = tiny.model(tiny.fully_connected())
    with pytest.raises(Problems, match=r"has no ReLU.*\n  fix: use gradient"):
        METHODS[name][0]()(model, tiny.face(), ClassScore(0))
    with pytest.raises(Problems, match=r"colours\n  unknown choice 'max'"):
        METHODS[name][0]("max")
