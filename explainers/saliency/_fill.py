"""What a hidden part of the picture shows instead."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from scipy.sparse.linalg import splu
from torch import Tensor

from explainers.parameter_checks import Checks
from explainers.saliency.occlusion import blur

Fill = Literal["mean", "value", "blur"]
FILLS: tuple[Fill, ...] = get_args(Fill)
OUT_OF_FOCUS = 1 / 8
"""Standard deviation of the blur as a fraction of the side, unless a method says otherwise: wide
enough that eyes and mouth vanish."""


def behind(x: Tensor, fill: str, value: float = 0.5, sigma: float | None = None) -> Tensor:
    """The picture that shows where another one is hidden, [1, 3, S, S] → [1, 3, S, S].

    Arguments:
        fill: the picture's ``mean`` colour, one gray (``value``), or the picture out of focus
            (``blur``).
        value: the gray, 0 is black and 1 white.
        sigma: standard deviation of the blur, in pixels.
    """
    if fill == "value":
        return torch.full_like(x, value)
    if fill == "mean":
        return x.mean((2, 3), keepdim=True).expand_as(x)
    return blur(x, OUT_OF_FOCUS * x.shape[-1] if sigma is None else sigma)


def check_fill(checks: Checks, choices: tuple[str, ...] = FILLS) -> None:
    """The fields ``fill`` and ``value`` must be a known fill and a gray in [0, 1]."""
    checks.choice("fill", choices)
    checks.number("value", 0.0, 1.0)


def inpaint(x: Tensor, hidden: npt.NDArray[Any]) -> Tensor:
    """The picture with its hidden pixels filled in smoothly from what surrounds them.

    Formula: ``sum_q (u_p - u_q) = 0`` over the neighbours ``q`` (up, down, left, right) of each
    hidden pixel ``p``: the discrete Laplace equation, with the visible pixels as its border values
    and no flow across the picture's border.

    Arguments:
        x: [1, 3, S, S].
        hidden: bool, [S, S]; where all is hidden, the mean colour is shown.
    """
    if hidden.all():
        return behind(x, "mean").clone()
    picture = x[0].double().cpu().numpy()
    number = np.cumsum(hidden.ravel()).reshape(hidden.shape) - 1
    count = int(hidden.sum())
    degree, known = np.zeros(count), np.zeros((count, 3))
    pairs: list[npt.NDArray[Any]] = []
    for axis in (0, 1):
        length = hidden.shape[axis]
        for here, there in ((slice(1, None), slice(0, -1)), (slice(0, -1), slice(1, None))):
            p = np.moveaxis(hidden, axis, 0)[here]
            q = np.moveaxis(hidden, axis, 0)[there]
            index = np.moveaxis(number, axis, 0)
            assert p.shape[0] == length - 1
            np.add.at(degree, index[here][p], 1)
            pairs.append(np.stack([index[here][p & q], index[there][p & q]]))
            edge = np.moveaxis(picture, axis + 1, 1)[:, there][:, p & ~q]
            np.add.at(known, index[here][p & ~q], edge.T)
    rows, columns = np.concatenate(pairs, axis=1)
    neighbours = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    solved = splu((sparse.diags(degree) - neighbours).tocsc()).solve(known)
    picture[:, hidden] = solved.T
    return torch.from_numpy(picture)[None].to(x)
