"""Gradient, SmoothGrad and integrated gradients: Captum's values, slow twins, completeness."""

from pathlib import Path

import pytest
import torch
from captum import attr
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explainers.face import TEMPLATE, Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.models import age, expression, gender, recognition
from explainers.problems import Problems
from explainers.saliency._baseline import baseline_picture
from explainers.saliency.gradient import Gradient
from explainers.saliency.integrated_gradients import IntegratedGradients
from explainers.saliency.smooth_grad import SmoothGrad
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit


def close(ours, theirs, tolerance=1e-5):
    return torch.allclose(torch.from_numpy(ours), theirs.float(), rtol=1e-4, atol=tolerance)


@pytest.mark.parametrize("of", ["logit", "probability"])
@pytest.mark.parametrize("network", ["convolutional", "fully_connected"])
def test_the_gradient_is_captums(tiny, network, of):
    model, face = tiny.model(getattr(tiny, network)()), tiny.face()
    x = model.prepare([face])
    scores = model.logits if of == "logit" else model.scores
    theirs = attr.Saliency(scores).attribute(x, target=2, abs=False)[0]
    target = ClassScore("c")
    assert close(Gradient(of=of)(model, face, target).values, theirs.sum(0))
    magnitude = Gradient("magnitude", of=of)(model, face, target)
    assert close(magnitude.values, theirs.abs().amax(0))
    assert magnitude.kind == "unsigned"
    assert magnitude.checks["score"] == pytest.approx(float(scores(x)[0, 2]), abs=1e-5)


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_smooth_grad_is_the_mean_of_captums_gradients_of_the_same_noisy_copies(tiny, batch):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    x = model.prepare([face])
    generator = torch.Generator().manual_seed(4)
    scale = 0.2 * (x.max() - x.min())
    saliency = attr.Saliency(model.logits)
    gradients = [
        saliency.attribute(
            x + scale * torch.randn(x.shape, generator=generator), target=1, abs=False
        )[0]
        for _ in range(7)
    ]
    mean = torch.stack(gradients).mean(0)
    explanation = SmoothGrad(7, 0.2, seed=4, batch=batch)(model, face, ClassScore("b"))
    assert close(explanation.values, mean.sum(0))
    error = torch.stack(gradients).var(0, correction=0).mean().sqrt() / 7**0.5
    expected = float(error / mean.square().mean().sqrt())
    assert explanation.checks["noise_left"] == pytest.approx(expected, rel=1e-3)
    magnitude = SmoothGrad(7, 0.2, "magnitude", seed=4)(model, face, ClassScore("b"))
    assert close(magnitude.values, mean.abs().amax(0))


