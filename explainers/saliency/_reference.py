"""What a network computes for a baseline, to compare a picture with it: DeepLIFT's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from explainers.backward_rules import TINY, BackwardRules, Rule, secant
from explainers.modes import evaluating
from explainers.problems import Problems
from explainers.softmax_secant import softmax_secant


class Reference:
    """The nonlinear calls of one run, in their order, and the rules that compare another run.

    Recorded first and compared after, instead of both in one batch, so that only the picture is
    sent backward.

    Arguments:
        where: the model, for error messages.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._seen: list[tuple[Tensor, ...]] = []
        self._next = 0

    def record(self, scores: Callable[[Tensor], Tensor], x: Tensor, network: nn.Module) -> Tensor:
        """Run the baseline and keep what its nonlinear calls took and put out; its scores, [N]."""

        def keep(*tensors: Tensor) -> None:
            # A network may write over what it has computed.
            self._seen.append(tuple(tensor.detach().clone() for tensor in tensors))

        def elementwise(function: Any, x: Tensor, z: Tensor) -> Tensor:
            keep(x, z)
            return z

        def max_pool(function: Any, x: Tensor, z: Tensor) -> Tensor:
            keep(x, z, function(x, return_indices=True)[1])
            return z

        def product(u: Tensor, v: Tensor, z: Tensor) -> Tensor:
            keep(u, v)
            return z

        def normalise(x: Tensor, dim: int, z: Tensor) -> Tensor:
            keep(x)
            return z

        def softmax(x: Tensor, dim: int, log: bool, z: Tensor) -> Tensor:
            keep(x)
            return z

        rules = _rules(elementwise, max_pool, product, normalise, softmax)
        with torch.enable_grad(), evaluating(network), rules:
            return scores(x.detach().requires_grad_()).detach()

    def compared(self) -> BackwardRules:
        """Rules that make the way back complete: differences in proportion to differences."""

        def elementwise(function: Any, x: Tensor, z: Tensor) -> Tensor:
            x0, z0 = self._before(x)
            return secant(z, z0, x, x0, otherwise=z)

        def max_pool(function: Any, x: Tensor, z: Tensor) -> Tensor:
            x0, z0, places0 = self._before(x)
            places = torch.where(z >= z0, function(x, return_indices=True)[1], places0).flatten(2)
            at, at0 = (each.flatten(2).gather(2, places).view_as(z) for each in (x, x0))
            return secant(z, z0, at, at0, otherwise=at)

        def product(u: Tensor, v: Tensor, z: Tensor) -> Tensor:
            u0, v0 = self._before(u)
            return (u * (v + v0).detach() + v * (u + u0).detach()) / 2

        def normalise(x: Tensor, dim: int, z: Tensor) -> Tensor:
            (x0,) = self._before(x)
            # x s with s = q^(-1/2), q = |x|^2: a product of which one factor is a slope of q.
            middle = (x + x0).detach()
            q, q0 = (each.square().sum(dim, keepdim=True).detach() for each in (x, x0))
            s, s0 = q.clamp(min=TINY**2).rsqrt(), q0.clamp(min=TINY**2).rsqrt()
            slope = torch.where((q - q0).abs() > TINY * q, (s - s0) / (q - q0), -(s**3) / 2)
            return (x * (s + s0) + middle * slope * (x * middle).sum(dim, keepdim=True)) / 2

        def softmax(x: Tensor, dim: int, log: bool, z: Tensor) -> Tensor:
            (x0,) = self._before(x)
            return softmax_secant(x, x0, dim, log)

        return _rules(elementwise, max_pool, product, normalise, softmax)

    @contextmanager
    def used_up(self) -> Iterator[None]:
        """Refuse, after the ``with`` block, a run that made fewer calls than the recorded one."""
        yield
        if self._next != len(self._seen):
            raise self._other()

    def _before(self, x: Tensor) -> tuple[Tensor, ...]:
        """What the same call of the recorded run kept; it took something of the same shape."""
        if self._next >= len(self._seen):
            raise self._other()
        kept = self._seen[self._next]
        self._next += 1
        if kept[0].shape != x.shape:
            raise self._other()
        return kept

    def _other(self) -> Problems:
        return Problems.one(
            self._where,
            "computes other things for the baseline than for the face, so deep_lift cannot compare",
            "use integrated_gradients or occlusion",
        )


def _rules(
    elementwise: Rule, max_pool: Rule, product: Rule, normalise: Rule, softmax: Rule
) -> BackwardRules:
    return BackwardRules(
        rectifier=elementwise,
        activation=elementwise,
        max_pool=max_pool,
        product=product,
        normalise=normalise,
        softmax=softmax,
    )
