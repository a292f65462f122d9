"""The shipped weights: safetensors files whose header says where each network comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from explainers.problems import Problems

FOLDER = Path(__file__).parents[1] / "models" / "weights"
HEADER = "whyface"
"""The one key of the safetensors metadata; its value is JSON, so that files are reproducible."""

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Weights:
    """A network's parameters and their origin.

    Arguments:
        state: tensors in float32, named as in the module that they belong to.
        sha256: of the file.
        source: package, version and file that the weights were converted from.
        licence: SPDX identifier.
    """

    state: dict[str, Tensor]
    sha256: str
    source: str
    licence: str

    def network(self, made: Callable[[], Network]) -> Network:
        """What ``made`` returns, with every parameter from here.

        New modules begin with random numbers; the caller's go on as if there had been none.
        """
        with torch.random.fork_rng(devices=[]):
            network = made()
        network.load_state_dict(self.state)
        return network


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors in float32 and the JSON header of a safetensors file.

    Eight-bit tensors are expanded as ``q * scale + minimum``, with the two numbers that the header
    holds for them (in double precision, as JavaScript does, then rounded to float32).

    Errors: Problems when the file is missing or damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(HEADER, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise Problems.one(
            str(path), f"cannot be read as weights: {error}", "install whyface again"
        ) from None
    levels: dict[str, tuple[float, float]] = header.get("levels", {})
    for name, (scale, minimum) in levels.items():
        tensors[name] = tensors[name].double() * scale + minimum
    return {name: tensor.to(torch.float32) for name, tensor in tensors.items()}, header


def shipped(name: str) -> Weights:
    """The weights ``explainers/models/weights/<name>.safetensors``.

    Example:
        >>> shipped("expression").licence
        'MIT'
    """
    path = FOLDER / f"{name}.safetensors"
    state, header = read(path)
    return Weights(
        state=state,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        source=header["source"],
        licence=header["licence"],
    )
