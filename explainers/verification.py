"""Whether a recognition network says that two pictures show the same person."""

from __future__ import annotations

import torch

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.manifest import Prediction
from explainers.modes import evaluating
from explainers.problems import Problems

SAME, DIFFERENT = "same", "different"


def verify(model: FaceModel, face: Face, other: Face) -> Prediction:
    """What a network says about two faces: ``same`` or ``different``.

    Source: Schroff, Kalenichenko & Philbin, FaceNet (2015), Section 1: a threshold on the distance.
    Formula: ``same`` where ``|f(x) - f(y)| < model.same_below``; ``value`` is the cosine
    ``f(x) . f(y) / (|f(x)| |f(y)|)``, which explanations of ``similarity`` are about. There is no
    probability: how many pairs at such a distance show one person depends on who is compared.

    Errors: Problems for a model that knows no such distance.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import recognition
        >>> a, b = load_faces("rendered", None, ["f01", "f16"])
        >>> said = verify(recognition.load(), a, b)
        >>> said.label, said.probability, round(said.value, 2), said.compared
        ('different', None, 0.81, 'f16')
    """
    if model.same_below is None:
        raise Problems.one(
            f"model {model.name}",
            "cannot say whether two pictures show the same person",
            "leave compare: out, use recognition, or let your FaceModel have same_below",
        )
    with evaluating(model.network), torch.no_grad():
        first, second = model.logits(model.prepare([face, other])).double()
    distance = float(torch.linalg.vector_norm(first - second))
    cosine = float(torch.nn.functional.cosine_similarity(first, second, dim=0))
    label, runner_up = (SAME, DIFFERENT) if distance < model.same_below else (DIFFERENT, SAME)
    return Prediction(model.name, face.id, label, None, cosine, runner_up, other.id)
