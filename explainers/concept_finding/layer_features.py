"""What a layer makes of pictures, and how a class follows from it, in numbers for whole channels.

Concepts are looked for where they are, not where they lie in the picture: features are means over
a layer's positions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.explanation import Progress
from explainers.face_model import FaceModel
from explainers.hooks import capture, check_layers
from explainers.modes import evaluating
from explainers.problems import Problems

Array = npt.NDArray[Any]


def pooled(
    model: FaceModel,
    pictures: Tensor,
    layer: str,
    batch: int = 32,
    progress: Progress | None = None,
) -> Array:
    """The mean activation of each channel, [N, 3, S, S] → [N, C].

    Formula: ``a_k = mean_ij A_k(x)_ij``; a layer without a map is as it is.

    Errors: Problems for a layer that does not exist, or puts out neither [N, C, H, W] nor [N, C].
    """
    check_layers([layer], model.layers(), f"model {model.name}: layer")
    rows = []
    with evaluating(model.network), torch.inference_mode():
        for start in range(0, len(pictures), batch):
            some = pictures[start : start + batch].to(model.device)
            output = model.features(some, layer)
            _check(model, layer, output)
            rows.append(output.flatten(2).mean(2) if output.ndim == 4 else output)
            if progress is not None:
                progress(min(start + batch, len(pictures)), len(pictures))
    return torch.cat(rows).double().cpu().numpy()


def gradients(model: FaceModel, pictures: Tensor, layer: str, label: str, batch: int = 32) -> Array:
    """How a class' logit rises when each channel rises everywhere, [N, 3, S, S] → [N, C].

    Formula: ``g_k = sum_ij d f_c(x) / d A_k(x)_ij``, the derivative of the logit when ``e_k`` is
    added to the activation at every position, which moves the mean by ``e_k`` too.

    Errors: Problems for a layer or class that does not exist, or a layer that the class does not
    follow from.
    """
    index = model.index(label)
    rows = []
    for start in range(0, len(pictures), batch):
        # The weights are frozen, so a graph needs a picture that asks for gradients.
        some = pictures[start : start + batch].to(model.device).requires_grad_()
        with evaluating(model.network), capture(model.network, [layer]) as outputs:
            logit = model.logits(some)[:, index].sum()
        _check(model, layer, outputs[layer])
        (found,) = torch.autograd.grad(logit, outputs[layer], allow_unused=True)
        if found is None:
            raise Problems.one(
                f"model {model.name}: layer",
                f"'{label}' does not follow from what '{layer}' puts out",
                "choose a layer on the way to the output",
            )
        rows.append(found.flatten(2).sum(2) if found.ndim == 4 else found)
    return torch.cat(rows).double().cpu().numpy()


def last_map(model: FaceModel) -> str:
    """The last layer that puts out a map of more than one position; ``model.layer`` if none does.

    Blocks that a user would name come before their own last part.
    """
    picture = torch.zeros(1, 3, model.input_size, model.input_size, device=model.device)
    with capture(model.network, model.layers()) as outputs, torch.inference_mode():
        model.logits(picture)
    maps = [name for name, out in outputs.items() if out.ndim == 4 and out.shape[2] > 1]
    blocks = [name for name in maps if "." not in name]
    return (blocks or maps or [model.layer])[-1]


def as_batch(pictures: list[npt.NDArray[np.float32]]) -> Tensor:
    """Pictures of one size as a batch, [N, 3, S, S]."""
    return torch.from_numpy(np.stack(pictures))


def _check(model: FaceModel, layer: str, output: Any) -> None:
    if not isinstance(output, Tensor) or output.ndim not in (2, 4):
        shape = list(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise Problems.one(
            f"model {model.name}: layer",
            f"'{layer}' puts out {shape}, neither a map [N, C, H, W] nor [N, C]",
            "choose a layer with channels",
        )
