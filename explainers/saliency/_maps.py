"""The maps of features that the CAM family weighs: which one, its gradient, and its enlargement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.hooks import check_layers
from explainers.modes import evaluating
from explainers.problems import Problems
from explainers.saliency._backward import check_finite, picture
from explainers.target import Target

LEAST = 3
"""Positions a side of a map that is chosen by itself."""


@dataclass(frozen=True)
class Watched:
    """One run of a target with the map that is explained.

    Arguments:
        model: the network.
        x: the picture, [1, 3, S, S].
        score: the target's value, [1]; differentiable in ``map``.
        map: the K feature maps, [1, K, h, w].
        calls: everything that was noted in the run.
    """

    model: FaceModel
    x: Tensor
    score: Tensor
    map: Tensor
    calls: Calls

    @property
    def value(self) -> float:
        """The target's value, a plain number."""
        return float(self.score.detach())

    def gradient(self, of: Tensor, method: str) -> Tensor:
        """``d score / d of``; Problems if there is none, or it is not finite."""
        gradient = None
        if self.score.requires_grad:
            (gradient,) = torch.autograd.grad(self.score.sum(), of, allow_unused=True)
        if gradient is None:
            raise Problems.one(
                method,
                "no gradient of what is explained reaches the layer that is weighed",
                "name a layer that runs before the explained one (grad_cam takes any), or use "
                "occlusion, which needs no gradient",
            )
        check_finite(self.model, gradient, method)
        return gradient


def watch(model: FaceModel, face: Face | None, target: Target, layer: str, method: str) -> Watched:
    """Run the target on a face and keep the output of ``layer``, ready for gradients.

    Without a name the map is the last one before the final pooling: the last [1, K, h, w] that was
    computed by anything but a pooling, or from a pooled map alone. One below ``LEAST`` positions a
    side is taken only where there is no other: four corners tell no place in a face. The map is
    found in the calls of the network as it runs, so functional code is seen like modules.

    Errors: Problems for a network without maps, an unknown layer, or one that puts out no map.
    """
    x = picture(model, face, method).requires_grad_()
    with (
        torch.enable_grad(),
        evaluating(model.network),
        Calls() as calls,
        put_out(model, layer, method) as named,
    ):
        score = target(model, x)
    found = named if layer else [map for map in calls.maps if min(map.shape[2:]) >= LEAST]
    found = found or ([] if layer else calls.maps)
    if not found:
        raise Problems.one(
            f"model {model.name}",
            f"has no map of features with more than one position, which {method} weighs",
            "use a method that needs none, such as occlusion or integrated_gradients",
        )
    return Watched(model, x, score, found[-1], calls)


@contextmanager
def put_out(model: FaceModel, layer: str, method: str) -> Iterator[list[Tensor]]:
    """The maps that a layer puts out for differentiable input inside the ``with`` block.

    They are what the layer itself put out, also if a ReLU writes over it afterwards; gradients
    reach them. Empty for the name "".

    Errors: Problems for an unknown layer, or one that puts out no map.
    """
    if not layer:
        yield []
        return
    where = f"{method}: layer"
    check_layers([layer], model.layers(), where)
    maps: list[Tensor] = []

    def keep(_module: object, _args: object, output: Tensor) -> Tensor:
        if not output.requires_grad:
            return output
        maps.append(output)
        return output.clone()

    handle = model.network.get_submodule(layer).register_forward_hook(keep)
    try:
        yield maps
    finally:
        handle.remove()
    if maps and maps[-1].ndim != 4:
        raise Problems.one(
            where,
            f"'{layer}' puts out {list(maps[-1].shape)}, not a map [1, K, h, w]",
            "name a convolution, or leave the layer out",
        )


class Calls(TorchFunctionMode):
    """Notes the maps and the inputs of linear layers while a network runs on differentiable input.

    A map is a [N, K, h, w] of more than one position that comes from a convolution. Runs without
    gradient (of the other face of a pair, say) are not noted.

    ``maps`` are those that something else than a pooling made last, ``pooled`` the others;
    ``linear`` is what ``functional.linear`` was called with.

    Example:
        >>> x = torch.ones(1, 3, 6, 6, requires_grad=True)
        >>> with Calls() as calls:
        ...     y = functional.avg_pool2d(functional.conv2d(x, torch.ones(2, 3, 3, 3)).relu(), 2)
        ...     z = functional.linear(y.flatten(1), torch.ones(1, 8))
        >>> [list(map.shape) for map in calls.maps], list(calls.linear[0].shape)
        ([[1, 2, 4, 4], [1, 2, 4, 4]], [1, 8])
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear: list[Tensor] = []
        # By identity; the tensor is kept, so that its id is not given to another one.
        self._seen: dict[int, tuple[Tensor, bool]] = {}

    @property
    def maps(self) -> list[Tensor]:
        """Maps that something else than a pooling made last, in the order of the run."""
        return self._noted(pooled=False)

    @property
    def pooled(self) -> list[Tensor]:
        """Maps that a pooling made, with what was made of them alone."""
        return self._noted(pooled=True)

    def _noted(self, pooled: bool) -> list[Tensor]:
        maps = [map for map, is_pooled in self._seen.values() if is_pooled == pooled]
        return [map for map in maps if map.shape[2:].numel() > 1]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if not isinstance(output, Tensor) or not output.requires_grad:
            return output
        name = getattr(func, "__name__", "")
        if func is functional.linear:
            self.linear.append(args[0])
        elif output.ndim == 4:
            known = [id(arg) for arg in _flat(args) if id(arg) in self._seen]
            if known or "conv" in name:
                pooled = all(self._seen[each][1] for each in known) and "conv" not in name
                self._seen[id(output)] = (output, pooled or "pool" in name)
        return output


def _flat(args: Iterable[Any]) -> Iterable[Any]:
    """Arguments, and those inside lists (as in ``torch.cat``)."""
    for arg in args:
        if isinstance(arg, list | tuple):
            yield from arg
        else:
            yield arg


def enlarge(map: Tensor, size: int) -> Tensor:
    """A map at the size of the picture, bilinear between the positions' middles, [h, w] → [S, S].

    Example:
        >>> enlarge(torch.tensor([[0.0, 1.0]]), 4)[0].tolist()
        [0.0, 0.25, 0.75, 1.0]
    """
    return functional.interpolate(
        map[None, None], (size, size), mode="bilinear", align_corners=False
    )[0, 0]
