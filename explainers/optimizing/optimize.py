"""The loop that feature inversion and activation maximization share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from explainers.explanation import Progress
from explainers.problems import Problems


def minimise(
    loss: Callable[[], Tensor],
    parameters: Sequence[Tensor],
    *,
    iterations: int,
    rate: float,
    progress: Progress | None = None,
) -> float:
    """Change ``parameters`` in place until ``loss`` is small; return the last loss.

    Source: Kingma & Ba, Adam (2015), with a rate that falls along half a cosine to 0 (Loshchilov &
    Hutter, SGDR, 2017), so that the last steps only polish.

    Arguments:
        loss: the scalar to make small, computed from ``parameters``.
        parameters: leaf tensors that require gradients.
        iterations: how many steps.
        rate: of the first step.
        progress: told (steps done, steps in all).

    Errors: Problems when the loss is no finite number any more.

    Example:
        >>> x = torch.tensor(3.0, requires_grad=True)
        >>> minimise(lambda: (x - 1) ** 2, [x], iterations=200, rate=0.1) < 1e-3
        True
    """
    optimizer = torch.optim.Adam(parameters, rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (1 + math.cos(math.pi * step / iterations)) / 2
    )
    last = math.nan
    with torch.enable_grad():
        for step in range(iterations):
            optimizer.zero_grad()
            value = loss()
            last = float(value.detach())
            if not math.isfinite(last):
                raise Problems.one(
                    "optimisation",
                    f"the loss is {last} after {step} steps",
                    "lower the rate, or check the network's weights",
                )
            torch.autograd.backward(value)
            optimizer.step()
            schedule.step()
            if progress is not None:
                progress(step + 1, iterations)
    return last
