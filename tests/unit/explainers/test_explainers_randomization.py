"""Sanity checks: maps of what the network knows change when it forgets, edge detectors do not."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from explainers.explanation import Explanation
from explainers.faces.face_bank import load_faces
from explainers.faithfulness.map_similarity import (
    rank_correlation,
    structural_similarity,
    unrelated,
)
from explainers.faithfulness.randomised import randomised, weighted_layers
from explainers.fidelity.data_randomization import DataRandomization
from explainers.fidelity.parameter_randomization import ParameterRandomization
from explainers.models import expression
from explainers.problems import Problems
from explainers.saliency.occlusion import Occlusion
from explainers.targets.class_score import ClassScore


class Edges:
    """An explainer that looks at the picture alone."""

    per, kind = "face", "unsigned"

    def __call__(self, model, face, target, *, progress=None):
        x = model.prepare([face])[0]
        rows = x.diff(dim=1, prepend=x[:, :1])
        columns = x.diff(dim=2, prepend=x[:, :, :1])
        return Explanation((rows**2 + columns**2).sum(0).numpy(), "unsigned")


class Sensitivity:
    """An explainer that looks at the network: the gradient of the target, squared."""

    per, kind = "face", "unsigned"

    def __call__(self, model, face, target, *, progress=None):
        x = model.prepare([face]).requires_grad_()
        (gradient,) = torch.autograd.grad(target(model, x).sum(), x)
        return Explanation((gradient[0] ** 2).sum(0).numpy(), "unsigned")


def slow_ssim(a, b, window):
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    values = []
    for top in range(a.shape[0] - window + 1):
        for left in range(a.shape[1] - window + 1):
            x = a[top : top + window, left : left + window].ravel()
            y = b[top : top + window, left : left + window].ravel()
            covariance = ((x - x.mean()) * (y - y.mean())).mean()
            above = (2 * x.mean() * y.mean() + 0.0004) * (2 * covariance + 0.0036)
            below = (x.mean() ** 2 + y.mean() ** 2 + 0.0004) * (x.var() + y.var() + 0.0036)
            values.append(above / below)
    return np.mean(values)


@pytest.mark.parametrize("window", [1, 4, 7])
def test_structural_similarity_is_the_formula_window_by_window(window):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 11, 9))
    b = b + a
    assert structural_similarity(a, b, window) == pytest.approx(slow_ssim(a, b, window), abs=1e-9)


def test_rank_correlation_is_scipys_and_zero_without_an_order():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, (2, 12, 10))
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic)
    assert rank_correlation(a, np.ones_like(b)) == 0
    moved = unrelated(a, 5, rng)
    assert all(sorted(m.ravel()) == sorted(a.ravel()) and (m != a).any() for m in moved)


def test_layers_run_from_the_bottom_to_the_top(tiny):
    assert weighted_layers(tiny.model(tiny.convolutional())) == ("0", "2", "6")

    class Late(nn.Module):
        """Declares its layers in another order than it runs them, and holds a weight itself."""

        def __init__(self):
            super().__init__()
            self.last = nn.Linear(4, 4)
            self.first = nn.Conv2d(3, 4, 3)
            self.scale = nn.Parameter(torch.ones(4))

        def forward(self, x):
            return self.last(self.first(x).mean((2, 3)) * self.scale)

    assert weighted_layers(tiny.model(Late(), layer="first")) == ("first", "last", "")


def test_a_randomised_network_has_the_same_weights_elsewhere_and_comes_back(tiny):
    model = tiny.model(tiny.convolutional())
    x = model.prepare([tiny.face()])
    before, state = model.logits(x), {k: v.clone() for k, v in model.network.state_dict().items()}
    with randomised(model.network, ["2", "6"], seed=3):
        changed = {k: v.clone() for k, v in model.network.state_dict().items()}
        assert not torch.allclose(model.logits(x), before, atol=1e-3)
    for name, values in state.items():
        assert torch.equal(changed[name].flatten().sort()[0], values.flatten().sort()[0])
        assert torch.equal(changed[name], values) == name.startswith("0")
    with randomised(model.network, ["6"], seed=3):
        assert torch.equal(model.network[6].weight, changed["6.weight"])
    with pytest.raises(RuntimeError, match="stop"), randomised(model.network, ["0"]):
        raise RuntimeError("stop")
    assert torch.equal(model.logits(x), before)
    assert not any(p.requires_grad for p in model.network.parameters())


def test_a_method_that_looks_at_the_picture_alone_fails_and_one_at_the_network_does_not():
    model = expression.load()
    (face,) = load_faces("rendered", Path(), ["f01"])
    target = ClassScore("happy", of="logit")
    test = ParameterRandomization(steps=3)
    edges, sensitivity = (
        test(model, face, target, how(model, face, target), how) for how in (Edges(), Sensitivity())
    )
    assert edges.value == pytest.approx(1.0)
    assert edges.curve["ssim"] == pytest.approx((1.0,) * 4)
    assert edges.baseline < 0.4
    assert sensitivity.value < 0.6
    assert sensitivity.curve["x"] == pytest.approx((0.0, 11 / 32, 21 / 32, 1.0))
    assert sensitivity.details["layers"] == 32
    assert sensitivity.curve["rank"][0] == 1.0
    assert sensitivity.details["last"] == sensitivity.curve["rank"][-1]


def test_shipped_methods_see_the_randomised_network(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    how, why = Occlusion(5, 5), ClassScore("a", of="logit")
    before = how(model, face, why)
    score = ParameterRandomization(steps=9)(model, face, why, before, how)
    assert score.curve["x"] == pytest.approx((0, 1 / 3, 2 / 3, 1))  # no more stages than layers
    assert score.value < 0.9
    assert score.details["flat"] == 0
    assert np.array_equal(how(model, face, why).values, before.values)


def test_labels_that_say_nothing_change_the_map_unless_it_shows_the_picture_alone():
    test = DataRandomization(pictures=3)
    edges, sensitivity = (test(None, None, None, None, how) for how in (Edges(), Sensitivity()))
    assert edges.value == pytest.approx(1.0)
    assert edges.baseline < 0.3
    assert sensitivity.value < 0.4
    for score in (edges, sensitivity):
        assert score.details["fit_true"] == score.details["fit_permuted"] == 1.0
        assert score.details["accuracy_true"] > 0.95
        assert score.details["accuracy_permuted"] < 0.65


def test_what_is_wrong_is_told(tiny):
    with pytest.raises(Problems) as error:
        ParameterRandomization(steps=0, draws=0, seed=-1)
    assert len(error.value.problems) == 3
    with pytest.raises(Problems, match="data_randomization: pictures"):
        DataRandomization(pictures=0)
    flat = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Identity())
    model = SimpleNamespace(network=flat, layers=lambda: ("0", "1", "2"), name="mean")
    with pytest.raises(Problems, match="model mean\n  has no parameters that could be"):
        ParameterRandomization()(model, None, None, None, Edges())


def test_an_empty_map_that_stays_empty_earns_nothing(tiny):
    def empty(model, face, target, progress=None):
        return Explanation(np.zeros((tiny.size, tiny.size), np.float32), "signed")

    model, face = tiny.model(tiny.convolutional()), tiny.face()
    target = ClassScore("a")
    score = ParameterRandomization()(model, face, target, empty(model, face, target), empty)
    assert score.value == score.baseline == 1.0
    assert set(score.curve["rank"]) == {1.0}
