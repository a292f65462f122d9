"""Explaining again, and how far two maps are apart."""

from __future__ import annotations

import torch
from torch import Tensor

from explainers.explanation import Explainer
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.fidelity._hiding import heat
from explainers.problems import Problems
from explainers.target import Target


def explain(model: FaceModel, face: Face, target: Target, explainer: Explainer) -> Tensor:
    """The map of the explainer, float64, [S, S].

    Errors: Problems for an explainer that does not look at a face.
    """
    if explainer.per != "face":
        what = f"{type(explainer).__name__} explains a class, not a face"
        raise Problems.one("fidelity", what, "rate saliency methods")
    return heat(explainer(model, face, target), model)


def distance(a: Tensor, b: Tensor) -> float:
    """How far two maps are apart, in [0, 1]: 0 for the same, 1 for opposite ones.

    Formula: ``|a - b| / (|a| + |b|)`` with Euclidean norms; 0 for two maps of zeros.

    Example:
        >>> distance(torch.ones(2), torch.ones(2)), distance(torch.ones(2), -torch.ones(2))
        (0.0, 1.0)
    """
    size = float(a.norm() + b.norm())
    return float((a - b).norm()) / size if size > 0 else 0.0


def shuffled(values: Tensor, seed: int) -> Tensor:
    """The same values at random pixels."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(values.numel(), generator=generator)
    return values.flatten()[order].reshape(values.shape)
