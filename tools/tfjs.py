"""Read TensorFlow.js weights and rename them after the modules of ``explainers.networks``."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Stored:
    """A tensor as stored: eight-bit steps with ``levels`` (scale, minimum), or floating point."""

    values: npt.NDArray[np.generic]
    levels: tuple[float, float] | None = None


def read(manifest: bytes, binary: bytes) -> dict[str, Stored]:
    """All tensors of one weights file, in the order and layout of TensorFlow.js."""
    stored: dict[str, Stored] = {}
    offset = 0
    for group in json.loads(manifest):
        for entry in group["weights"]:
            quantization = entry.get("quantization")
            kind = np.dtype(quantization["dtype"] if quantization else entry["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(binary, kind, count, offset).reshape(entry["shape"])
            levels = (quantization["scale"], quantization["min"]) if quantization else None
            stored[entry["name"]] = Stored(values, levels)
            offset += count * kind.itemsize
    assert offset == len(binary), (offset, len(binary))
    return stored


# The last part of a TensorFlow.js name: torch's name, and the order of the axes in torch.
RULES: dict[str, tuple[str, tuple[int, ...]]] = {
    "depthwise_filter": ("depthwise.weight", (2, 3, 0, 1)),
    "pointwise_filter": ("pointwise.weight", (3, 2, 0, 1)),
    "filters": ("weight", (3, 2, 0, 1)),
    "weights": ("weight", (1, 0)),
    "bias": ("bias", (0,)),
}


def to_torch(stored: dict[str, Stored]) -> dict[str, Stored]:
    """The same tensors with torch's names and axes."""
    renamed: dict[str, Stored] = {}
    for name, tensor in stored.items():
        path, _, last = name.rpartition("/")
        if "/scale" in name:  # a factor and an offset for each channel, after a convolution
            new, axes = {"weights": "weight", "biases": "bias"}[last], (0,)
        elif not path:  # the linear layer "fc" of the recognition network has no bias
            path, new, axes = last, "weight", (1, 0)
        else:
            new, axes = RULES[last]
            if last == "bias" and f"{path}/pointwise_filter" in stored:
                new = "pointwise.bias"
        key = f"{path.replace('/', '.')}.{new}"
        renamed[key] = Stored(np.ascontiguousarray(tensor.values.transpose(axes)), tensor.levels)
    return renamed
