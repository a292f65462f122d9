"""Products with fewer multiplications are those of torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from explainers.occluding.products import WORTH, Convolution, Winograd, linear


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(
    count=st.integers(1, 3),
    channels=st.integers(1, 20),
    outputs=st.integers(1, 20),
    tiles=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    bias=st.booleans(),
    last=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_winograds_convolution_is_the_plain_one(count, channels, outputs, tiles, bias, last):
    x = random(count, channels, 2 * tiles[0] + 2, 2 * tiles[1] + 2)
    if last:
        x = x.contiguous(memory_format=torch.channels_last)
    before = x.clone()
    weight, offset = random(outputs, channels, 3, 3, seed=1), random(outputs) if bias else None
    plain = functional.conv2d(x.double(), weight.double(), offset.double() if bias else None)
    difference = (Winograd(weight, offset)(x) - plain).abs().max()
    assert float(difference) < 1e-5 * max(1.0, float(plain.abs().max()))
    assert torch.equal(x, before)


@pytest.mark.parametrize("size", [(6, 8), (7, 8), (6, 9), (3, 3), (4, 4)])
@pytest.mark.parametrize("channels", [4, WORTH])
def test_convolutions_of_any_size(size, channels):
    x = random(2, channels, *size)
    weight, bias = (
        random(channels, channels, 3, 3, seed=1) / (9 * channels) ** 0.5,
        random(channels),
    )
    convolution = Convolution(weight, bias)
    assert convolution.tile in ((1,) if channels < WORTH else (1, 2))
    assert torch.allclose(convolution(x), functional.conv2d(x, weight, bias), atol=1e-4)


@pytest.mark.parametrize("options", [((2, 2), (1, 1), 1), ((1, 1), (2, 2), 1), ((1, 1), (1, 1), 2)])
def test_other_convolutions_are_plain(options):
    stride, dilation, groups = options
    x, weight = random(1, WORTH * groups, 8, 8), random(WORTH, WORTH, 3, 3, seed=1)
    convolution = Convolution(weight, None, *options)
    assert convolution.tile == 1
    plain = functional.conv2d(x, weight, None, stride, 0, dilation, groups)
    assert torch.allclose(convolution(x), plain, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("shape", [(1, 7), (5, 7), (2, 3, 7), (7,)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_is_torchs(shape, dtype, bias):
    layer = nn.Linear(7, 4, bias=bias, dtype=dtype).requires_grad_(False)
    x = random(*shape).to(dtype)
    assert torch.allclose(linear(x, layer.weight, layer.bias), layer(x), atol=1e-6)
    apart = random(7, 6).to(dtype).T
    assert torch.allclose(linear(apart, layer.weight, layer.bias), layer(apart), atol=1e-6)
