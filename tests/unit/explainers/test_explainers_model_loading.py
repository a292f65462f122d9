"""A user's own network: by import path, or any VGG16 checkpoint; what is refused and why."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn

from explainers.loading.checkpoint import read_checkpoint
from explainers.loading.model_loading import load_model, state_sha256
from explainers.networks.vgg16 import torchvision_names
from explainers.problems import Problems

LABELS = ["young", "old", "in between"]


@pytest.fixture(scope="module")
def original() -> nn.Module:
    """torchvision's VGG16 with a small head of its own, random weights."""
    torch.manual_seed(3)
    # The usual head of 124 million weights is never made: only its meta-shapes.
    with torch.device("meta"):
        net = torchvision.models.vgg16(weights=None, init_weights=False)
    net.avgpool = nn.AdaptiveAvgPool2d(1)
    net.classifier = nn.Sequential(
        nn.Linear(512, 16, device="meta"), nn.ReLU(), nn.Dropout(), nn.Linear(16, 3, device="meta")
    )
    net.to_empty(device="cpu")
    for parameter in net.parameters():
        spread = 0.1 if parameter.ndim < 2 else (2 / parameter[0].numel()) ** 0.5
        nn.init.normal_(parameter, 0, spread)
    return net.eval()


@pytest.fixture(scope="module")
def saved(original: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vgg16")
    torch.save({"epoch": 3, "state_dict": _parallel(original.state_dict())}, folder / "nested.pth")
    save_file(original.state_dict(), folder / "plain.safetensors")
    return folder


def _parallel(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"module.{name}": tensor for name, tensor in state.items()}


def spec(weights: str, **others: Any) -> dict[str, Any]:
    return {"arch": "vgg16", "weights": weights, "labels": LABELS, "input_size": 64} | others


@pytest.mark.parametrize("file", ["plain.safetensors", "nested.pth"])
def test_vgg16_puts_out_what_torchvision_does(file: str, saved: Path, original: nn.Module) -> None:
    model = load_model(spec(file, mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.4]), saved, "who")
    assert (model.name, model.labels, model.layer) == ("who", tuple(LABELS), "relu4_3")
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    mean, std = torch.tensor([0.5, 0.4, 0.3]), torch.tensor([0.2, 0.3, 0.4])
    with torch.no_grad():
        expected = original((x - mean.view(3, 1, 1)) / std.view(3, 1, 1))
        assert torch.allclose(model.logits(x), expected, rtol=1e-4, atol=1e-4)
    assert expected.std() > 1e-3
    names = model.layers()
    assert names[0] == "standardise"
    assert names.index("conv1_1") < names.index("conv5_3") < names.index("fc6")
    with pytest.raises(Problems, match="did you mean 'conv5_3'"):
        model.features(x, "conv5.3")


def test_our_names_are_torchvisions_layers(original: nn.Module) -> None:
    convolutions = [
        f"features.{name}"
        for name, layer in original.get_submodule("features").named_children()
        if isinstance(layer, nn.Conv2d)
    ]
    assert list(torchvision_names()) == convolutions


def test_everything_that_does_not_fit_is_said_in_one_pass(
    saved: Path, original: nn.Module, tmp_path: Path
) -> None:
    state = dict(original.state_dict())
    state["features.0.weight"] = torch.zeros(64, 1, 3, 3)
    del state["features.28.bias"]
    state["features.1.running_mean"] = torch.zeros(64)
    state["extra.scale"] = torch.zeros(2)
    save_file(state, tmp_path / "bad.safetensors")
    with pytest.raises(Problems) as refused:
        load_model(spec("bad.safetensors", labels=["a", "a"], input_size=16), tmp_path, "who")
    text = str(refused.value)
    assert "lacks features.28.bias" in text
    assert "features.0.weight has shape [64, 1, 3, 3], not [64, 3, 3, 3]" in text
    assert "features.1.running_mean, which VGG16 does not have" in text
    assert "extra.scale, which VGG16 does not have" in text
    assert "models.who.labels\n  there are 2 labels for 3 outputs of classifier.3" in text
    assert "the label 'a' stands twice" in text
    assert "models.who.input_size\n  16 px" in text
    assert "torchvision.models.vgg16" in text


def test_linear_layers_must_fit_each_other(original: nn.Module, tmp_path: Path) -> None:
    state = dict(original.state_dict())
    state["classifier.0.weight"] = torch.zeros(16, 500)
    state["classifier.3.weight"] = torch.zeros(3, 17)
    save_file(state, tmp_path / "bad.safetensors")
    with pytest.raises(Problems) as refused:
        load_model(spec("bad.safetensors"), tmp_path)
    assert "classifier.0 takes 500 numbers, not 512 x side x side" in str(refused.value)
    assert "classifier.3 takes 17 numbers, but the layer before it gives 16" in str(refused.value)


def test_broken_weights_are_refused(original: nn.Module, tmp_path: Path) -> None:
    state = {name: tensor.clone() for name, tensor in original.state_dict().items()}
    state["features.10.weight"][0, 0] = float("nan")
    save_file(state, tmp_path / "nan.safetensors")
    with pytest.raises(Problems, match=r"conv3_1.weight\n  has weights that are not finite"):
        load_model(spec("nan.safetensors"), tmp_path)


