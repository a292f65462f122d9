"""A network with layers whose weights say nothing any more, and back as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from explainers.face_model import FaceModel


def weighted_layers(model: FaceModel) -> tuple[str, ...]:
    """Names of the modules that own parameters, from the bottom to the top.

    The order is that in which they run. A module whose parameters are used without calling it
    stands where the nearest module around it does.

    Example:
        >>> from explainers.models import expression
        >>> weighted_layers(expression.load())[-1]
        'fc'
    """
    order = {name: place for place, name in enumerate(model.layers())}
    owners = [name for name, module in model.network.named_modules() if module._parameters]

    def place(name: str) -> int:
        while name and name not in order:
            name = name.rpartition(".")[0]
        return order[name] if name else len(order)

    return tuple(sorted(owners, key=place))


@contextmanager
def randomised(network: nn.Module, layers: Sequence[str], seed: int = 0) -> Iterator[None]:
    """Inside the ``with`` block the parameters of ``layers`` stand in random order.

    Each parameter keeps its values and loses their places: activations stay of the size that the
    next layer expects, in any kind of layer, and what was learnt is gone. The order depends on the
    seed and the parameter's name alone, so layers stay the same when more are added.

    Example:
        >>> layer = nn.Linear(3, 3)
        >>> before = layer.weight.clone()
        >>> with randomised(nn.Sequential(layer), ["0"]):
        ...     bool((layer.weight == before).all())
        False
        >>> bool((layer.weight == before).all())
        True
    """
    modules = dict(network.named_modules())
    kept = []
    try:
        for name in layers:
            for key, parameter in modules[name]._parameters.items():
                if parameter is None:
                    continue
                kept.append((parameter, parameter.detach().clone()))
                generator = torch.Generator().manual_seed(_number(f"{name}.{key}", seed))
                order = torch.randperm(parameter.numel(), generator=generator)
                flat = parameter.detach().flatten()
                with torch.no_grad():
                    parameter.copy_(flat[order.to(flat.device)].reshape(parameter.shape))
        yield
    finally:
        with torch.no_grad():
            for parameter, values in reversed(kept):
                parameter.copy_(values)


def _number(name: str, seed: int) -> int:
    """A seed of its own for each name; the same in every process."""
    number = seed
    for byte in name.encode():
        number = (number * 31 + byte) % (2**31 - 1)
    return number
