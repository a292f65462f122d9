"""One run of a target forward and backward: its scores and what arrives at the pictures."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal, get_args

import torch
from torch import Tensor

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.problems import Problems
from explainers.target import Target

Colours = Literal["sum", "magnitude"]
COLOURS: tuple[Colours, ...] = get_args(Colours)


def picture(model: FaceModel, face: Face | None, method: str) -> Tensor:
    """The face as the network takes it, [1, 3, S, S]; ValueError without a face."""
    if face is None:
        raise ValueError(f"{method} explains a face")
    return model.prepare([face])


def backward(
    model: FaceModel,
    target: Target,
    x: Tensor,
    method: str,
    rules: AbstractContextManager[object] | None = None,
) -> tuple[Tensor, Tensor]:
    """The target of each picture and its gradient, or what arrives by other rules.

    Arguments:
        x: [N, 3, S, S].
        method: whose name an error gives.
        rules: in force while the network runs forward, such as ``BackwardRules``.

    Returns: scores [N] and gradients [N, 3, S, S].
    Errors: Problems where no gradient reaches the picture, or it is not finite.
    """
    x = x.detach().contiguous(memory_format=torch.channels_last).requires_grad_()
    with torch.enable_grad(), evaluating(model.network), rules or nullcontext():
        scores = target(model, x)
    gradient = None
    if scores.requires_grad:
        (gradient,) = torch.autograd.grad(scores.sum(), x, allow_unused=True)
    if gradient is None:
        raise Problems.one(
            f"model {model.name}",
            f"lets no gradient through to the picture, which {method} needs",
            "use a method without gradients, such as occlusion or rise",
        )
    check_finite(model, gradient, method)
    return scores.detach(), gradient


def check_finite(model: FaceModel, gradient: Tensor, method: str) -> None:
    """Refuse what is not finite, with the method that can serve the network all the same."""
    if not bool(torch.isfinite(gradient).all()):
        raise Problems.one(
            f"model {model.name}",
            f"has a gradient that is not finite (NaN or infinite), which {method} needs",
            "use a method without gradients, such as occlusion or rise",
        )


def one_value(gradient: Tensor, colours: Colours) -> Tensor:
    """One value for each pixel, [3, S, S] → [S, S]: the sum or the largest size of its colours.

    A sum keeps completeness; the largest size is what Simonyan et al. (2014) draw.

    Example:
        >>> gradient = torch.tensor([1.0, -3.0, 0.5]).view(3, 1, 1)
        >>> float(one_value(gradient, "sum")), float(one_value(gradient, "magnitude"))
        (-1.5, 3.0)
    """
    return gradient.sum(0) if colours == "sum" else gradient.abs().amax(0)
