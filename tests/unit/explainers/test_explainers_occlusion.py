"""Occlusion: eq. 1 by slow loops, Captum's values, every class from one sweep."""

from pathlib import Path

import pytest
import torch
from captum import attr
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explainers.faces.face_bank import load_faces
from explainers.models import expression
from explainers.problems import Problems
from explainers.saliency.occlusion import Occlusion
from explainers.targets.class_score import ClassScore

CAPTUM = 1e-4


def picture(tiny, seed=0):
    return torch.rand(3, tiny.size, tiny.size, generator=torch.Generator().manual_seed(seed))


def slow_maps(explainer, model, x):
    """Eq. 1 position by position and class by class; means over covering windows."""

    def scores(x):
        probability = model.scores(x)
        kinds = {
            "probability": probability,
            "logit": model.logits(x),
            "log_odds": (probability / (1 - probability)).log(),
        }
        return kinds[explainer.of]

    size, behind = x.shape[-1], explainer.hidden(x[None])[0]
    total, count = torch.zeros(4, size, size), torch.zeros(size, size)
    top = 0
    while True:
        left = 0
        while True:
            rows = slice(top, min(top + explainer.window, size))
            columns = slice(left, min(left + explainer.window, size))
            covered = x.clone()
            covered[:, rows, columns] = behind[:, rows, columns]
            drop = (scores(x[None]) - scores(covered[None]))[0]
            for label in range(4):
                total[label, rows, columns] += drop[label]
            count[rows, columns] += 1
            if left + explainer.window >= size:
                break
            left += explainer.stride
        if top + explainer.window >= size:
            break
        top += explainer.stride
    return total / count


@pytest.mark.parametrize("of", ["probability", "logit", "log_odds"])
@pytest.mark.parametrize("fill", ["mean", "value", "blur"])
@pytest.mark.parametrize(("window", "stride"), [(6, 3), (7, 4), (20, 5), (1, 1)])
def test_one_sweep_gives_what_slow_loops_give_for_every_class(tiny, window, stride, fill, of):
    model, x = tiny.model(tiny.convolutional()), picture(tiny)
    explainer = Occlusion(window, stride, fill, of=of, batch=7)
    fast = explainer.maps(model, x)
    assert fast.shape == (4, tiny.size, tiny.size)
    assert torch.allclose(fast, slow_maps(explainer, model, x), atol=1e-5)


@pytest.mark.parametrize(("window", "stride"), [(6, 3), (7, 4), (8, 8), (9, 7), (20, 3)])
@pytest.mark.parametrize("network", ["convolutional", "fully_connected"])
def test_values_are_captums_on_small_networks(tiny, network, window, stride):
    model, x = tiny.model(getattr(tiny, network)()), picture(tiny)
    ours = Occlusion(window, stride, fill="value", value=0.25).maps(model, x)
    for label in range(4):
        theirs = attr.Occlusion(model.scores).attribute(
            x[None],
            sliding_window_shapes=(3, window, window),
            strides=(3, stride, stride),
            baselines=0.25,
            target=label,
        )
        assert float((theirs[0, 0] - ours[label]).abs().max()) < CAPTUM


@pytest.mark.parametrize("of", ["probability", "logit"])
@pytest.mark.parametrize(("window", "stride"), [(24, 12), (32, 20), (30, 30)])
def test_values_are_captums_on_the_expression_network(window, stride, of):
    model = expression.load()
    x = model.prepare(load_faces("rendered", Path(), ["f01"]))
    explainer = Occlusion(window, stride, of=of)
    theirs = attr.Occlusion(model.scores if of == "probability" else model.logits).attribute(
        x,
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=explainer.hidden(x),
        target=model.index("happy"),
        perturbations_per_eval=16,
    )
    ours = explainer.maps(model, x[0])[model.index("happy")]
    assert float((theirs[0, 0] - ours).abs().max()) < CAPTUM


