"""Gradient and backpropagation methods beside Captum on the same work, in one run; `make bench`."""

import time
import warnings
from pathlib import Path

import pytest
import torch
from captum import attr
from captum.attr._utils.lrp_rules import EpsilonRule, GammaRule
from torch import nn

from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.models import expression
from explainers.networks.vgg16 import Vgg16
from explainers.saliency.deep_lift import DeepLift
from explainers.saliency.guided_backpropagation import GuidedBackpropagation
from explainers.saliency.integrated_gradients import IntegratedGradients
from explainers.saliency.lrp import Lrp
from explainers.saliency.smooth_grad import SmoothGrad
from explainers.targets.class_score import ClassScore

BATCH = 10


def vgg16():
    torch.manual_seed(0)
    network = Vgg16(nn.Identity(), grid=3, sizes=[4]).requires_grad_(False)
    labels = ("a", "b", "c", "d")
    return FaceModel("vgg16", "letters", network, labels, 112, 0.25, "pool4", "0" * 64, "", "")


def seconds(run, repeats):
    times = []
    for _ in range(repeats + 1):  # the first one warms up
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times[1:])  # the machine may be busy


class Plain(nn.Module):
    """The same layers for Captum's LRP, which refuses Flatten and Identity."""

    def __init__(self, network, rule):
        super().__init__()
        layers = [each for each in network if not isinstance(each, nn.Flatten | nn.Identity)]
        self.maps = nn.Sequential(*[each for each in layers if not isinstance(each, nn.Linear)])
        self.vectors = nn.Sequential(*[each for each in layers if isinstance(each, nn.Linear)])
        for layer in layers:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.rule = rule()

    def forward(self, x):
        return self.vectors(self.maps(x).flatten(1))


@pytest.mark.benchmark
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["expression", "vgg16"])
def test_ratios_to_captum(name):
    model = expression.load() if name == "expression" else vgg16()
    (face,) = load_faces("rendered", Path(), ["f01"])
    x = model.prepare([face]).contiguous(memory_format=torch.channels_last)
    # Both begin with the aligned picture: aligning takes longer than one way back.
    object.__setattr__(model, "prepare", lambda faces: x)
    black, target = torch.zeros_like(x), ClassScore(1)
    integrated = attr.IntegratedGradients(model.network)
    tunnel = attr.NoiseTunnel(attr.Saliency(model.network))
    lift, guided = attr.DeepLift(model.network), attr.GuidedBackprop(model.network)
    pairs = {
        "integrated gradients, 50 steps": (
            lambda: IntegratedGradients(50, batch=BATCH)(model, face, target),
            # Ours always says how far it is from complete, so Captum is asked for that too.
            lambda: integrated.attribute(
                x,
                black,
                1,
                n_steps=50,
                internal_batch_size=BATCH,
                return_convergence_delta=True,
            ),
        ),
        "SmoothGrad, 50 samples": (
            lambda: SmoothGrad(50, batch=BATCH)(model, face, target),
            lambda: tunnel.attribute(
                x, nt_samples=50, nt_samples_batch_size=BATCH, stdevs=0.15, target=1, abs=False
            ),
        ),
        "DeepLIFT": (
            lambda: DeepLift()(model, face, target),
            lambda: lift.attribute(x, black, 1),
        ),
        "guided backpropagation": (
            lambda: GuidedBackpropagation()(model, face, target),
            lambda: guided.attribute(x.clone().requires_grad_(), 1),
        ),
    }
    print(f"\n{name} at {model.input_size} px, {torch.get_num_threads()} threads")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method, (ours, theirs) in pairs.items():
            repeats = (3 if name == "expression" else 1) if "50" in method else 7
            report(method, ours, theirs, repeats)
        if name == "vgg16":  # Captum's LRP takes no sums and no preprocessing of its own
            for rule, captums in (("epsilon", EpsilonRule), ("gamma", GammaRule)):
                report(
                    f"LRP, {rule}",
                    lambda rule=rule: Lrp(rule, first="same")(model, face, target),
                    lambda captums=captums: attr.LRP(Plain(model.network, captums)).attribute(x, 1),
                    3,
                )


def report(method, ours, theirs, repeats):
    mine, captums = seconds(ours, repeats), seconds(theirs, repeats)
    print(f"  {method:32} {mine:7.3f} s   Captum {captums:7.3f} s   {captums / mine:5.2f}x")