def test_smooth_grad_without_noise_is_the_gradient(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    smooth = SmoothGrad(3, noise=0.0)(model, face, ClassScore("b"))
    plain = Gradient()(model, face, ClassScore("b"))
    assert close(smooth.values, torch.from_numpy(plain.values))
    assert smooth.checks["noise_left"] < 1e-3


def test_the_seed_makes_the_noise(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    first, again, other = (
        SmoothGrad(2, seed=seed)(model, face, ClassScore(0)).values for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("baseline", ["black", "gray", "mean", "blur"])
@pytest.mark.parametrize(
    ("rule", "captums"), [("gauss_legendre", "gausslegendre"), ("midpoint", "riemann_middle")]
)
def test_integrated_gradients_are_captums(tiny, rule, captums, baseline):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    x = model.prepare([face])
    theirs = attr.IntegratedGradients(model.logits).attribute(
        x, baseline_picture(x, baseline), target=3, n_steps=9, method=captums
    )
    ours = IntegratedGradients(9, baseline, rule, batch=4)(model, face, ClassScore("d"))
    assert close(ours.values, theirs[0].sum(0))


def test_integrated_gradients_are_equation_4_by_a_slow_loop(tiny):
    model, face = tiny.model(tiny.fully_connected()), tiny.face()
    x, steps = model.prepare([face]), 40
    total = torch.zeros_like(x)
    for step in range(steps):
        point = (x * (step + 0.5) / steps).requires_grad_()
        (gradient,) = torch.autograd.grad(model.scores(point)[0, 1], point)
        total += gradient / steps
    target = ClassScore("b", of="probability")
    ours = IntegratedGradients(steps, rule="midpoint", of="probability")(model, face, target)
    assert close(ours.values, (x * total)[0].sum(0))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    baseline=st.sampled_from(["black", "gray", "mean", "blur"]),
    of=st.sampled_from(["logit", "probability", "log_odds"]),
)
def test_on_smooth_networks_the_map_sums_to_the_difference(tiny_networks, seed, baseline, of):
    model, face = tiny_networks(seed)
    explanation = IntegratedGradients(24, baseline, of=of)(model, face, ClassScore("a"))
    assert abs(explanation.checks["completeness_gap"]) < 1e-3
    difference = explanation.checks["score"] - explanation.checks["baseline_score"]
    assert float(explanation.values.sum()) == pytest.approx(difference, abs=1e-3)


@pytest.fixture(scope="module")
def tiny_networks():
    """A smooth network and a face for a seed."""

    def make(seed):
        generator = torch.Generator().manual_seed(seed)
        network = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(144, 6), nn.GELU(),
            nn.Linear(6, 4),
        )  # fmt: skip
        for each in network.parameters():
            each.data = torch.randn(each.shape, generator=generator) / each[0].numel() ** 0.5
        model = FaceModel(
            "smooth", "letters", network, tuple("abcd"), 8, 0.25, "0", "0" * 64, "CC0-1.0", ""
        )
        image = torch.rand(3, 16, 16, generator=generator).numpy()
        return model, Face("r", image, (TEMPLATE + 0.25) / 1.5 * 16)

    return make


def test_more_steps_leave_a_smaller_gap_and_the_gap_is_the_difference_less_the_sum():
    model = expression.load()
    (face,) = load_faces("rendered", Path(), ["f01"])
    gaps = []
    for steps in (4, 64):
        e = IntegratedGradients(steps, rule="midpoint")(model, face, ClassScore("happy"))
        difference = e.checks["score"] - e.checks["baseline_score"]
        gaps.append(e.checks["completeness_gap"])
        assert gaps[-1] == pytest.approx(difference - float(e.values.sum()), abs=1e-4)
    assert abs(gaps[1]) < abs(gaps[0])


@pytest.mark.parametrize("explainer", [Gradient(), IntegratedGradients(16)])
def test_two_implementations_of_one_function_get_one_map(tiny, explainer):
    network = tiny.convolutional()
    model, face = tiny.model(network), tiny.face()

    class Other(nn.Module):
        """The same function: ReLU as a maximum, the linear layer in two halves."""

        def __init__(self):
            super().__init__()
            self.first, self.second, self.last = network[0], network[2], network[6]

        def forward(self, x):
            x = torch.maximum(self.first(x), torch.zeros(()))
            x = self.second(x)
            x = nn.functional.adaptive_avg_pool2d((x + x.abs()) / 2, 3).flatten(1)
            return x[:, :36] @ self.last.weight[:, :36].T + (
                x[:, 36:] @ self.last.weight[:, 36:].T + self.last.bias
            )

    other = tiny.model(tiny.convolutional(), layer="1")
    object.__setattr__(other, "network", Other())
    ours, theirs = (explainer(each, face, ClassScore(1)).values for each in (model, other))
    assert close(ours, torch.from_numpy(theirs), 1e-4)


def test_every_target_and_shipped_network_is_served():
    first, second, third = load_faces("rendered", Path(), ["f01", "f02", "f03"])
    cases = [
        (expression.load(), ClassDifference("happy", "neutral")),
        (gender.load(), ClassScore("female")),
        (age.load(), ExpectedValue()),
        (recognition.load(), Similarity(second)),
        (recognition.load(), Triplet(second, third)),
        (recognition.load(), Unit("conv64_3", 2)),
    ]
    for model, target in cases:
        for explainer in (Gradient(), SmoothGrad(2), IntegratedGradients(2)):
            explanation = explainer(model, first, target)
            assert explanation.values.shape == (model.input_size,) * 2
            assert abs(explanation.values).max() > 0


def test_progress_and_the_network_as_it_was(tiny):
    model, face, told = tiny.model(tiny.convolutional()), tiny.face(), []
    model.network[1].train()
    for explainer in (SmoothGrad(5, batch=2), IntegratedGradients(5, batch=2)):
        explainer(model, face, ClassScore(0), progress=lambda *done: told.append(done))
    assert told == [(2, 5), (4, 5), (5, 5)] * 2
    assert model.network[1].training
    assert all(not each.requires_grad and each.grad is None for each in model.network.parameters())


def test_a_network_without_gradients_is_told_what_to_use_instead(tiny):
    class Steps(nn.Module):
        def forward(self, x):
            return x.detach().mean((2, 3)).round() @ torch.ones(3, 4)

    class Infinite(nn.Module):
        def forward(self, x):
            return (x * 0).sqrt().mean((2, 3)) @ torch.ones(3, 4)

    for network, message in ((Steps(), "lets no gradient through"), (Infinite(), "not finite")):
        model = tiny.model(nn.Sequential(nn.Identity(), network), layer="0")
        for explainer in (Gradient(), SmoothGrad(2), IntegratedGradients(2)):
            with pytest.raises(Problems, match=f"{message}.*\n  fix: use .* such as occlusion"):
                explainer(model, tiny.face(), ClassScore(0))


def test_all_wrong_parameters_are_named_at_once():
    for make, names in (
        (lambda: Gradient("sums", of="logits"), ("colours", "of")),
        (
            lambda: SmoothGrad(0, -1.0, "x", "y", -1, 0),
            ("samples", "noise", "colours", "of", "seed", "batch"),
        ),
        (
            lambda: IntegratedGradients(0, "dark", "simpson", "y", 0),
            ("steps", "baseline", "rule", "of", "batch"),
        ),
    ):
        with pytest.raises(Problems) as error:
            make()
        places = [problem.where.partition(": ")[2] for problem in error.value.problems]
        assert places == list(names)