@given(size=st.integers(1, 40), window=st.integers(1, 40), stride=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_windows_cover_every_pixel_and_none_starts_outside(size, window, stride):
    window = min(window, size)
    explainer = Occlusion(window, min(stride, window))
    corners = explainer.corners(size)
    assert corners[0] == 0
    assert corners[-1] < size <= corners[-1] + window
    assert not corners[1:] or corners[-2] + window < size
    covered = {pixel for corner in corners for pixel in range(corner, corner + window)}
    assert covered >= set(range(size))


def test_the_explanation_is_the_map_of_its_class(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    explainer = Occlusion(6, 3)
    explanation = explainer(model, face, ClassScore("c"))
    x = model.prepare([face])
    assert torch.allclose(
        torch.from_numpy(explanation.values), explainer.maps(model, x[0])[2], atol=1e-6
    )
    assert explanation.kind == "signed"
    drops = explainer.sweep(model, x[0])[2]
    assert explanation.checks["largest_drop"] == pytest.approx(float(drops.max()), abs=1e-6)
    assert explanation.checks["score"] == pytest.approx(float(model.scores(x)[0, 2]), abs=1e-6)
    assert explanation.checks["windows"] == len(drops) == len(explainer.corners(20)) ** 2


def test_any_scalar_can_be_explained_not_only_a_class(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()

    def difference(model, x):
        logits = model.logits(x)
        return logits[:, 0] - logits[:, 1]

    explainer = Occlusion(6, 3, of="logit")
    maps = explainer.maps(model, model.prepare([face])[0])
    values = explainer(model, face, difference).values
    assert torch.allclose(torch.from_numpy(values), maps[0] - maps[1], atol=1e-5)


def test_a_network_that_ignores_the_picture_gives_zeros(tiny):
    model = tiny.model(tiny.fully_connected())
    model.network[1].weight.data.zero_()
    assert float(Occlusion(6, 3).maps(model, picture(tiny)).abs().max()) < 1e-6


def test_progress_counts_windows_up_to_the_last(tiny):
    model, told = tiny.model(tiny.convolutional()), []
    Occlusion(6, 3, batch=10)(
        model, tiny.face(), ClassScore(0), progress=lambda done, total: told.append((done, total))
    )
    assert told == [(10, 36), (20, 36), (30, 36), (36, 36)]


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(Problems) as error:
        Occlusion(window=0, stride=0, fill="means", value=2.0, of="logits", batch=1.5)
    text = str(error.value)
    for expected in (
        "occlusion: window\n  must be a whole number of at least 1, not 0",
        "occlusion: stride\n  must be a whole number of at least 1, not 0",
        "did you mean 'mean'?",
        "occlusion: value\n  must be a number from 0 to 1, not 2.0",
        "did you mean 'logit'?",
        "occlusion: batch",
    ):
        assert expected in text
    assert len(error.value.problems) == 6


def test_windows_that_leave_gaps_or_do_not_fit_are_refused(tiny):
    with pytest.raises(Problems, match="never be covered\n  fix: write stride: 4 or less"):
        Occlusion(window=4, stride=5)
    model = tiny.model(tiny.convolutional())
    with pytest.raises(Problems, match=r"30 is larger than the picture \(20 pixels\)\n  fix"):
        Occlusion(window=30)(model, tiny.face(), ClassScore(0))


def test_a_network_that_puts_out_nan_is_refused(tiny):
    class Broken(nn.Module):
        def forward(self, x):
            return x.mean((2, 3)) * (float("nan") if x.mean() > 0 else 1.0) @ torch.ones(3, 4)

    model = tiny.model(nn.Sequential(nn.Identity(), Broken()), layer="0")
    with pytest.raises(Problems, match="not finite numbers"):
        Occlusion(6, 3)(model, tiny.face(), ClassScore(0))


def test_an_unknown_class_is_refused(tiny):
    model = tiny.model(tiny.convolutional())
    with pytest.raises(Problems, match="unknown class 'e'"):
        Occlusion(6, 3)(model, tiny.face(), ClassScore("e"))
    with pytest.raises(Problems, match="has no class 4\n  fix: its classes are 0 to 3"):
        Occlusion(6, 3)(model, tiny.face(), ClassScore(4))


def test_nothing_else_changes(tiny):
    model, x = tiny.model(nn.Sequential(*tiny.convolutional(), nn.Dropout(0.5))), picture(tiny)
    model.network.train()
    state, before = torch.get_rng_state(), x.clone()
    once, again = (Occlusion(6, 3).maps(model, x) for _ in range(2))
    assert torch.equal(once, again)
    assert model.network.training
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(x, before)
