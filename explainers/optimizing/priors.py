"""What pictures are like: penalties that keep an optimised picture natural (the R of eq. 7, 8).

Each is a plain function of a batch of pictures [N, C, H, W], differentiable, a mean over pixels so
that its weight does not depend on the picture's size.
"""

from __future__ import annotations

from torch import Tensor

TINY = 1e-8
"""Added to a squared gradient before a root, whose slope at 0 is infinite."""


def total_variation(x: Tensor, beta: float = 2.0) -> Tensor:
    """How much neighbouring pixels differ.

    Source: Mahendran & Vedaldi, Understanding Deep Image Representations by Inverting Them (2015),
    eq. 4; ``beta = 1`` is the isotropic total variation of Rudin, Osher & Fatemi (1992).
    Formula: mean over pixels (i, j) of ``((x[i, j+1] - x[i, j])^2 + (x[i+1, j] - x[i, j])^2)
    ^ (beta / 2)``; differences across the border are left out with their pixels.

    Arguments:
        x: pictures, [N, C, H, W].
        beta: 2 makes edges soft, 1 allows sharp ones.

    Returns: [], 0 for a picture of one colour.

    Example:
        >>> import torch
        >>> float(total_variation(torch.tensor([[[[0.0, 3.0], [4.0, 0.0]]]])))
        25.0
    """
    down = x[..., 1:, :-1] - x[..., :-1, :-1]
    right = x[..., :-1, 1:] - x[..., :-1, :-1]
    squared = down**2 + right**2
    return squared.mean() if beta == 2 else ((squared + TINY) ** (beta / 2)).mean()


def alpha_norm(x: Tensor, alpha: float = 6.0) -> Tensor:
    """How far colours are from mid-gray; a high power spares all but the extremes.

    Source: Mahendran & Vedaldi (2015), section 3; ``alpha = 2`` is a pull to gray.
    Formula: mean over values of ``|2 x - 1|^alpha``.

    Arguments:
        x: pictures in [0, 1].
        alpha: at least 1.

    Returns: [], 0 for mid-gray, 1 for pure black and white.

    Example:
        >>> import torch
        >>> float(alpha_norm(torch.tensor([0.0, 0.5, 0.5, 1.0]), alpha=6.0))
        0.5
    """
    return ((2 * x - 1).abs() ** alpha).mean()
