"""Hidden windows: the incremental engine gives what whole pictures give, whatever the network."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from explainers.networks.vgg16 import Vgg16
from explainers.occluding.hiding import hide
from explainers.occluding.inpainting import inpaint
from explainers.occluding.occluded import occluded_scores
from explainers.occluding.trunk import find_trunk
from explainers.saliency.occlusion import Occlusion
from explainers.target import embeddings
from explainers.targets.similarity import Similarity
from explainers.targets.unit import Unit


def model_of(network):
    return SimpleNamespace(network=network.eval(), name="test")


def picture(size, seed=0):
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def both(network, x, windows, behind=None, scores=None, model=None):
    """The engines' checks, and the largest difference between them."""
    model = model or model_of(network)
    behind = x.mean((2, 3), keepdim=True).expand_as(x) if behind is None else behind
    plain, fast = (
        occluded_scores(model, x, windows, behind, scores or network, engine=engine, batch=9)
        for engine in ("batched", "incremental")
    )
    assert plain.checks == {"engine": "batched"}
    assert torch.equal(plain.whole, fast.whole)
    return fast.checks, float((plain.values - fast.values).abs().max())


@st.composite
def layers(draw):
    """A trunk of one to four sliding steps, each perhaps followed by something pointwise."""
    channels, size, parts = 3, draw(st.integers(9, 24)), []
    begin = size
    for _ in range(draw(st.integers(1, 4))):
        kernel = (draw(st.integers(1, min(4, size))), draw(st.integers(1, min(4, size))))
        stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
        kind = draw(st.sampled_from(["conv", "conv", "max", "average", "pool", "pad"]))
        if kind == "conv":
            dilation = draw(st.integers(1, 2)) if max(kernel) * 2 <= size else 1
            padding = (draw(st.integers(0, 3)), draw(st.integers(0, 3)))
            groups = draw(st.sampled_from([1, channels]))
            # Torch 2.15 itself is wrong for one channel, strides (1, 2) and an output one wide.
            out = max(2, groups * draw(st.integers(1, 2)))
            parts.append(nn.Conv2d(channels, out, kernel, stride, padding, dilation, groups=groups))
            channels = out
        elif kind == "max":
            padding = (draw(st.integers(0, kernel[0] // 2)), draw(st.integers(0, kernel[1] // 2)))
            ceil = draw(st.booleans())
            parts.append(nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil))
        elif kind == "average":
            padding = (draw(st.integers(0, kernel[0] // 2)), draw(st.integers(0, kernel[1] // 2)))
            parts.append(nn.AvgPool2d(kernel, stride, padding))
        elif kind == "pool":
            parts.append(nn.MaxPool2d(2))
        else:
            pads = draw(st.tuples(*[st.integers(-1, 3)] * 4))
            parts.append(nn.ConstantPad2d(pads, draw(st.sampled_from([0.0, 0.7]))))
        pointwise = [nn.ReLU(), nn.ReLU(inplace=True), nn.PReLU(), nn.Dropout(), nn.SiLU()]
        parts += draw(
            st.sampled_from([[], [nn.BatchNorm2d(channels)], *[[one] for one in pointwise]])
        )
        with torch.no_grad():
            try:
                shape = nn.Sequential(*parts).eval()(torch.zeros(1, 3, begin, begin)).shape
            except RuntimeError:  # nothing is left of the map
                parts.append(None)
                break
        size = min(shape[2:])
        if size < 1:
            parts.append(None)
            break
    while None in parts:
        parts = parts[: parts.index(None)][:-2]
    parts = parts or [nn.Conv2d(3, 4, 3)]
    return begin, nn.Sequential(*parts, nn.Flatten(), nn.LazyLinear(3))


@given(data=st.data(), net=layers(), seed=st.integers(0, 100))
@settings(max_examples=150, deadline=None)
def test_chains_of_any_shape(data, net, seed):
    size, network = net
    torch.manual_seed(seed)
    x = picture(size, seed)
    with torch.no_grad():
        network.eval()(x)
    corner, side = st.integers(-4, size + 2), st.integers(0, size + 3)
    windows = torch.tensor(
        data.draw(st.lists(st.tuples(corner, corner, side, side), min_size=1, max_size=8))
    )
    checks, difference = both(network, x, windows)
    assert difference < 1e-4
    if hide(torch.zeros_like(x), windows, x + 1, torch.arange(len(windows))).any():
        assert checks["engine"] == "incremental"


def test_a_trunk_is_found_in_functional_code():
    class Functional(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding="same")
            self.mean = torch.tensor([100.0, 110.0, 120.0]).view(3, 1, 1)
            self.last = nn.Linear(4, 2)

        def forward(self, x):
            assert x.shape[1:] == (3, 24, 24)
            x = (x * 255 - self.mean) / 256
            x = functional.relu(functional.pad(self.first(x), [0, 1, 0, 1]))
            x = functional.max_pool2d(torch.relu(self.second(x)).clamp(max=3.0), 2)
            return self.last(x.mean((2, 3)))

    network, x = Functional(), picture(24)
    trunk, _ = find_trunk(network, x)
    assert [step.name for step in trunk.steps] == (
        ["mul", "sub", "div", "conv2d", "pad", "relu", "conv2d", "relu", "clamp", "max_pool2d"]
    )
    checks, difference = both(network, x, Occlusion(7, 5).windows(24))
    assert checks["engine"] == "incremental"
    assert difference < 1e-5
    assert checks["engine_difference"] < 1e-5


class Early(nn.Module):
    """Two convolutions, and something that happens before, between or after them."""

    def __init__(self, code):
        super().__init__()
        torch.manual_seed(3)
        self.code = code
        self.first, self.second = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.code(self, x).mean((2, 3)))


def reuses_an_intermediate(net, x):
    y = net.first(x)
    return net.second(torch.relu(y)) + y


def changes_an_intermediate_that_it_keeps(net, x):
    y = kept = net.first(x)
    y.relu_()
    return net.second(y) * 2 + kept


def changes_a_view_of_an_intermediate(net, x):
    y = net.first(x)
    y[:, 0].zero_()
    return net.second(y)


def changes_its_result_by_another(net, x):
    y = net.second(torch.relu(net.first(x)))
    return y.add_(y.mean((2, 3), keepdim=True)).relu_()


def uses_the_global_mean_of_the_picture(net, x):
    return net.second(net.first(x - x.mean((2, 3), keepdim=True)))


def changes_its_input(net, x):
    x -= 0.5
    x.mul_(2)
    return net.second(net.first(x).relu_())


def changes_its_input_and_uses_it_again(net, x):
    y = net.first(x.sub_(0.5))
    return net.second(y) + x.mean()


def takes_another_way_for_some_pictures(net, x):
    y = net.first(x)
    return net.second(y) if y.mean() > 0 else y


def takes_another_way_for_many_pictures(net, x):
    return net.second(net.first(x) if len(x) == 1 else net.first(x).relu())


def multiplies_by_a_plane(net, x):
    return net.second(net.first(x) * torch.linspace(0, 1, x.shape[3]))


def looks_through_numpy(net, x):
    return net.second(net.first(x)) + float(x.numpy().mean())


def runs_a_layer_twice(net, x):
    return net.second(torch.relu(net.second(torch.relu(net.first(x)))))


def runs_scripted_code(net, x):
    y = net.first(x)
    return net.second(y) + scripted(y)


class Squares(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y):
        return y * y


def runs_a_function_of_its_own(net, x):
    y = net.first(x)
    return net.second(Squares.apply(y)) + Squares.apply(y)


def asks_for_numbers(net, x):
    y = net.first(x)
    return net.second(y) * max(y[0, 0, 0].tolist())


@torch.jit.script
def scripted(y: torch.Tensor) -> torch.Tensor:
    return y * y.sigmoid()


@pytest.mark.parametrize(
    ("code", "steps", "engine"),
    [
        (reuses_an_intermediate, 1, "incremental"),
        (changes_an_intermediate_that_it_keeps, 2, "incremental"),
        (changes_a_view_of_an_intermediate, 1, "incremental"),
        (changes_its_result_by_another, 3, "incremental"),
        (uses_the_global_mean_of_the_picture, 0, "batched"),
        (changes_its_input, 5, "incremental"),
        (changes_its_input_and_uses_it_again, 1, "batched"),
        (takes_another_way_for_some_pictures, 1, "incremental"),
        (takes_another_way_for_many_pictures, None, "batched"),
        (multiplies_by_a_plane, 1, "incremental"),
        (looks_through_numpy, 0, "batched"),
        (runs_a_layer_twice, 5, "incremental"),
        (runs_scripted_code, None, "batched"),
        (runs_a_function_of_its_own, None, None),
        (asks_for_numbers, 1, None),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_any_code_gives_what_whole_pictures_give(code, steps, engine):
    network, x = Early(code), picture(24)
    before = x.clone()
    if steps is not None:
        trunk, _ = find_trunk(network, x.clone())
        assert len(trunk.steps) == steps
    checks, difference = both(network, x, Occlusion(7, 5).windows(24))
    assert difference < 1e-5
    assert engine is None or checks["engine"] == engine
    assert torch.equal(x, before)


def test_vgg16_at_64_pixels():
    torch.manual_seed(0)
    network = Vgg16(nn.Identity(), grid=2, sizes=[64, 5])
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.normal_(layer.bias, std=0.1)
    checks, difference = both(network, picture(64), Occlusion(16, 12).windows(64))
    assert checks["engine"] == "incremental"
    assert difference < 1e-4


@pytest.mark.parametrize("size", [20, 21])
def test_each_window_may_show_something_else(size):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    x, explainer = picture(size), Occlusion(6, 4, fill="inpainted")
    network(x)
    checks, difference = both(network, x, explainer.windows(size), explainer.hidden(x))
    assert checks["engine"] == "incremental"
    assert difference < 1e-5


def test_the_other_face_of_a_similarity_goes_through_the_whole_network(tiny):
    model = tiny.model(tiny.convolutional())
    x = model.prepare([tiny.face(1)])
    target = Similarity(tiny.face(2))
    windows, behind = Occlusion(6, 3).windows(20), torch.zeros_like(x)
    fast = occluded_scores(
        model, x, windows, behind, lambda x: target(model, x)[:, None], engine="incremental"
    )
    assert fast.checks["engine"] == "incremental"
    with torch.no_grad():
        pictures = hide(x, windows, behind, torch.arange(len(windows)))
        other = embeddings(model, model.prepare([tiny.face(2)]))
        slow = (embeddings(model, pictures) * other).sum(1)
    assert torch.allclose(fast.values[:, 0], slow, atol=1e-6)


@pytest.mark.parametrize("layer", ["0", "1", "2", "4"])
def test_a_unit_inside_the_trunk(tiny, layer):
    model = tiny.model(tiny.convolutional())
    x, target = model.prepare([tiny.face()]), Unit(layer, channel=3)
    checks, difference = both(
        model.network,
        x,
        Occlusion(6, 3).windows(20),
        scores=lambda x: target(model, x)[:, None],
        model=model,
    )
    assert checks["engine"] == "incremental"
    assert difference < 1e-6


def test_progress_ends_with_the_last_window(tiny):
    model, told = tiny.model(tiny.convolutional()), []
    windows = torch.tensor([[0, 0, 5, 5], [30, 0, 5, 5], [3, 3, 0, 4], [10, 9, 40, 2]])
    x = picture(20)
    for engine in ("batched", "incremental"):
        told.clear()
        occluded = occluded_scores(
            model,
            x,
            windows,
            x * 0,
            model.scores,
            batch=1,
            engine=engine,
            progress=lambda done, total: told.append((done, total)),
        )
        assert told[-1] == (4, 4)
        # Two windows hide nothing.
        assert torch.equal(occluded.values[1:3], occluded.whole.expand(2, -1))
        assert float(occluded.drops[:, [1, 2]].abs().max()) == 0


def test_the_engine_is_chosen_where_it_pays():
    torch.manual_seed(0)
    trunk = [nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1)]
    network = nn.Sequential(*trunk, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 2))
    for size, engine in ((16, "batched"), (96, "incremental")):
        x, model = picture(size), model_of(network)
        windows = Occlusion(12, 12).windows(size)
        occluded = occluded_scores(model, x, windows, torch.zeros_like(x), network)
        assert occluded.checks["engine"] == engine
        if engine == "incremental":
            assert 0.8 < occluded.checks["operations_saved"] < 1


def test_operations_saved_are_those_counted_by_hand():
    network = nn.Sequential(nn.Conv2d(3, 2, 3, bias=False), nn.Flatten(), nn.Linear(2 * 36, 5))
    x = picture(8)
    windows = torch.tensor([[3, 3, 1, 1]])
    occluded = occluded_scores(
        model_of(network), x, windows, torch.zeros_like(x), network, engine="incremental"
    )
    # 36 positions of 2 x 27 multiplications and 72 x 5; nine positions see the pixel.
    saved = 27 * 54 / (36 * 54 + 360)
    assert occluded.checks["operations_saved"] == pytest.approx(saved, abs=1e-4)


def test_windows_of_another_shape_are_refused():
    x = picture(8)
    with pytest.raises(ValueError, match=r"windows are \[P, 4\]"):
        occluded_scores(model_of(nn.Flatten()), x, torch.zeros(3, 2), x, nn.Flatten())


def slow_inpaint(x, window):
    """Gauss-Seidel until nothing changes."""
    top, left, height, width = window
    x = x.clone()
    x[top : top + height, left : left + width] = 0.0
    for _ in range(600):
        for i in range(top, top + height):
            for j in range(left, left + width):
                around = [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
                there = [x[a, b] for a, b in around if 0 <= a < len(x) and 0 <= b < len(x)]
                x[i, j] = sum(there) / len(there)
    return x


@pytest.mark.parametrize("window", [(1, 2, 3, 2), (0, 0, 3, 3), (4, 1, 3, 4), (0, 2, 7, 1)])
def test_inpainting_solves_laplaces_equation(window):
    x = picture(7)[:, :1].double()
    slow = slow_inpaint(x[0, 0], window)
    assert torch.allclose(inpaint(x, window)[0, 0], slow, atol=1e-8)


def test_a_window_over_the_whole_picture_shows_its_mean_colour():
    x = picture(6)
    filled = inpaint(x, (0, 0, 6, 6))
    assert torch.allclose(filled, x.mean((2, 3), keepdim=True).expand_as(x))


def test_what_is_hidden_does_not_show_through_an_inpainted_window():
    x = picture(12)
    changed = x.clone()
    changed[..., 3:9, 3:9] = 0.0
    assert torch.allclose(inpaint(x, (3, 3, 6, 6)), inpaint(changed, (3, 3, 6, 6)))
