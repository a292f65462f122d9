"""Where networks compute: on the processor, or on a graphics card."""

from __future__ import annotations

from dataclasses import replace

import torch

from explainers.building.options import Device
from explainers.face_model import FaceModel
from explainers.problems import Problems


def choose(wanted: Device, offered: bool = False, where: str = "--device") -> str:
    """``cpu`` or ``cuda``, for one process.

    Arguments:
        wanted: what the person asked for.
        offered: whether this process was given a graphics card of its own: a worker of a cluster
            that was started with ``--resources GPU=1``. Only then ``auto`` uses one: several
            processes that share a card by accident are slower than none.
        where: who is asked, in an error.

    Errors: Problems when there has to be a graphics card and torch finds none.

    Example:
        >>> choose("auto"), choose("cpu", offered=True)
        ('cpu', 'cpu')
    """
    if wanted == "cpu" or (wanted == "auto" and not offered):
        return "cpu"
    if not torch.cuda.is_available():
        what = "there is no graphics card that torch can use (CUDA)"
        fix = "install torch for CUDA and the card's driver, or use the processor: --device cpu"
        if offered:
            fix = "start the worker without GPU=1, or install torch for CUDA and the card's driver"
        raise Problems.one(where, what, fix)
    return "cuda"


def moved(model: FaceModel, device: str) -> FaceModel:
    """The model with its network on ``device``, tried there.

    Numbers stay as near to the processor's as the card allows: full 32 bits instead of TF32, and
    algorithms that give the same result each time.
    """
    if device == model.device.type:
        return model
    if device == "cuda":
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.deterministic = True
    # In place, because a function behind the classes (years of age) may be bound to the network.
    model.network.to(device)
    return replace(model)
