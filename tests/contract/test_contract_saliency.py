"""What holds for every saliency method, found through the catalog, on every kind of network.

It gives a map of finite values on the network's pixels, the same ones each time and whatever mode
the network is in, and leaves the network as it was; or it says why not and what to use instead.
"""

import copy
from functools import cache

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from explainers import catalog
from explainers.explanation import Explanation
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.hooks import middle_layer
from explainers.problems import Problems
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

MODELS = ("age", "expression", "recognition", "vgg16", "resnet18")
# Each method on one worker: what it found first is compared with later.
METHODS = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"saliency {name}"))
    for name in catalog.names("saliency")
]
# Few and large steps: what is tested holds for any number.
QUICK = {
    "samples": 8,
    "steps": 8,
    "pieces": 4,
    "parts": ("mouth", "nose"),
    "iterations": 3,
    "threshold": 0.0,
    "faces": ("f01", "f04"),
}
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@cache
def faces():
    return load_faces("rendered", None, ["f01", "f02", "f03"])


@cache
def model_of(name: str) -> FaceModel:
    if name in catalog.names("models"):
        return next(e for e in catalog.entries("models") if e.name == name).load().load()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network: nn.Module = getattr(torchvision.models, name)(num_classes=10)
        if name == "vgg16":  # 64 px leave 2 x 2 places, and 120 million weights would only wait
            network.avgpool = nn.Identity()
            network.classifier[0], network.classifier[3] = nn.Linear(2048, 64), nn.Linear(64, 64)
            network.classifier[6] = nn.Linear(64, 10)
    network.eval()
    return FaceModel(
        name=name,
        task="letters",
        network=network,
        labels=tuple("abcdefghij"),
        input_size=64,
        chip_padding=0.25,
        layer=middle_layer(network, torch.zeros(1, 3, 64, 64)),
        weights_sha256="0" * 64,
        licence="CC0-1.0",
        source="random",
    )


@cache
def target_of(model: FaceModel, accepted: tuple[str, ...] | None):
    """The predicted class, the likeness to another face, or what the method accepts instead."""
    _, other, stranger = faces()
    label = model.predict(faces()[0]).label if model.labels else ""
    kinds = {
        "class_score": lambda: ClassScore(label),
        "class_difference": lambda: ClassDifference(label, model.predict(faces()[0]).runner_up),
        "expected_value": lambda: ExpectedValue(tuple(map(float, range(len(model.labels))))),
        "similarity": lambda: Similarity(other),
        "triplet": lambda: Triplet(other, stranger),
        "unit": lambda: Unit(model.layer, 0),
    }
    usual = "class_score" if model.labels else "similarity"
    return kinds[usual if accepted is None or usual in accepted else (*accepted, usual)[0]]()


def quick(entry: catalog.Entry, size: int):
    """The explainer with few and large steps."""
    settings = {**QUICK, "window": size // 2, "stride": size // 2}
    names = {parameter.name for parameter in entry.parameters}
    return entry.load()(**{name: value for name, value in settings.items() if name in names})


def state(network: nn.Module):
    """Everything about a network that an explanation must not change, but its mode."""
    tensors = {n: (t.data_ptr(), float(t.double().sum())) for n, t in network.state_dict().items()}
    rest = (
        [[len(getattr(module, hooks)) for hooks in HOOKS] for module in network.modules()],
        [(p.requires_grad, p.grad) for p in network.parameters()],
    )
    return tensors, rest


def explain(method: str, name: str, told: list[tuple[int, int]] | None = None) -> Explanation:
    entry, model = catalog.find(method), model_of(name)
    target = target_of(model, entry.constant("targets", None))
    face = faces()[0] if entry.constant("per", "face") == "face" else None
    steps = [] if told is None else told
    return quick(entry, model.input_size)(model, face, target, progress=lambda *n: steps.append(n))


@cache
def first(method: str, name: str) -> tuple[Explanation | Problems, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    try:
        return explain(method, name, told), told
    except Problems as error:
        return error, told


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_explains_a_network_or_says_what_to_use(method, name):
    model, kind = model_of(name), catalog.find(method).constant("kind", None)
    made, told = first(method, name)
    if isinstance(made, Problems):
        assert all(problem.where and problem.what and problem.fix for problem in made.problems)
        return
    assert made.values.shape == (model.input_size, model.input_size)
    assert made.values.dtype == np.float32
    assert np.isfinite(made.values).all()
    # A parameter may cut off what speaks against the target.
    assert made.kind == kind or (made.kind, kind) == ("unsigned", "signed")
    assert made.kind == "signed" or made.values.min() >= 0
    assert all(0 < done <= total for done, total in told)
    assert told == sorted(told)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_gives_the_same_again_and_leaves_everything_as_it_was(method, name):
    network, random = model_of(name).network, torch.random.get_rng_state()
    made, _ = first(method, name)
    before, weights = state(network), copy.deepcopy(network.state_dict())
    network.train()
    try:
        again = explain(method, name)
    except Problems as error:
        assert isinstance(made, Problems)
        assert error.problems == made.problems
    else:
        assert isinstance(made, Explanation)
        assert np.array_equal(made.values, again.values)
        assert dict(made.checks) == dict(again.checks)
    finally:
        modes = [module.training for module in network.modules()]
        network.eval()
    after = state(network)
    network.load_state_dict(weights)  # one method's mistake is not the next one's
    assert all(modes)
    assert after == before
    assert torch.equal(torch.random.get_rng_state(), random), "chance comes from the seed alone"


@pytest.mark.parametrize("method", METHODS)
def test_a_method_finds_something(method):
    """Some network is explained, and not by an empty map."""
    made = [first(method, name)[0] for name in ("expression", "recognition", "vgg16")]
    refused = [str(error) for error in made if isinstance(error, Problems)]
    maps = [explanation.values for explanation in made if isinstance(explanation, Explanation)]
    assert any(np.ptp(values) > 0 for values in maps), "\n".join(refused) or "nothing but 0"


@pytest.mark.parametrize("method", METHODS)
def test_parameters_and_the_method_itself_are_described(method):
    entry = catalog.find(method)
    assert entry.summary.endswith(".")
    assert entry.constant("per", None) in ("face", "class")
    for parameter in entry.parameters:
        assert parameter.default is not catalog.REQUIRED, "every method runs as it is"
        assert parameter.doc, f"{method}.{parameter.name} has no documentation"
    for target in entry.constant("targets", None) or ():
        assert target in catalog.names("targets")
