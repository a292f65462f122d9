"""Weights that a user brings: read without running any code that may hide in the file."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from explainers.problems import Problems

NESTS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
"""Where training scripts put the weights inside a checkpoint."""


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a ``.safetensors``, ``.pt`` or ``.pth`` file, in float32.

    A checkpoint that holds more than the weights (optimiser, epoch) is opened, and prefixes that
    all names share (``module.`` of data parallel training) are taken off.

    Errors: Problems for a file that is missing, damaged, of another kind, or a pickle with code
    in it.
    """
    if not path.is_file():
        raise Problems.one(str(path), "is not there", "write its path relative to study.yaml")
    if path.suffix == ".safetensors":
        try:
            content: Any = load_file(path)
        except SafetensorError as error:
            raise Problems.one(
                str(path), f"is not a safetensors file ({error})", "copy or save it again"
            ) from None
    elif path.suffix in (".pt", ".pth"):
        content = _load_torch(path)
    else:
        raise Problems.one(
            str(path), f"has an unknown ending '{path.suffix}'", "use .safetensors, .pt or .pth"
        )
    tensors = _tensors(content)
    if not tensors:
        raise Problems.one(
            str(path), "holds no weights", "save them by torch.save(model.state_dict(), file)"
        )
    return {name: tensor.to(torch.float32) for name, tensor in _without_prefix(tensors).items()}


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file that may be large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load_torch(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise Problems.one(
            str(path),
            "holds more than plain weights (a whole pickled model, or code), "
            "which could run anything on this computer",
            "save the weights alone: torch.save(model.state_dict(), file)",
        ) from None
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise Problems.one(
            str(path), f"is damaged or no torch file ({reason})", "copy or save it again"
        ) from None


def _tensors(content: Any) -> dict[str, Tensor]:
    """The weights inside ``content``, wherever a training script has put them."""
    if not isinstance(content, Mapping):
        return {}
    for nest in NESTS:
        if isinstance(content.get(nest), Mapping):
            return _tensors(content[nest])
    return {name: value for name, value in content.items() if isinstance(value, Tensor)}


def _without_prefix(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Take off first parts that all names share, but never the network's only block."""
    while True:
        first = {name.partition(".")[0] for name in tensors}
        nested = all(name.count(".") > 1 for name in tensors)
        if len(first) != 1 or not nested or first <= {"features", "classifier"}:
            return tensors
        tensors = {name.partition(".")[2]: tensor for name, tensor in tensors.items()}
