"""The rules of layer-wise relevance propagation, and how much relevance they absorb."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from explainers.backward_rules import Affine, BackwardRules, changed_backward, secant
from explainers.softmax_secant import softmax_secant

RuleName = Literal["composite", "epsilon", "gamma", "alpha_beta"]
First = Literal["box", "flat", "same"]
TINY = 1e-6
"""Contributions below this fraction of the opposite ones count as none."""


class Relevance:
    """The rules of one run. They hand back ``c = R / a``, relevance per unit of activation.

    Arguments: as in ``Lrp``.

    Example:
        >>> relevance = Relevance("epsilon", epsilon=0.0)
        >>> x = torch.tensor([[1.0, 2.0]], requires_grad=True)
        >>> with relevance.rules:
        ...     score = nn.functional.linear(x, torch.tensor([[3.0, 1.0]]), torch.tensor([4.0]))
        >>> score.sum().backward()
        >>> (x * x.grad).tolist(), relevance.absorbed
        ([[3.0, 2.0]], 4.0)
    """

    def __init__(
        self,
        rule: RuleName,
        gamma: float = 0.25,
        epsilon: float = 0.01,
        alpha: float = 1.0,
        first: First = "same",
    ) -> None:
        self.rule, self.gamma, self.epsilon, self.alpha = rule, gamma, epsilon, alpha
        self.first = first
        self.absorbed = 0.0
        self.rules = BackwardRules(
            affine=self._affine,
            activation=self._activation,
            product=lambda u, v, z: (u * v.detach() + v * u.detach()) / 2,
            shift=self._shift,
            softmax=self._softmax,
            normalise=lambda x, dim, z: x / x.detach().norm(dim=dim, keepdim=True).clamp(min=1e-12),
        )
        self._looking = False
        self._extremes: Tensor | None = None

    def see_first_layer(self, network: nn.Module, pictures: Tensor) -> None:
        """Note what the first layer takes for a black and a white picture, [2, 3, S, S].

        Call it inside ``with relevance.rules``; the network stops as soon as that is known.
        """
        if self.first == "same":
            return
        self._looking = True
        try:
            network(pictures.clone(memory_format=torch.contiguous_format))
        except _Seen:
            pass
        finally:
            self._looking = False

    def _affine(self, layer: Affine, x: Tensor, z: Tensor) -> Tensor:
        if self._looking:
            self._extremes = x
            raise _Seen
        extremes, self._extremes = self._extremes, None
        if extremes is not None and extremes.shape[1:] == x.shape[1:]:
            low, high = extremes.amin(0, keepdim=True), extremes.amax(0, keepdim=True)
            return (
                self._box(layer, x, low, high, z)
                if self.first == "box"
                else self._flat(layer, low, high, z)
            )
        convolution = layer.weight.ndim > 2
        rule = self.rule
        if rule == "composite":
            rule = "gamma" if convolution else "epsilon"
        bias = torch.zeros_like(z[:1]) if layer.bias is None else layer.bias
        if convolution and layer.bias is not None:
            bias = bias.view(-1, *[1] * (z.ndim - 2))
        plain = z - bias  # contributions of the inputs alone
        if rule == "epsilon":
            share = z.abs() / (z.abs() + self.epsilon * z.square().mean().sqrt())
            return self._counted(plain * share.detach().nan_to_num(0.0), z)
        up, positive = z > 0, _positive(layer, x)
        own = torch.where(up, positive, plain - positive)
        whole = own + torch.where(up, bias.clamp(min=0), bias.clamp(max=0))
        if rule == "gamma":
            return self._counted((plain + self.gamma * own) * _share(z, z + self.gamma * whole), z)
        others = z - whole
        opposed = others.abs() > TINY * whole.abs()
        alpha = torch.where(opposed, self.alpha, 1.0)
        for_it = alpha * own * _share(z, whole)
        against = (alpha - 1) * (plain - own) * _share(z, others.where(opposed, 0.0))
        return self._counted(for_it - against, z)

    def _box(self, layer: Affine, x: Tensor, low: Tensor, high: Tensor, z: Tensor) -> Tensor:
        """Contributions measured from the colour that speaks most against the unit."""
        up, down = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
        contributions = layer(x, layer.weight) - layer(low, up) - layer(high, down)
        return self._counted(contributions * _share(z, contributions), z)

    def _flat(self, layer: Affine, low: Tensor, high: Tensor, z: Tensor) -> Tensor:
        """The same for every input, save padding, which is the same for black and white."""
        span = high - low
        ones = span / span.detach().where(span != 0, 1.0)
        contributions = layer(ones, torch.ones_like(layer.weight))
        return self._counted(contributions * _share(z, contributions), z)

    def _activation(self, function: Any, x: Tensor, z: Tensor) -> Tensor:
        zero = torch.zeros_like(x)
        at_zero = function(zero)
        if not bool(torch.isfinite(at_zero).all()):
            return z
        return self._counted(secant(z, at_zero, x, zero, otherwise=z), z, at_zero)

    def _shift(self, function: Any, x: Tensor, z: Tensor) -> Tensor:
        return self._counted(z, z, function(torch.zeros_like(x)))

    def _softmax(self, x: Tensor, dim: int, log: bool, z: Tensor) -> Tensor:
        zero = torch.zeros_like(x)
        at_zero = zero.log_softmax(dim) if log else zero.softmax(dim)
        return self._counted(softmax_secant(x, zero, dim, log), z, at_zero)

    def _counted(self, shared: Tensor, z: Tensor, kept: Tensor | None = None) -> Tensor:
        """``shared``; what it lacks of ``z`` (or ``kept``) is absorbed on the way back."""
        lost = (z - shared).detach() if kept is None else kept

        def count(c: Tensor) -> Tensor:
            self.absorbed += float((c * lost).sum(dtype=torch.float64))
            return c

        return changed_backward(shared, count)


class _Seen(Exception):
    """The first layer was reached."""


def _positive(layer: Affine, x: Tensor) -> Tensor:
    """The sum of the positive contributions of a layer's inputs."""
    positive = layer(x.clamp(min=0), layer.weight.clamp(min=0))
    if bool((x < 0).any()):
        positive = positive + layer(x.clamp(max=0), layer.weight.clamp(max=0))
    return positive


def _share(z: Tensor, whole: Tensor) -> Tensor:
    """``z / whole``, a constant; 0 where nothing is to be shared."""
    return (z / whole.masked_fill(whole == 0, 1.0)).masked_fill(whole == 0, 0.0).detach()
