"""Runs a network forward as it is, and backward by other rules than the gradient's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import Parameter, functional
from torch.overrides import TorchFunctionMode

Family = Literal[
    "affine", "rectifier", "activation", "max_pool", "product", "shift", "normalise", "softmax"
]
Function = Callable[..., Tensor]
Rule = Callable[..., Tensor]

FAMILIES: Mapping[Family, tuple[str, ...]] = {
    "affine": (
        *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("linear", "matmul", "mm", "__matmul__"),
    ),
    "rectifier": ("relu", "leaky_relu", "prelu", "rrelu", "threshold", "_threshold", "clamp_min"),
    "activation": (
        *("sigmoid", "tanh", "hardtanh", "elu", "celu", "selu", "gelu", "silu", "mish", "softplus"),
        *("hardswish", "hardsigmoid", "logsigmoid", "softsign", "softshrink", "hardshrink"),
        *("tanhshrink", "clamp", "clip", "pow", "__pow__", "square", "sqrt", "rsqrt", "exp", "abs"),
    ),
    "max_pool": ("max_pool2d", "adaptive_max_pool2d"),
    "product": ("mul", "multiply", "__mul__", "__rmul__"),
    "shift": ("add", "__add__", "__radd__", "sub", "subtract", "__sub__", "__rsub__", "batch_norm"),
    "normalise": ("normalize",),
    "softmax": ("softmax", "log_softmax"),
}
"""Names of torch's functions by what they do; one in place (``relu_``) belongs to the same."""

TINY = 1e-7
"""A smaller step says nothing about a slope."""

_FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}


@dataclass(frozen=True)
class Affine:
    """A convolution or linear layer as it was called.

    Arguments:
        function: ``function(x, weight, bias)`` with stride, padding and groups as called.
        weight: in the function's own shape.
        bias: [outputs], or None.

    Called with other weights it is the same layer with these: ``layer(x, weight, bias)``.
    """

    function: Function
    weight: Tensor
    bias: Tensor | None

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """What the layer would put out with these weights; without bias where none is given."""
        return self.function(x, weight, bias)


