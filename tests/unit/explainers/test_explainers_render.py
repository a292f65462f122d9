"""Pictures from values: colours mean sign and size, scales are shared, nothing is written on it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.explanation import Explanation
from explainers.figures.render import colour_bar, overlay, render, shared_limit, smooth, stretch

GRAY = np.full((3, 30, 30), 0.5, np.float32)


def saliency(*values, kind="signed"):
    """A map whose left half has the first value and whose right half has the last."""
    array = np.zeros((10, 10), np.float32)
    array[:, :5], array[:, 5:] = values[0], values[-1]
    return Explanation(array, kind)


def test_signs_have_their_colours_and_zero_has_none():
    picture = render(saliency(1.0, -1.0), GRAY, size=100).astype(int)
    red, blue = picture[50, 15], picture[50, 85]
    assert red[0] > red[2] + 80
    assert blue[2] > blue[0] + 80
    plain = render(saliency(0.0), GRAY, size=100)
    assert (plain == 128).all()


def test_a_shared_limit_makes_equal_values_equal_colours():
    weak, strong = saliency(0.5), saliency(2.0)
    limit = shared_limit([weak, strong])
    assert limit == 2.0
    together = [render(e, GRAY, size=60, limit=limit)[30, 30].astype(int) for e in (weak, strong)]
    assert abs(together[0] - 128).max() < abs(together[1] - 128).max()
    alone = [render(e, GRAY, size=60)[30, 30] for e in (weak, strong)]
    assert (alone[0] == alone[1]).all()


def test_images_do_not_count_for_the_limit_and_no_effect_draws_the_face():
    image = Explanation(np.ones((3, 4, 4)), "image")
    assert shared_limit([image]) == 0
    assert shared_limit([image, saliency(-3.0)]) == 3
    assert (render(saliency(0.0), GRAY, size=50, limit=0.0) == 128).all()


@given(value=st.floats(-1, 1), gray=st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_colours_stay_in_range_and_grow_with_the_value(value, gray):
    face = np.full((3, 1, 1), gray)
    half, full = (overlay(face, np.full((1, 1), v), 1.0).flatten() for v in (value / 2, value))
    for colour in (half, full):
        assert colour.min() >= 0
        assert colour.max() <= 1
    assert np.ptp(half) <= np.ptp(full) + 1e-6


@pytest.mark.parametrize("size", [60, 336])
def test_smoothing_keeps_the_range_and_removes_the_steps(size):
    rough = saliency(0.0, 1.0).values
    soft = smooth(rough, size)
    assert soft.shape == (size, size)
    assert soft.min() >= 0
    assert soft.max() <= 1
    assert np.abs(np.diff(soft, axis=1)).max() < 0.3


@given(spread=st.floats(0.001, 0.5))
@settings(max_examples=30, deadline=None)
def test_the_stretch_keeps_gray_and_never_lowers_contrast(spread):
    rng = np.random.default_rng(0)
    image = (0.5 + spread * rng.uniform(-1, 1, (3, 20, 20))).astype(np.float32)
    image[:, 0, 0] = 0.5
    out = stretch(image)
    assert out[:, 0, 0] == pytest.approx(0.5)
    assert out.std() >= image.std() * 0.98
    assert out.min() >= 0
    assert out.max() <= 1


@pytest.mark.parametrize("kind", ["signed", "unsigned", "image"])
def test_every_picture_is_rgb_of_the_size_that_was_asked_for(kind):
    values = np.random.default_rng(1).random((3, 12, 12) if kind == "image" else (12, 12))
    picture = render(Explanation(values, kind), GRAY, size=77)
    assert picture.shape == (77, 77, 3)
    assert picture.dtype == np.uint8


def test_saliency_needs_a_face_to_lie_on():
    with pytest.raises(ValueError, match="over a face"):
        render(saliency(1.0))


def test_the_colour_bar_runs_from_against_to_for():
    bar = colour_bar(signed=True, width=101, height=4).astype(int)
    assert bar.shape == (4, 101, 3)
    assert bar[0, 0, 2] > bar[0, 0, 0]
    assert bar[0, -1, 0] > bar[0, -1, 2]
    assert np.ptp(bar[0, 50]) == 0


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (np.zeros(3), "signed", "cannot have shape"),
        (np.zeros((4, 5, 5)), "image", "cannot have shape"),
        (np.full((2, 2), np.nan), "signed", "not finite"),
        (np.full((3, 2, 2), 1.5), "image", r"\[0, 1\]"),
        (np.zeros((2, 2)), "map", "kind is one of signed, unsigned, image"),
    ],
)
def test_an_explanation_refuses_what_it_cannot_mean(values, kind, message):
    with pytest.raises(ValueError, match=message):
        Explanation(values, kind)
