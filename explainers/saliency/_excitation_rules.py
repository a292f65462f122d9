"""How layers share out winning probabilities among the units that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from explainers.backward_rules import FAMILIES, Affine, BackwardRules

SUM = ("add", "__add__", "__radd__", "__iadd__", "add_")
CONSTANT = (
    *SUM,
    *("sub", "subtract", "__sub__", "__rsub__", "__isub__", "sub_"),
    *("mul", "multiply", "__mul__", "__rmul__", "__imul__", "mul_"),
    *("div", "divide", "true_divide", "__truediv__", "__itruediv__", "div_"),
    "batch_norm",
)
"""Names of functions that scale and shift each number when all but one of them are constants."""
FOLDED = ("conv1d", "conv2d", "conv3d", "linear")
LEAST = 1e-20
"""Sums of excitation below this count as none."""


class ExcitationRules(BackwardRules):
    """Backward rules under which the gradient, times the unit, is the unit's winning probability.

    Source: Zhang et al., Top-down Neural Attention by Excitation Backprop (2016), eqs. 1-5.
    Formula: a unit ``i`` with probability ``P_i`` passes it to the units ``j`` that it reads, in
    proportion to ``a_j w+_ij``: what excites it. In terms of ``c = P / a`` that is ``c_j = sum_i
    w+_ij P_i / (sum_k w+_ik a_k)``, and for sums, means, maxima, padding and ReLU the gradient.

    - A unit with a negative value is not excited and cannot win: layers read ``max(a, 0)``.
    - The picture is bounded below by black, so the first layer reads the picture less what black
      becomes on the same way (the paper's shift by the lower bound, eq. 5).
    - A sum of two branches is a layer with weights 1, so branches share by their positive parts.
    - Constant factors and offsets (batch normalisation) belong to the layer before them: a negative
      factor turns its weights round. Elsewhere, as for activations, they hand ``P`` on unchanged.
    - A gate (the smaller factor of a product) counts as a constant.

    Probability is lost where a unit is excited by its bias alone, or by negative units.

    Arguments:
        x: the picture, [1, 3, S, S] with values from 0.

    ``layers`` lists each layer with the activations that it read.

    Example:
        >>> x = torch.tensor([[1.0, 3.0]], requires_grad=True)
        >>> with ExcitationRules(x):
        ...     y = torch.nn.functional.linear(x, torch.tensor([[1.0, 1.0], [2.0, -1.0]]))
        >>> (c,) = torch.autograd.grad(y[:, 0] / y[:, 0].detach(), x)
        >>> (x * c).tolist()
        [[0.25, 0.75]]
    """

    def __init__(self, x: Tensor) -> None:
        super().__init__(
            affine=self._layer,
            activation=lambda function, x, z: hand_on(x, z),
            product=lambda u, v, z: u * v.detach() if v.numel() <= u.numel() else v * u.detach(),
            normalise=lambda x, dim, z: hand_on(x, z),
        )
        self.layers: list[tuple[Affine, Tensor]] = []
        # By identity; the first tensor is kept, so that its id is not given to another one.
        self._black: dict[int, tuple[Tensor, Tensor]] = {id(x): (x, torch.zeros_like(x))}
        self._made_by: dict[int, tuple[Tensor, Affine, Tensor, Tensor]] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Called by torch in place of each of its functions."""
        name, given = getattr(func, "__name__", ""), dict(kwargs or {})
        moving = [arg for arg in _flat([*args, *given.values()]) if _moves(arg)]
        if not torch.is_grad_enabled() or not moving:
            return func(*args, **given)
        if name not in FAMILIES["affine"] and all(id(each) in self._black for each in moving):
            return self._before_layers(func, args, given)
        if args and name in CONSTANT and len(moving) <= (2 if name in SUM else 1):
            z = self._shared(func, args, given, moving)
            if not name.endswith("_") or name.endswith("__"):
                return z
            made = self._made_by.get(id(z))
            output = args[0].copy_(z)
            self._made_by.pop(id(output), None)
            if made is not None:
                self._made_by[id(output)] = (output, *made[1:])
            return output
        count = len(self.layers)
        output = super().__torch_function__(func, types, args, given)
        self._made_by.pop(id(output), None)  # it was written over, by a ReLU in place, say
        if len(self.layers) > count and name in FOLDED:
            layer, read = self.layers[-1]
            self._made_by[id(output)] = (output, layer, read, layer.weight)
        return output

    def _before_layers(self, func: Callable[..., Any], args: Any, given: dict[str, Any]) -> Any:
        """Preprocessing: the black picture goes the same way."""
        output = func(*args, **given)
        if isinstance(output, Tensor) and output.requires_grad:
            with torch.no_grad():
                black = func(*self._blackened(args), **given)
            self._black[id(output)] = (output, black)
        return output

    def _blackened(self, args: Any) -> Any:
        if isinstance(args, list | tuple):
            return [self._blackened(arg) for arg in args]
        return self._black[id(args)][1] if id(args) in self._black else args

    def _layer(self, layer: Affine, x: Tensor, z: Tensor) -> Tensor:
        read = (x - self._black[id(x)][1] if id(x) in self._black else x).clamp(min=0)
        self.layers.append((layer, read))
        return shared(layer(read, layer.weight.clamp(min=0)), z)

    def _shared(
        self, func: Callable[..., Any], args: Any, given: dict[str, Any], moving: list[Tensor]
    ) -> Tensor:
        """A sum of two branches, or one number scaled and shifted by constants."""
        copies = [arg.clone() if arg is args[0] and _moves(arg) else arg for arg in args]
        z: Tensor = func(*copies, **given).detach()
        if len(moving) == 2:
            one, other = (each.clone() for each in moving)
            return instead(z, shared(one.clamp(min=0) + other.clamp(min=0), z))
        (x,) = moving
        if x.shape != z.shape or not any(arg is x for arg in args):
            return func(*args, **given)
        if id(x) not in self._made_by:
            return instead(z, hand_on(x.clone(), z))
        _, layer, read, weight = self._made_by[id(x)]
        at = [
            func(*(filled(x) if arg is x else arg for arg in args), **given)
            for filled in (torch.ones_like, torch.zeros_like)
        ]
        # Only the sign of the factor matters: a layer's probabilities are shares.
        sign = (at[0] - at[1]).detach().sign().transpose(0, 1).flatten(1)[:, 0]
        weight = weight * sign.view(-1, *[1] * (weight.ndim - 1))
        z = instead(z, shared(layer(read, weight.clamp(min=0)), z))
        self._made_by[id(z)] = (z, layer, read, weight)
        return z


def shared(excitation: Tensor, z: Tensor) -> Tensor:
    """What is excited by ``excitation`` and puts out ``z``: the gradient is ``z / excitation``."""
    share = torch.where((excitation > LEAST) & (z > 0), z / excitation.clamp(min=LEAST), 0.0)
    return excitation * share.detach()


def hand_on(x: Tensor, z: Tensor) -> Tensor:
    """Each number's probability goes to the one number that it is computed from."""
    return shared(x.clamp(min=0), z)


def instead(value: Tensor, other: Tensor) -> Tensor:
    """The value of one tensor with the gradient of another."""
    return value.detach() + (other - other.detach())


def _moves(arg: object) -> bool:
    return isinstance(arg, Tensor) and arg.requires_grad


def _flat(args: Any) -> Iterator[Any]:
    for arg in args:
        if isinstance(arg, list | tuple):
            yield from _flat(arg)
        else:
            yield arg