class Dangerous:
    """What a pickle can do: run a command when it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("import pathlib; pathlib.Path('harmed').write_text('x')",))


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_pickle_with_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Dangerous()}, tmp_path / "code.pth")
    (tmp_path / "old.pt").write_bytes(pickle.dumps(Dangerous()))
    torch.save(nn.Linear(2, 2), tmp_path / "whole.pt")
    for file in ("code.pth", "old.pt", "whole.pt"):
        with pytest.raises(Problems, match="holds more than plain weights") as refused:
            load_model(spec(file), tmp_path)
        assert "torch.save(model.state_dict(), file)" in str(refused.value)
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("missing.pth", None, "is not there"),
        ("words.safetensors", b"hello, this is text", "is not a safetensors file"),
        ("words.pth", b"hello, this is text", "holds more than plain weights|is damaged"),
        ("empty.pt", b"", "is damaged or no torch file"),
        ("model.h5", b"x", "unknown ending '.h5'"),
    ],
)
def test_files_that_hold_no_weights(
    file: str, content: bytes | None, words: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(Problems, match=words) as refused:
        load_model(spec(file), tmp_path)
    assert str(tmp_path / file) in str(refused.value)


def test_a_cut_checkpoint_is_damaged(saved: Path, tmp_path: Path) -> None:
    content = (saved / "nested.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(content[: len(content) // 2])
    with pytest.raises(Problems, match="is damaged or no torch file"):
        read_checkpoint(tmp_path / "cut.pth")
    torch.save({"epoch": 3}, tmp_path / "nothing.pth")
    with pytest.raises(Problems, match="holds no weights"):
        read_checkpoint(tmp_path / "nothing.pth")


def test_half_precision_becomes_single(tmp_path: Path) -> None:
    save_file({"a.weight": torch.ones(2, 2, dtype=torch.float16)}, tmp_path / "half.safetensors")
    (tensor,) = read_checkpoint(tmp_path / "half.safetensors").values()
    assert tensor.dtype == torch.float32


def test_shipped_models_by_name() -> None:
    assert load_model("age", Path()).name == "age"
    assert load_model({"use": "age", "ask": "?"}, Path(), "years").name == "years"
    with pytest.raises(Problems, match="did you mean 'gender'"):
        load_model("gendr", Path())
    with pytest.raises(Problems) as refused:
        load_model({"use": "age", "labels": ["a"], "mean": [0, 0, 0]}, Path())
    assert len(refused.value.problems) == 2
    assert "cannot be changed for the shipped model 'age'" in str(refused.value)


def test_what_a_description_needs() -> None:
    with pytest.raises(Problems, match="needs either 'use' or 'arch'"):
        load_model({}, Path())
    with pytest.raises(Problems, match="needs either 'use' or 'arch'"):
        load_model({"use": "age", "arch": "vgg16"}, Path())
    with pytest.raises(Problems) as refused:
        load_model({"arch": "vgg61"}, Path(), "who")
    text = str(refused.value)
    assert "unknown architecture 'vgg61'\n  fix: did you mean 'vgg16'?" in text
    assert "needs 'weights'" in text and "needs 'labels'" in text


CODE = """
import torch
from torch import nn
from explainers.models import gender

def bare():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3, stride=4), nn.Conv2d(4, 4, 3, stride=4),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))

def whole():
    return gender.load()

def words():
    return "not a network"
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "whyface_test_nets.py").write_text(CODE, encoding="utf-8")
    yield tmp_path  # type: ignore[misc]
    sys.modules.pop("whyface_test_nets", None)


def test_your_own_code_from_the_studys_folder(study: Path) -> None:
    path = list(sys.path)
    keys = {"use": "whyface_test_nets:bare", "labels": ["a", "b"], "input_size": 64}
    model = load_model(keys, study, "mine")
    assert (model.name, model.labels, model.layer) == ("mine", ("a", "b"), "0")
    x = torch.rand(1, 3, 64, 64)
    centred = load_model(keys | {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}, study, "mine")
    assert torch.allclose(centred.logits(x), model.logits(2 * x - 1), atol=1e-5)
    assert model.weights_sha256 == state_sha256(model.network)
    assert load_model("whyface_test_nets:whole", study).labels == ("male", "female")
    assert sys.path == path


def test_your_own_code_that_does_not_fit(study: Path) -> None:
    with pytest.raises(Problems) as refused:
        load_model("whyface_test_nets:bare", study, "mine")
    assert "needs 'labels'" in str(refused.value) and "needs 'input_size'" in str(refused.value)
    with pytest.raises(Problems, match="returns str"):
        load_model("whyface_test_nets:words", study)
    with pytest.raises(Problems, match="did you mean 'bare'"):
        load_model("whyface_test_nets:bear", study)
    with pytest.raises(Problems, match="cannot be imported"):
        load_model("whyface_no_such_module:load", study)
    keys = {"use": "whyface_test_nets:bare", "labels": ["a", "b", "c"], "input_size": 64}
    with pytest.raises(Problems, match="has 3 labels for 2 outputs"):
        load_model(keys, study)


def test_the_hash_follows_the_weights() -> None:
    torch.manual_seed(0)
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    assert state_sha256(one) != state_sha256(other)
    other.load_state_dict(one.state_dict())
    assert state_sha256(one) == state_sha256(other)
