"""Feature inversion: eq. 8, and whether a layer takes the picture for the face."""

from pathlib import Path

import numpy as np
import pytest
import torch

from explainers.faces.face_bank import load_faces
from explainers.inversion.total_variation import TotalVariation
from explainers.models import expression
from explainers.optimizing.priors import alpha_norm, total_variation
from explainers.problems import Problems
from explainers.targets.class_score import ClassScore


def distance(one, other):
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("variant", ["tv", "robust"])
def test_the_layer_takes_the_picture_for_this_face_and_for_no_other_of_the_bank(variant):
    model = expression.load()
    faces = load_faces("rendered", Path())
    layer = model.layer
    features = model.features(model.prepare(faces), layer)
    inverted = TotalVariation(variant=variant, iterations=60, rate=0.1)(
        model, faces[0], ClassScore("happy")
    )
    found = model.features(torch.from_numpy(inverted.values)[None], layer)[0]
    distances = [distance(found, other) for other in features]
    assert np.argmin(distances) == 0
    assert distances[0] < 0.7 * sorted(distances)[1]
    assert inverted.checks["feature_distance"] == pytest.approx(distances[0], rel=1e-3)
    assert inverted.checks["layer"] == layer


@pytest.mark.parametrize("variant", ["tv", "robust"])
@pytest.mark.parametrize("network", ["convolutional", "fully_connected"])
def test_more_iterations_come_closer(tiny, variant, network):
    model = tiny.model(getattr(tiny, network)())
    few, many = (
        TotalVariation(variant=variant, iterations=count, rate=0.5, total_variation=0.1)(
            model, tiny.face()
        ).checks
        for count in (2, 120)
    )
    assert many["feature_distance"] < 0.7 * few["feature_distance"]
    assert many["iterations"] == 120


def test_the_loss_is_that_of_the_paper(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    explainer = TotalVariation(
        variant="tv", total_variation=0.3, beta=1.5, alpha_norm=0.2, iterations=1, rate=0.0
    )
    inverted = explainer(model, face)
    x, x0 = torch.from_numpy(inverted.values)[None], model.prepare([face])
    wanted = model.features(x0, "1")
    expected = (
        ((model.features(x, "1") - wanted) ** 2).sum() / (wanted**2).sum()
        + 0.3 * total_variation(x, 1.5)
        + 0.2 * alpha_norm(x, 6.0)
    )
    assert inverted.checks["loss"] == pytest.approx(float(expected), rel=1e-5)


def test_a_heavier_total_variation_makes_a_smoother_picture(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    rough, smooth = (
        TotalVariation(total_variation=weight, variant="tv", iterations=60)(model, face).values
        for weight in (0.0, 30.0)
    )
    assert total_variation(torch.from_numpy(smooth)) < total_variation(torch.from_numpy(rough)) / 2


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_picture(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    state = torch.get_rng_state()
    one, two, other = (
        TotalVariation(iterations=8, seed=seed)(model, face).values for seed in (1, 1, 2)
    )
    assert one.tobytes() == two.tobytes()
    assert not np.array_equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_values_are_colours_of_the_networks_size(tiny):
    inverted = TotalVariation(iterations=2)(tiny.model(tiny.convolutional()), tiny.face())
    assert inverted.kind == "image"
    assert inverted.values.shape == (3, tiny.size, tiny.size)
    assert inverted.values.dtype == np.float32


def test_no_hook_and_no_gradient_stays_behind(tiny):
    model = tiny.model(tiny.convolutional())
    TotalVariation(iterations=2)(model, tiny.face())
    assert all(not module._forward_hooks for module in model.network.modules())
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_a_layer_that_does_not_exist_is_refused_with_the_nearest_name():
    face = load_faces("rendered", Path(), ["f01"])[0]
    with pytest.raises(Problems, match="unknown layer 'dens2'\n  fix: did you mean 'dense2'"):
        TotalVariation(layer="dens2")(expression.load(), face)


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(Problems) as error:
        TotalVariation(
            variant="robots", total_variation=-1.0, beta=0.5, alpha=float("nan"), iterations=0
        )
    assert [problem.where for problem in error.value.problems] == [
        f"total_variation: {name}"
        for name in ("variant", "total_variation", "beta", "alpha", "iterations")
    ]
    assert "did you mean 'robust'?" in str(error.value)
