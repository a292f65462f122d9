"""The penalties, canvases and views that optimised pictures share."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.optimizing.canvas import Fourier, Pixels
from explainers.optimizing.optimize import minimise
from explainers.optimizing.priors import alpha_norm, total_variation
from explainers.optimizing.transformations import RandomViews, resize
from explainers.problems import Problems


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def slow_total_variation(x: torch.Tensor, beta: float) -> float:
    total, count = 0.0, 0
    for picture in x.tolist():
        for plane in picture:
            for i in range(len(plane) - 1):
                for j in range(len(plane[0]) - 1):
                    right = plane[i][j + 1] - plane[i][j]
                    down = plane[i + 1][j] - plane[i][j]
                    total += (right**2 + down**2) ** (beta / 2)
                    count += 1
    return total / count


@given(
    height=st.integers(2, 6),
    width=st.integers(2, 6),
    beta=st.sampled_from([1.0, 1.5, 2.0, 3.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_total_variation_is_the_papers_double_sum(height, width, beta, seed):
    x = torch.rand(2, 3, height, width, generator=seeded(seed), dtype=torch.float64)
    assert float(total_variation(x, beta)) == pytest.approx(
        slow_total_variation(x, beta), rel=1e-4, abs=1e-3 if beta < 2 else 1e-9
    )


@given(alpha=st.sampled_from([1.0, 2.0, 6.0]), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_alpha_norm_is_the_mean_power_of_the_distance_from_gray(alpha, seed):
    x = torch.rand(1, 3, 4, 5, generator=seeded(seed), dtype=torch.float64)
    slow = sum(abs(2 * value - 1) ** alpha for value in x.flatten().tolist()) / x.numel()
    assert float(alpha_norm(x, alpha)) == pytest.approx(slow)


def test_a_picture_of_one_colour_varies_nowhere_and_noise_more_than_a_ramp():
    ramp = torch.linspace(0, 1, 16).expand(1, 3, 16, 16)
    noise = torch.rand(1, 3, 16, 16, generator=seeded())
    for beta in (1.0, 2.0):
        assert float(total_variation(torch.full((1, 3, 8, 8), 0.3), beta)) < 1e-3
        assert float(total_variation(ramp, beta)) < float(total_variation(noise, beta))


@pytest.mark.parametrize("beta", [1.0, 1.5, 2.0])
def test_slopes_of_the_total_variation_are_finite_even_where_nothing_varies(beta):
    x = torch.zeros(1, 3, 4, 4, requires_grad=True)
    total_variation(x, beta).backward()
    assert bool(torch.isfinite(x.grad).all())


@pytest.mark.parametrize("size", [7, 8, 21])
@pytest.mark.parametrize(
    "make",
    [
        Pixels,
        Fourier,
        lambda size, generator: Fourier(size, generator, chroma=0.3, symmetric=True),
    ],
)
def test_a_canvas_starts_near_mid_gray_and_repeats_itself_from_its_seed(make, size):
    one, two, other = make(size, seeded(1)), make(size, seeded(1)), make(size, seeded(2))
    picture = one().detach()
    assert picture.shape == (1, 3, size, size)
    assert float((picture - 0.5).abs().max()) < 0.25
    assert torch.equal(picture, two())
    assert not torch.equal(picture, other())


def test_waves_are_symmetric_or_gray_when_asked():
    symmetric = Fourier(16, seeded(), symmetric=True)().detach()
    gray = Fourier(16, seeded(), chroma=0.0)().detach()
    assert torch.equal(symmetric, symmetric.flip(3))
    # Light is not the same for all three colours, but they rise and fall together.
    colour, light = (gray[:, 0] - gray[:, 2]).abs().max(), (gray - 0.5).abs().max()
    assert 0 < float(colour) < 0.1 * float(light)


def test_long_waves_are_louder_than_short_ones():
    def waves(decay):
        canvas = Fourier(32, seeded(), decay=decay)
        canvas.parameters[0].data.fill_(0.05)
        return torch.fft.rfft2(torch.logit(canvas())[0, 0], norm="ortho").abs()[0].tolist()

    assert waves(1.0)[2] == pytest.approx(4 * waves(1.0)[8], rel=0.02)
    assert waves(2.0)[2] == pytest.approx(16 * waves(2.0)[8], rel=0.02)
    assert waves(0.0)[2] == pytest.approx(waves(0.0)[8], rel=0.02)


def test_views_differ_from_each_other_but_not_between_two_runs():
    x = torch.rand(1, 3, 24, 24, generator=seeded())
    one, two = (RandomViews()(x, 3, 20, seeded(5)) for _ in range(2))
    assert one.shape == (3, 3, 20, 20)
    assert torch.equal(one, two)
    assert not torch.equal(one[0], one[1])


def test_views_without_changes_are_the_picture_itself():
    x = torch.rand(1, 3, 24, 24, generator=seeded())
    still = RandomViews(rotation=0.0, scale=0.0, shift=0.0, haze=0.0)(x, 2, 24, seeded())
    assert torch.allclose(still[1], x[0], atol=1e-5)


def test_a_shift_is_a_fraction_of_the_side():
    x = torch.zeros(1, 1, 100, 100)
    x[..., 50, 50] = 1
    moves = RandomViews(rotation=0.0, scale=0.0, shift=0.1, haze=0.0)
    seen = moves(x.expand(1, 3, 100, 100), 60, 100, seeded())[:, 0]
    columns = (seen.sum(1) * torch.arange(100)).sum(1) / seen.sum((1, 2))
    assert 8 < float((columns - 50).abs().max()) <= 10.5


def test_haze_takes_contrast_away_and_leaves_gray():
    x = torch.rand(1, 3, 16, 16, generator=seeded())
    foggy = RandomViews(rotation=0.0, scale=0.0, shift=0.0, haze=0.8)(x, 50, 16, seeded())
    left = (foggy - 0.5).flatten(1).norm(dim=1) / (x - 0.5).norm()
    assert 0.19 < float(left.min()) < 0.4 < 0.8 < float(left.max()) < 1.01


def test_resizing_keeps_one_colour_and_leaves_the_right_size_alone():
    x = torch.full((1, 3, 30, 30), 0.25)
    assert torch.allclose(resize(x, 12), torch.full((1, 3, 12, 12), 0.25))
    assert resize(x, 30) is x


def test_the_loop_finds_a_minimum_and_reports_every_step():
    x = torch.zeros(2, requires_grad=True)
    steps = []
    last = minimise(
        lambda: ((x - torch.tensor([1.0, -2.0])) ** 2).sum(),
        [x],
        iterations=400,
        rate=0.1,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert last < 1e-3
    assert x.tolist() == pytest.approx([1, -2], abs=0.05)
    assert steps == [(k, 400) for k in range(1, 401)]


def test_a_loss_that_is_no_number_stops_the_loop_with_a_message():
    x = torch.zeros(1, requires_grad=True)
    with pytest.raises(Problems, match="the loss is nan after 0 steps"):
        minimise(lambda: (x * math.nan).sum(), [x], iterations=5, rate=0.1)