class BackwardRules(TorchFunctionMode):
    """Runs a network forward as it is, and backward by other rules than the gradient's.

    Inside the ``with`` block a function of a family that has a rule puts out exactly what it always
    does, but the gradient of what the rule returns flows back in its place. Layers and functional
    code go through the same functions of torch, so neither layers' types nor their reuse matter.
    Code under ``torch.no_grad()`` and calls that the picture has no part in stay as they are.
    A scripted network keeps its functions to itself: then ``calls`` stays empty.

    Relevance methods (LRP, excitation backprop, DeepLIFT) are run in terms of ``c = R / a``, the
    relevance ``R`` for each unit of activation ``a``. Sums, concatenation, padding, means, maxima,
    ReLU and multiplication with a constant hand on ``c`` as they hand on a gradient, so only what
    combines numbers with weights needs a rule, and the relevance of the input is ``x c``. A layer
    ``z = W a + b`` that shares out ``R = c z`` in proportion to other contributions ``z' = W' a``
    hands on ``W'^T (c z / z')``: its rule returns ``z' * (z / z').detach()``.

    Arguments, each a rule or None for the ordinary gradient (``z`` is always what the function
    puts out, with its ordinary gradient):
        affine: ``rule(layer, x, z)`` for convolutions, linear layers and products with a constant
            matrix; ``layer`` is an ``Affine``.
        rectifier: ``rule(function, x, z)`` for ReLU and its kin, ``z = function(x)``.
        activation: the same for other functions of single numbers (sigmoid, tanh, square, ...).
        max_pool: ``rule(function, x, z)``; ``function(x, return_indices=True)`` gives places too.
        product: ``rule(u, v, z)`` for ``u * v`` where both depend on the picture.
        shift: ``rule(function, x, z)`` where a constant is added, as in a batch normalisation.
        normalise: ``rule(x, dim, z)`` for vectors along ``dim`` brought to unit length.
        softmax: ``rule(x, dim, log, z)`` for softmax along ``dim``, or its logarithm.

    ``calls`` counts the calls that a rule served, by family.

    Example:
        >>> x = torch.tensor([-1.0, 2.0], requires_grad=True)
        >>> with BackwardRules(rectifier=lambda function, x, z: x):  # as if it were not there
        ...     y = x.relu()
        >>> y.sum().backward()
        >>> y.tolist(), x.grad.tolist()
        ([0.0, 2.0], [1.0, 1.0])
    """

    def __init__(
        self,
        *,
        affine: Rule | None = None,
        rectifier: Rule | None = None,
        activation: Rule | None = None,
        max_pool: Rule | None = None,
        product: Rule | None = None,
        shift: Rule | None = None,
        normalise: Rule | None = None,
        softmax: Rule | None = None,
    ) -> None:
        super().__init__()
        given: dict[Family, Rule | None] = {
            "affine": affine,
            "rectifier": rectifier,
            "activation": activation,
            "max_pool": max_pool,
            "product": product,
            "shift": shift,
            "normalise": normalise,
            "softmax": softmax,
        }
        self.rules = {family: rule for family, rule in given.items() if rule is not None}
        self.calls: Counter[Family] = Counter()

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Called by torch in place of each of its functions."""
        given = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        dunder = name.endswith("__")
        family = _FAMILY_OF.get(name if dunder else name.rstrip("_"))
        if family not in self.rules or not torch.is_grad_enabled():
            return func(*args, **given)
        if not args and "input" in given:
            args = (given.pop("input"),)
        if not args or not _serves(family, args, given):
            return func(*args, **given)
        if func is torch.max_pool2d:  # which cannot tell places
            func = functional.max_pool2d
        x, *rest = args
        self.calls[family] += 1
        written = name.endswith("_") and not dunder
        if not written and not given.pop("inplace", False):
            return self._replaced(family, func, x, rest, given)
        # What is written over may be needed on the way back, so the rule gets a copy.
        function = (lambda x, *more, **named: func(x.clone(), *more, **named)) if written else func
        return x.copy_(self._replaced(family, function, x.clone(), rest, given))

    def _replaced(
        self, family: Family, func: Function, x: Tensor, rest: list[Any], named: dict[str, Any]
    ) -> Tensor:
        """What the function puts out, with the gradient of what the family's rule returns."""
        rule = self.rules[family]
        if family == "affine":
            weight = rest.pop(0) if rest else named.pop("weight", named.pop("other", None))
            biased = bool(rest) or "bias" in named
            bias = rest.pop(0) if rest else named.pop("bias", None)

            def layer(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
                return func(x, weight, *([bias] if biased else []), *rest, **named)

            z = func(x, weight, *([bias] if biased else []), *rest, **named)
            return _Replaced.apply(z, rule(Affine(layer, weight.detach(), bias), x, z))
        if family == "product":
            z = func(x, *rest, **named)
            return _Replaced.apply(z, rule(x, rest[0], z))

        if family == "normalise":
            z = func(x, *rest, **named)
            return _Replaced.apply(z, rule(x, named.get("dim", 1), z))

        if family == "softmax":
            z = func(x, *rest, **named)
            dim, log = rest[0] if rest else named["dim"], func.__name__.startswith("log")
            return _Replaced.apply(z, rule(x, dim, log, z))

        def function(x: Tensor, **more: Any) -> Any:
            return func(x, *rest, **{**named, **more})

        z = function(x)
        return _Replaced.apply(z, rule(function, x, z))


def changed_backward(x: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """``x`` as it is, whose gradient goes through ``change`` on its way back.

    Example:
        >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> changed_backward(x, lambda c: c * 10).sum().backward()
        >>> x.grad.tolist()
        [10.0, 10.0]
    """
    x = x.view_as(x)
    x.register_hook(change)  # type: ignore[no-untyped-call]
    return x


def secant(z: Tensor, z0: Tensor, x: Tensor, x0: Tensor, otherwise: Tensor) -> Tensor:
    """``x (z - z0) / (x - x0)``, the fraction a constant; ``otherwise`` where that is 0 / 0.

    The slope of a nonlinearity between two points, which DeepLIFT and LRP use in place of its
    gradient.
    """
    step = (x - x0).detach()
    near = step.abs() < TINY
    slope = (z.detach() - z0) / step.masked_fill(near, 1.0)
    return torch.where(near, otherwise, x * slope)


class _Replaced(torch.autograd.Function):
    """The value of one tensor with the gradient of another."""

    @staticmethod
    def forward(ctx: FunctionCtx, value: Tensor, other: Tensor) -> Tensor:
        return value.clone()  # somebody may write over it

    @staticmethod
    def backward(ctx: FunctionCtx, c: Tensor) -> tuple[None, Tensor]:
        return None, c


def _depends(x: object) -> bool:
    """Whether the picture has a part in ``x``."""
    return isinstance(x, Tensor) and x.requires_grad and not isinstance(x, Parameter)


def _serves(family: Family, args: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a rule is for this call: what the picture has a part in, and what it has not."""
    second = args[1] if len(args) > 1 else named.get("weight", named.get("other"))
    if not _depends(args[0]):
        return False
    if family == "affine":
        return isinstance(second, Tensor) and second.ndim > 1 and not _depends(second)
    if family == "normalise":
        return bool(named.get("p", 2.0) == 2.0)
    if family == "softmax":
        return isinstance(args[1] if len(args) > 1 else named.get("dim"), int)
    if family == "shift":
        return not _depends(second)
    return family != "product" or _depends(second)
