"""Occlusion beside Captum's at its best setting, in one run; `make bench`.

Captum runs one class at its best ``perturbations_per_eval``; whyface every class at once. Both
have the same network, in the memory format that convolutions are fastest with, and the same
windows, all of them. ``WHYFACE_BENCH_THREADS`` says how many threads both have (all processors
unless given), ``WHYFACE_BENCH_QUICK=1`` leaves out the smallest windows and most settings.
"""

import os
import time
from types import SimpleNamespace

import pytest
import torch
from captum import attr
from torch import nn

from explainers.models import age, expression, recognition
from explainers.networks.vgg16 import Vgg16
from explainers.occluding.occluded import occluded_scores
from explainers.saliency.occlusion import Occlusion

THREADS = int(os.environ.get("WHYFACE_BENCH_THREADS", os.cpu_count() or 1))
QUICK = bool(os.environ.get("WHYFACE_BENCH_QUICK"))
SETTINGS = (4, 16) if QUICK else (1, 4, 8, 16, 32, 64)
WINDOWS = [(32, 16)] if QUICK else [(16, 8), (32, 16), (16, 16)]


def vgg16():
    network = Vgg16(nn.Identity(), grid=7, sizes=[4096, 4096, 8])
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return network, 224


def resnet18():
    from torchvision.models import resnet18 as network

    return network(weights=None), 224


def shipped(module):
    model = module.load()
    return model.network, model.input_size


NETWORKS = {
    "vgg16": vgg16,
    "resnet18": resnet18,
    "expression": lambda: shipped(expression),
    "age": lambda: shipped(age),
    "recognition": lambda: shipped(recognition),
}
CASES = [("vgg16", *sizes) for sizes in WINDOWS] + [
    ("resnet18", 32, 16),
    ("expression", 24, 6),
    ("age", 24, 6),
    ("recognition", 24, 6),
]


def timed(function):
    """What it returns, seconds on the clock, seconds of processors."""
    clock, processors = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - clock, time.process_time() - processors


def captum(network, x, window, stride, together, **target):
    with torch.no_grad():
        return attr.Occlusion(network).attribute(
            x,
            sliding_window_shapes=(3, window, window),
            strides=(3, stride, stride),
            baselines=x.mean((2, 3), keepdim=True).expand_as(x),
            perturbations_per_eval=together,
            **target,
        )


def best_setting(network, x):
    """Pictures at once with which Captum needs least time for one window, of any size."""
    side = x.shape[-1]
    window, stride = side // 4, side // 10
    for _ in range(2):
        network(x)
    return min(
        SETTINGS,
        key=lambda together: timed(lambda: captum(network, x, window, stride, together, target=0))[
            1
        ],
    )


@pytest.fixture(autouse=True)
def every_processor():
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    yield
    torch.set_num_threads(before)


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", list(dict.fromkeys(case[0] for case in CASES)))
def test_ratio_to_captum(name):
    torch.manual_seed(0)
    network, size = NETWORKS[name]()
    network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    x = torch.rand(1, 3, size, size).contiguous(memory_format=torch.channels_last)
    together = best_setting(network, x)
    model = SimpleNamespace(network=network, name=name)
    print(f"\n{name}, {size} px, {torch.get_num_threads()} threads; Captum: {together} at once")
    for window, stride in [case[1:] for case in CASES if case[0] == name]:
        explainer = Occlusion(window, stride)
        windows = explainer.windows(size)

        def ours(explainer=explainer, windows=windows):
            return occluded_scores(model, x, windows, explainer.hidden(x), network)

        theirs, clock, processors = timed(
            lambda w=window, s=stride: captum(network, x, w, s, together, target=0)
        )
        fast, our_clock, our_processors = timed(ours)
        maps = explainer.average(fast.drops, size)
        difference = float((theirs[0, 0] - maps[0]).abs().max())
        count = len(windows)
        bound = 1 / (1 - float(fast.checks.get("operations_saved", 0.0)))
        print(
            f"  {window}/{stride}, {count} windows: {clock / our_clock:.2f}x on the clock "
            f"({1000 * clock / count:.1f} against {1000 * our_clock / count:.1f} ms a window), "
            f"{processors / our_processors:.2f}x of processor time; {fast.checks['engine']}, "
            f"by operations {bound:.2f}x; largest difference {difference:.1e}"
        )
        assert difference < 1e-4 * max(1.0, float(fast.whole.abs().max()))
        if stride * 2 == window and name == "vgg16" and window == 32:
            _, every, _ = timed(lambda w=window, s=stride: captum(network, x, w, s, together))
            print(f"  {window}/{stride}, every class by Captum too: {every / our_clock:.2f}x")
