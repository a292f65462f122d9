"""Activation maximization: eq. 7, and whether the network takes the picture for its class."""

import numpy as np
import pytest
import torch

from explainers.models import expression
from explainers.optimizing.priors import total_variation
from explainers.problems import Problems
from explainers.targets.class_score import ClassScore
from explainers.visualization.activation_maximization import ActivationMaximization


@pytest.mark.parametrize("variant", ["tv", "robust"])
@pytest.mark.parametrize("label", ["happy", "angry"])
def test_the_network_takes_the_picture_for_its_class(variant, label):
    model = expression.load()
    painted = ActivationMaximization(variant=variant, iterations=60, starts=1, rate=0.05)(
        model, None, ClassScore(label)
    )
    scores = model.scores(torch.from_numpy(painted.values)[None])[0]
    assert float(scores[model.index(label)]) > 0.9
    assert painted.checks["probability"] == pytest.approx(
        float(scores[model.index(label)]), abs=1e-4
    )


@pytest.mark.parametrize("network", ["convolutional", "fully_connected"])
@pytest.mark.parametrize("variant", ["tv", "robust"])
def test_the_class_score_rises_in_any_network(tiny, network, variant):
    model = tiny.model(getattr(tiny, network)())
    light = {"total_variation": 0.0, "gray": 0.0, "variant": variant, "symmetric": False}
    few, many = (
        ActivationMaximization(iterations=count, rate=0.1, **light)(
            model, None, ClassScore("b")
        ).checks
        for count in (1, 80)
    )
    assert many["score"] > few["score"] + 0.1


def test_any_scalar_can_be_maximised_such_as_a_channel(tiny):
    model = tiny.model(tiny.convolutional())

    def channel(model, x):
        return model.features(x, "2")[:, 5].mean((1, 2))

    painted = ActivationMaximization(iterations=40, total_variation=0.0, gray=0.0)(
        model, None, channel
    )
    gray = torch.full((1, 3, tiny.size, tiny.size), 0.5)
    assert painted.checks["score"] > float(channel(model, gray))
    assert "probability" not in painted.checks


def test_the_loss_of_the_tv_variant_is_that_of_the_paper(tiny):
    model = tiny.model(tiny.convolutional())
    painted = ActivationMaximization(
        variant="tv", total_variation=0.7, beta=2.0, iterations=1, rate=0.0, starts=1
    )(model, None, ClassScore("b"))
    x = torch.from_numpy(painted.values)[None]
    expected = 0.7 * total_variation(x, 2.0) - model.logits(x)[0, 1]
    assert painted.checks["loss"] == pytest.approx(float(expected), rel=1e-5)
    assert painted.checks["score"] == pytest.approx(float(model.logits(x)[0, 1]), rel=1e-5)


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_picture(tiny):
    model, state = tiny.model(tiny.convolutional()), torch.get_rng_state()
    one, two, other = (
        ActivationMaximization(iterations=8, seed=seed)(model, None, ClassScore("a")).values
        for seed in (1, 1, 2)
    )
    assert one.tobytes() == two.tobytes()
    assert not np.array_equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_picture_depends_on_the_class_and_not_on_any_face(tiny):
    model = tiny.model(tiny.convolutional())
    explainer = ActivationMaximization(iterations=20)
    assert explainer.per == "class"
    a, b = (explainer(model, None, ClassScore(label)).values for label in "ab")
    with_face = explainer(model, tiny.face(), ClassScore("a")).values
    assert not np.array_equal(a, b)
    assert np.array_equal(a, with_face)


def test_more_starts_never_fulfil_the_equation_worse_and_progress_counts_them_all(tiny):
    model, told = tiny.model(tiny.convolutional()), []
    tv = {"variant": "tv", "iterations": 30, "rate": 0.05, "total_variation": 0.1}
    results = {
        starts: ActivationMaximization(starts=starts, **tv)(
            model, None, ClassScore("b"), progress=lambda done, total: told.append((done, total))
        )
        for starts in (1, 5)
    }
    # Five beginnings of ten steps and thirty more for the best of them.
    assert told == [(k, 30) for k in range(1, 31)] + [(k, 80) for k in range(1, 81)]
    assert results[5].checks["loss"] <= results[1].checks["loss"]


def test_the_picture_can_be_painted_larger_than_the_network_sees_it(tiny):
    model = tiny.model(tiny.convolutional())
    for variant in ("tv", "robust"):
        painted = ActivationMaximization(size=33, iterations=3, variant=variant)(
            model, None, ClassScore("a")
        )
        assert painted.values.shape == (3, 33, 33)


def test_a_symmetric_picture_is_its_own_mirror_image(tiny):
    model = tiny.model(tiny.convolutional())
    values = {
        symmetric: ActivationMaximization(iterations=5, symmetric=symmetric)(
            model, None, ClassScore("a")
        ).values
        for symmetric in (True, False)
    }
    assert np.allclose(values[True], values[True][:, :, ::-1], atol=1e-6)
    assert not np.allclose(values[False], values[False][:, :, ::-1], atol=1e-3)


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(Problems) as error:
        ActivationMaximization(variant="tvs", gray=-1.0, views=0, starts=0, iterations=2.5, seed=-1)
    assert [problem.where for problem in error.value.problems] == [
        f"activation_maximization: {name}"
        for name in ("variant", "gray", "views", "starts", "iterations", "seed")
    ]
    assert "did you mean 'tv'?" in str(error.value)
