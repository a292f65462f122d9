"""What measures share that hide parts of a picture: the order, what shows instead, the scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import ParamSpec

import numpy as np
import torch
from torch import Tensor

from explainers.explanation import Explanation
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.occluding.fill import FILLS
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.target import Target

P = ParamSpec("P")


def check_hiding(checks: Checks) -> None:
    """The fields that say what shows where something is hidden, and how often chance plays."""
    checks.choice("fill", FILLS)
    checks.number("value", 0.0, 1.0)
    checks.number("sigma", 0.0, 1.0)
    checks.whole("repeats", least=1)
    checks.whole("seed", least=0)
    checks.whole("batch", least=1)


def heat(explanation: Explanation, model: FaceModel) -> Tensor:
    """The map as float64, [S, S].

    Errors: Problems for an explanation that is not a map of the network's input.
    """
    size = model.input_size
    if explanation.kind == "image" or explanation.values.shape != (size, size):
        shape = list(explanation.values.shape)
        raise Problems.one(
            "fidelity",
            f"measures a map [{size}, {size}], not an explanation of kind "
            f"{explanation.kind} and shape {shape}",
            "rate saliency methods: `whyface list saliency` shows them",
        )
    return torch.from_numpy(explanation.values.astype(np.float64))


def cells(size: int, patch: int) -> Tensor:
    """The number of the square cell that each pixel lies in, row by row, [S, S].

    Example:
        >>> cells(3, 2).tolist()
        [[0, 0, 1], [0, 0, 1], [2, 2, 3]]
    """
    place = torch.arange(size) // patch
    return place[:, None] * (int(place[-1]) + 1) + place


def ranks(values: Tensor, patch: int, seed: int) -> Tensor:
    """The rank of each pixel's cell by its mean value, 0 for the largest, [S, S].

    Cells of equal value come in random order, so that a map without any opinion is hidden as at
    random and not from the top.
    """
    cell = cells(len(values), patch)
    count = torch.bincount(cell.flatten())
    means = torch.bincount(cell.flatten(), values.flatten().double()) / count
    shuffled = torch.randperm(len(count), generator=torch.Generator().manual_seed(seed))
    order = shuffled[torch.argsort(means[shuffled], descending=True, stable=True)]
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    return rank[cell]


def random_ranks(size: int, patch: int, seed: int) -> Tensor:
    """Ranks of cells in random order, [S, S]."""
    return ranks(torch.zeros(size, size), patch, seed)


@torch.no_grad()
def scores(
    model: FaceModel, target: Target, x: Tensor, hidden: Tensor, behind: Tensor, batch: int
) -> Tensor:
    """The target where parts of one picture are hidden, [N].

    Arguments:
        x: the picture, [1, 3, S, S].
        hidden: how much of each pixel is hidden, bool or in [0, 1], [N, S, S].
        behind: what shows instead, [1, 3, S, S].
        batch: pictures in one forward pass.
    """
    found = []
    with evaluating(model.network):
        for some in torch.split(hidden.to(x.device), batch):
            share = some[:, None].to(x.dtype)
            pictures = x + share * (behind - x)
            found.append(target(model, pictures.contiguous(memory_format=torch.channels_last)))
    return torch.cat(found).double().cpu()


def remembered(compute: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """``compute`` with its last results kept, for what is the same for all maps of one face.

    Models and faces count by identity, as they are never changed; a target that cannot be hashed
    is computed each time.
    """
    kept = lru_cache(maxsize=16)(compute)

    @wraps(compute)
    def call(*args: P.args, **kwargs: P.kwargs) -> Tensor:
        try:
            hash(args)
        except TypeError:
            return compute(*args, **kwargs)
        return kept(*args, **kwargs)  # type: ignore[arg-type]

    return call


def area(x: Sequence[float] | Tensor, y: Tensor) -> Tensor:
    """The area under curves by the trapezoidal rule, [..., K] → [...]."""
    return torch.trapezoid(y, torch.as_tensor(x, dtype=y.dtype))
