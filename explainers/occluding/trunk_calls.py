"""Which torch functions are steps of a trunk, and what they do there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from explainers.occluding.products import Convolution
from explainers.occluding.trunk_steps import Pair, Sliding, Step, name_of, named

# fmt: off
POINTWISE = frozenset({
    "add", "radd", "iadd", "sub", "rsub", "isub", "mul", "rmul", "imul", "div", "truediv",
    "rtruediv", "itruediv", "true_divide", "neg", "pos", "clone", "contiguous", "to", "float",
    "double", "abs", "pow", "square", "sqrt", "exp", "log", "clamp", "clip", "clamp_min",
    "clamp_max", "relu", "relu6", "hardtanh", "leaky_relu", "elu", "selu", "celu", "gelu", "silu",
    "mish", "hardswish", "hardsigmoid", "softplus", "sigmoid", "tanh", "threshold",
})
# fmt: on
"""Functions of each number, or of it and a number of its channel."""
PER_CHANNEL = frozenset(["batch_norm", "prelu", "dropout", "dropout2d", "alpha_dropout"])
"""Pointwise in evaluation mode, with vectors of one number for each channel."""
CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
MAX_POOL = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
AVG_POOL = (
    *("input", "kernel_size", "stride", "padding", "ceil_mode"),
    *("count_include_pad", "divisor_override"),
)
BATCH_NORM = ("input", "running_mean", "running_var", "weight", "bias", "training")
PAD = ("input", "pad", "mode", "value")


def step_of(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    current: Tensor,
    result: Any,
) -> Step | None:
    """The step that a call with input ``current`` is; None for a function that no trunk has."""
    name = name_of(function)
    known = isinstance(result, Tensor) and result.ndim == current.ndim == 4 and "out" not in kwargs
    if not known or not result.is_floating_point():
        return None
    if name in POINTWISE or name in PER_CHANNEL:
        return _pointwise(name, function, args, kwargs, current, result)
    makers = {"conv2d": _conv, "max_pool2d": _max_pool, "avg_pool2d": _avg_pool, "pad": _pad}
    if name not in makers or not args or args[0] is not current:
        return None

    def whole(x: Tensor) -> Tensor:
        return function(x, *args[1:], **kwargs)

    base = Step(name, function, whole, tuple(result.shape), result is current)
    return makers[name](base, args, kwargs)


def _pointwise(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    current: Tensor,
    result: Tensor,
) -> Step | None:
    others = [part for part in (*args, *kwargs.values()) if part is not current]
    tensors = [part for part in others if isinstance(part, Tensor)]
    nested = any(isinstance(part, list | tuple) for part in others)
    if name in PER_CHANNEL:
        fits = bool(args) and args[0] is current and not _trains(name, args, kwargs)
    else:
        fits = all(part.numel() == 1 or _of_channels(part) for part in tensors)
    if nested or not fits or result.shape != current.shape:
        return None

    def whole(x: Tensor) -> Tensor:
        here = [x if part is current else part for part in args]
        there = {key: x if part is current else part for key, part in kwargs.items()}
        return function(*here, **there)

    # The engine's patches are its own, so that they can be changed in place.
    run = torch.relu_ if name == "relu" else whole
    return Step(name, function, run, tuple(result.shape), result is current)


def _of_channels(part: Tensor) -> bool:
    """Whether a tensor has one number for a channel, such as [C, 1, 1] or [1, C, 1, 1]."""
    once = part.ndim < 4 or part.shape[0] == 1
    return part.ndim in (3, 4) and once and tuple(part.shape[-2:]) == (1, 1)


def _trains(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a function is called as in training."""
    if name == "prelu":
        return False
    if name == "batch_norm":
        return bool(named(BATCH_NORM, args, kwargs).get("training", False))
    return bool(named(("input", "p", "training"), args, kwargs).get("training", True))


def _pair(value: Any) -> Pair:
    values = (value,) if isinstance(value, int) else tuple(value)
    return (int(values[0]), int(values[-1]))


def _reach(kernel: Pair, dilation: Pair) -> Pair:
    return ((kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1)


def _sliding(base: Step, over: Tensor, **geometry: Any) -> Sliding:
    _, channels, height, width = over.shape
    return Sliding(**vars(base), channels=channels, size=(height, width), **geometry)


def _conv(base: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sliding | None:
    given = named(CONV, args, kwargs)
    weight, bias = given["weight"], given.get("bias")
    stride, dilation = _pair(given.get("stride", 1)), _pair(given.get("dilation", 1))
    groups, padding = given.get("groups", 1), given.get("padding", 0)
    reach = _reach((weight.shape[2], weight.shape[3]), dilation)
    if padding == "same":
        before = ((reach[0] - 1) // 2, (reach[1] - 1) // 2)
    else:
        before = (0, 0) if padding == "valid" else _pair(padding)
    valid = Convolution(weight, bias, stride, dilation, groups)

    return _sliding(
        base,
        args[0],
        reach=reach,
        stride=stride,
        before=before,
        padding=0.0,
        valid=valid,
        cost=weight.numel(),
        tile=valid.tile,
    )


def _max_pool(base: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sliding | None:
    given = named(MAX_POOL, args, kwargs)
    if given.get("return_indices", False):
        return None
    kernel, dilation = _pair(given["kernel_size"]), _pair(given.get("dilation", 1))
    stride = _pair(given.get("stride") or kernel)

    def valid(x: Tensor) -> Tensor:
        return functional.max_pool2d(x, kernel, stride, 0, dilation)

    return _sliding(
        base,
        args[0],
        reach=_reach(kernel, dilation),
        stride=stride,
        before=_pair(given.get("padding", 0)),
        padding=-math.inf,
        valid=valid,
        cost=0,
    )


def _avg_pool(base: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sliding | None:
    given = named(AVG_POOL, args, kwargs)
    kernel, before = _pair(given["kernel_size"]), _pair(given.get("padding", 0))
    stride, divisor = _pair(given.get("stride") or kernel), given.get("divisor_override")
    # At a border, a mean over what is there divides by another number.
    if given.get("ceil_mode", False) or (
        before != (0, 0) and not given.get("count_include_pad", True)
    ):
        return None

    def valid(x: Tensor) -> Tensor:
        return functional.avg_pool2d(x, kernel, stride, 0, divisor_override=divisor)

    return _sliding(
        base, args[0], reach=kernel, stride=stride, before=before, padding=0.0, valid=valid, cost=0
    )


def _pad(base: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sliding | None:
    given = named(PAD, args, kwargs)
    pad, value = list(given["pad"]), given.get("value")
    if given.get("mode", "constant") != "constant" or len(pad) > 4:
        return None
    pad += [0] * (4 - len(pad))
    return _sliding(
        base,
        args[0],
        reach=(1, 1),
        stride=(1, 1),
        before=(pad[2], pad[0]),
        padding=0.0 if value is None else float(value),
        valid=lambda x: x,
        cost=0,
    )
