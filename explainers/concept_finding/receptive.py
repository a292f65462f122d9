"""How much of the picture one position of a layer looks at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from explainers.concept_finding.layer_maps import cell_centres
from explainers.face_model import FaceModel
from explainers.modes import evaluating


def field_side(model: FaceModel, layer: str, share: float, seed: int = 0) -> int:
    """Side of the square around a position that holds most of what the position looks at, pixels.

    Source: Luo et al., Understanding the Effective Receptive Field (2016); survey, Section 2.1.
    Formula: the smallest odd side whose square around the middle position's centre holds ``share``
    of the squared gradient of that position's activations, signs of channels at random, in noise.

    Arguments:
        layer: one that puts out a map.
        share: in (0, 1]; 1 is the whole field that is not exactly zero.

    Example:
        >>> from explainers.models import expression
        >>> model = expression.load()
        >>> field_side(model, "dense0.conv0", 1.0) < field_side(model, "dense1", 0.9)
        True
    """
    size = model.input_size
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(4, 3, size, size, generator=generator).to(model.device).requires_grad_()
    with evaluating(model.network), torch.enable_grad():
        output = model.features(x, layer)
        row, column = (side // 2 for side in output.shape[2:])
        signs = torch.randint(2, output.shape[:2], generator=generator) * 2 - 1
        answer = (output[:, :, row, column] * signs.to(output)).sum()
        (gradient,) = torch.autograd.grad(answer, x)
    energy = gradient.square().sum((0, 1)).double().cpu().numpy()
    rows, columns = cell_centres(model, layer)
    y, x_ = round(float(rows[row])), round(float(columns[column]))
    away = np.maximum(abs(np.arange(size) - y)[:, None], abs(np.arange(size) - x_)[None, :])
    inside = np.bincount(away.ravel(), energy.ravel()).cumsum()
    reach = int(np.searchsorted(inside, share * inside[-1] * (1 - 1e-9)))
    return min(2 * reach + 1, size)


def window(size: int, middle: tuple[float, float], side: int) -> npt.NDArray[np.bool_]:
    """A square around a place, moved so that all of it lies in the picture, bool [size, size].

    Arguments:
        middle: row and column.

    Example:
        >>> window(6, (0.0, 4.0), 3).sum(0).tolist()
        [0, 0, 0, 3, 3, 3]
    """
    mask = np.zeros((size, size), bool)
    top, left = (min(max(round(place - (side - 1) / 2), 0), size - side) for place in middle)
    mask[top : top + side, left : left + side] = True
    return mask
