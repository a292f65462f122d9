"""Losses that make a network's filters look at different places, whatever covers the others.

For training code: differentiable, on any device. Source of all: Yin, Tran, Li, Shen & Liu, Towards
Interpretable Face Recognition (2019), section 3; survey, Section 5. A training step adds to its
recognition loss

    spatial_activation_diversity(largest_responses(maps))
    + feature_activation_diversity(features, covered_features)

with ``maps`` of the last convolution, ``features`` their means over positions, and
``covered_features`` those of the same faces with a part of each covered.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SIGMA = 1.5
"""Standard deviation of the blur, in positions, at which the weights are about the paper's."""
LARGEST = 1 / 24
"""Share of positions that are kept: one line of the paper's 24 x 24 maps."""
KEPT = 260 / 320
"""Share of features that should not change: 260 of the paper's 320."""


def spatial_activation_diversity(responses: Tensor) -> Tensor:
    """How alike the places are where filters answer: 0 if no two share a place, 1 if all are equal.

    Formula: ``mean_n mean_{i<j} (<b_i, b_j> / (|b_i| |b_j|))^2`` with the map ``b_i`` of filter
    ``i`` blurred by a 3 x 3 Gaussian, so that neighbouring places count as alike.

    Arguments:
        responses: maps of K >= 2 filters, [N, K, h, w]; filters without any answer count as unlike.

    Returns: [], differentiable.
    Errors: ValueError for another shape.

    Example:
        >>> maps = torch.zeros(1, 2, 8, 8)
        >>> maps[0, 0, 1, 1] = maps[0, 1, 6, 6] = 1.0
        >>> float(spatial_activation_diversity(maps))
        0.0
    """
    if responses.ndim != 4 or responses.shape[1] < 2:
        raise ValueError(f"maps of two filters or more, [N, K, h, w], not {list(responses.shape)}")
    count = responses.shape[1]
    steps = torch.tensor([-1.0, 0.0, 1.0], dtype=responses.dtype, device=responses.device)
    line = torch.exp(-(steps**2) / (2 * SIGMA**2))
    kernel = torch.outer(line, line) / line.sum() ** 2
    blurred = functional.conv2d(
        responses, kernel.expand(count, 1, 3, 3), padding=1, groups=count
    ).flatten(2)
    unit = functional.normalize(blurred, dim=2, eps=1e-12)
    cosines = unit @ unit.transpose(1, 2)
    rest = cosines - torch.diag_embed(cosines.diagonal(dim1=1, dim2=2))
    return rest.square().sum((1, 2)).mean() / (count * (count - 1))


def feature_activation_diversity(features: Tensor, covered: Tensor, kept: float = KEPT) -> Tensor:
    """How much the features change that a covered part of the face should not change.

    Formula: ``sum_i t_i d_i`` with ``d_i = mean_n |f_i(x_n) - f_i(x'_n)|``, and ``t_i = 1`` for the
    share ``kept`` of features with the smallest change, else 0: the others are those that look at
    what was covered and may change. ``t`` is held fixed for the gradient. All faces of a batch are
    covered at the same place of the face.

    Arguments:
        features: of N faces, [N, K].
        covered: of the same faces with a part covered, [N, K].
        kept: share of features that should not change, in (0, 1].

    Returns: [], differentiable in both.
    Errors: ValueError for shapes that differ, or a share out of range.

    Example:
        >>> plain = torch.tensor([[1.0, 2.0, 3.0]])
        >>> float(feature_activation_diversity(plain, torch.tensor([[1.0, 2.5, 9.0]]), 2 / 3))
        0.5
    """
    if features.ndim != 2 or features.shape != covered.shape:
        shapes = f"{list(features.shape)} and {list(covered.shape)}"
        raise ValueError(f"features and covered ones are both [N, K], not {shapes}")
    if not 0 < kept <= 1:
        raise ValueError(f"kept is a share above 0 and at most 1, not {kept}")
    changes = (features - covered).abs().mean(0)
    count = max(1, round(kept * len(changes)))
    least = changes.detach().argsort(stable=True)[:count]
    return changes[least].sum()


def largest_responses(responses: Tensor, share: float = LARGEST) -> Tensor:
    """Maps without their weak answers, which carry noise rather than a place.

    Formula: ``a_ij`` where ``|a_ij| > d``, else 0, with the value ``d`` that stands at the edge of
    the largest ``share`` of ``|a|`` in each map.

    Arguments:
        responses: [N, K, h, w].
        share: of positions that are kept, in (0, 1].

    Example:
        >>> largest_responses(torch.tensor([[[[3.0, -4.0], [1.0, 2.0]]]]), 0.5).tolist()
        [[[[3.0, -4.0], [0.0, 0.0]]]]
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is above 0 and at most 1, not {share}")
    sizes = responses.detach().abs().flatten(2)
    kept = max(1, round(share * sizes.shape[2]))
    if kept == sizes.shape[2]:
        return responses
    edge = sizes.kthvalue(sizes.shape[2] - kept, dim=2).values[:, :, None, None]
    return torch.where(responses.abs() > edge, responses, torch.zeros_like(responses))
