"""The converted networks put out what face-api.js does (tools/face_api_reference.mjs)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from explainers.catalog import entries
from explainers.face_model import FaceModel

OUTPUTS: dict[str, list[float]] = json.loads(
    (Path(__file__).parent / "face_api_outputs.json").read_text(encoding="utf-8")
)


def model(name: str) -> FaceModel:
    loaded: FaceModel = (
        next(entry for entry in entries("models") if entry.name == name).load().load()
    )
    return loaded


def picture(side: int) -> Tensor:
    """The same whole numbers as in the JavaScript."""
    y, x, colour = torch.meshgrid(
        torch.arange(side), torch.arange(side), torch.arange(3), indexing="ij"
    )
    values = (3 * x + 5 * y + 70 * colour + x * y // 16) % 256
    return values.permute(2, 0, 1)[None].float() / 255


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("expression", "expression probabilities"),
        ("gender", "gender probabilities"),
        ("age", "age years"),
        ("recognition", "recognition embedding"),
        ("landmarks68", "landmarks68 points"),
    ],
)
def test_outputs_are_the_originals(name: str, output: str) -> None:
    net = model(name)
    x = picture(net.input_size)
    if name == "age":
        assert net.value is not None
        found = net.value(x)
    else:
        found = net.scores(x)[0] if net.labels else net.logits(x)[0]
    expected = torch.tensor(OUTPUTS[output])
    assert found.shape == expected.shape
    # Differences beyond rounding would show a wrong padding, order or preprocessing.
    assert torch.allclose(found, expected, rtol=1e-5, atol=1e-6)
