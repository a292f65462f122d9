"""Softmax between two points: its difference shared out among what differs."""

from __future__ import annotations

import torch
from torch import Tensor

from explainers.backward_rules import secant


def softmax_secant(x: Tensor, x0: Tensor, dim: int, log: bool) -> Tensor:
    """What is linear in ``x`` and differs between ``x`` and ``x0`` as softmax does.

    Source: the rescale and product rules of Shrikumar et al., DeepLIFT (2017), for the steps that
    softmax consists of: ``e = exp(x - c)``, ``s = sum e`` and ``e / s``, or ``log e - log s``. The
    shift ``c`` is the same for both points, so that it cancels out.
    Formula: ``m (x - x0)`` is ``softmax(x) - softmax(x0)``, with ``m`` constant.

    Arguments:
        x, x0: of the same shape.
        dim: along which softmax sums to 1.
        log: for the logarithm of softmax.

    Returns: of the shape of ``x``, to be differentiated; its value is softmax but for a constant.

    Example:
        >>> x, x0 = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 5.0])
        >>> difference = softmax_secant(x, x0, 0, log=False) - softmax_secant(x0, x, 0, log=False)
        >>> bool(torch.allclose(difference, x.softmax(0) - x0.softmax(0)))
        True
    """
    c = torch.maximum(x, x0).detach().amax(dim, keepdim=True)
    e, e0 = (x.detach() - c).exp(), (x0.detach() - c).exp()
    s, s0 = e.sum(dim, keepdim=True), e0.sum(dim, keepdim=True)
    linear = secant(e, e0, x, x0.detach(), otherwise=e * x)
    total = linear.sum(dim, keepdim=True)
    if log:
        return x - secant(s.log(), s0.log(), _at(total, s), s0, otherwise=total / s)
    inverse = -total / (s * s0)
    return (linear * (1 / s + 1 / s0) + inverse * (e + e0)) / 2


def _at(x: Tensor, value: Tensor) -> Tensor:
    """``value``, with the gradient of ``x``."""
    return value + (x - x.detach())
