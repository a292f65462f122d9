"""Look inside a network while it runs; hooks always come off again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from explainers.problems import Problem, Problems, suggest


@contextmanager
def capture(network: nn.Module, layers: Iterable[str]) -> Iterator[dict[str, Tensor]]:
    """Record what the named layers put out while the network runs inside the ``with`` block.

    Arguments:
        network: any torch module.
        layers: names as in ``network.named_modules()``.

    Returns: a dictionary that fills itself, layer name to output, gradients intact. A layer that
    runs twice keeps its last output.
    Errors: Problems with the nearest known name for a layer that does not exist.

    Example:
        >>> net = nn.Sequential(nn.Identity(), nn.ReLU())
        >>> with capture(net, ["1"]) as outputs:
        ...     _ = net(torch.tensor([-1.0, 2.0]))
        >>> outputs["1"].tolist()
        [0.0, 2.0]
    """
    modules = dict(network.named_modules())
    names = list(layers)
    check_layers(names, [name for name in modules if name])
    outputs: dict[str, Tensor] = {}
    handles = []
    try:
        for name in names:

            def record(_module: nn.Module, _args: object, output: Tensor, name: str = name) -> None:
                outputs[name] = output

            handles.append(modules[name].register_forward_hook(record))
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def check_layers(names: Iterable[str], known: Iterable[str], where: str = "layer") -> None:
    """Refuse layer names that do not exist, all of them in one error, and list the blocks.

    Example:
        >>> check_layers(["dens2"], ["dense1", "dense2.conv0", "dense2"])
        Traceback (most recent call last):
        explainers.problems.Problems: layer
          unknown layer 'dens2'
          fix: did you mean 'dense2'? Layers: dense1, dense2; inside them such as dense2.conv0.
    """
    known = list(known)
    unknown = [name for name in names if name not in known]
    if not unknown:
        return
    blocks = [name for name in known if "." not in name]
    inner = next((name for name in known if "." in name), "")
    listing = f"Layers: {', '.join(blocks)}" + (f"; inside them such as {inner}." if inner else ".")
    problems = []
    for name in unknown:
        near = suggest(name, known)
        fix = f"{near} {listing}" if near.startswith("did you mean") else listing
        problems.append(Problem(where, f"unknown layer '{name}'", fix))
    raise Problems(problems)


def layers_in_order(network: nn.Module, example: Tensor) -> tuple[str, ...]:
    """Names of all layers that put out one batch of tensors, in the order in which they run.

    A block stands after the layers that it is made of, because it is done when they are.

    Example:
        >>> layers_in_order(nn.Sequential(nn.Identity(), nn.ReLU()), torch.zeros(1))
        ('0', '1')
    """
    order: list[str] = []
    handles = []
    try:
        for name, module in network.named_modules():
            if not name:
                continue

            def record(_module: nn.Module, _args: object, output: object, name: str = name) -> None:
                if isinstance(output, Tensor) and name not in order:
                    order.append(name)

            handles.append(module.register_forward_hook(record))
        with torch.no_grad():
            network(example)
    finally:
        for handle in handles:
            handle.remove()
    return tuple(order)


def middle_layer(network: nn.Module, example: Tensor) -> str:
    """The last layer whose map is at least an eighth as high as the picture, else the last layer.

    There a network still keeps where things are: inversions show eyes, nose and mouth.

    Example:
        >>> net = nn.Sequential(nn.MaxPool2d(4), nn.MaxPool2d(2), nn.MaxPool2d(2), nn.Flatten())
        >>> middle_layer(net, torch.zeros(1, 3, 64, 64))
        '1'
    """
    names = layers_in_order(network, example)
    with capture(network, names) as outputs, torch.no_grad():
        network(example)
    side = example.shape[2] / 8
    fine = [name for name in names if outputs[name].ndim == 4 and outputs[name].shape[2] >= side]
    return (fine or list(names) or [""])[-1]
