"""Softmax hands its difference on in full: DeepLIFT is complete and LRP conserves through it."""

import pytest
import torch
from torch import nn

from explainers.saliency.deep_lift import DeepLift
from explainers.saliency.lrp import Lrp
from explainers.softmax_secant import softmax_secant
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("dim", [0, 1])
def test_it_is_linear_and_differs_as_softmax_does(log, dim):
    generator = torch.Generator().manual_seed(0)
    x, x0 = (3 * torch.randn(4, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    x0[0] = x[0]  # no step there, so no slope
    softmax = torch.log_softmax if log else torch.softmax
    (m,) = (torch.autograd.functional.jacobian(lambda v: softmax_secant(v, x0, dim, log), x),)
    difference = torch.einsum("abij,ij->ab", m, x - x0)
    assert torch.allclose(difference, softmax(x, dim) - softmax(x0, dim), atol=1e-6)


ENDS = {
    "none": nn.Identity(),
    "softmax": nn.Softmax(1),
    "log_softmax": nn.LogSoftmax(dim=1),
}


@pytest.mark.parametrize("end", ENDS)
def test_maps_are_complete_through_softmax(tiny, end):
    network = nn.Sequential(*tiny.convolutional(), ENDS[end])
    model, face = tiny.model(network), tiny.face()
    for target in (ClassScore("b"), ExpectedValue((1.0, 2.0, 5.0, 10.0))):
        complete = DeepLift()(model, face, target).checks
        assert abs(complete["score"] - complete["baseline_score"]) > 1e-4
        assert complete["completeness_gap"] == pytest.approx(0, abs=1e-5)
        conserved = Lrp()(model, face, target).checks
        assert conserved["conservation_gap"] == pytest.approx(0, abs=1e-5)
