"""Whose face it is: an embedding of 128 numbers; residual network at 150 px (face-api, MIT)."""

from __future__ import annotations

from explainers.face_model import FaceModel
from explainers.loading.weights import shipped
from explainers.networks.resnet import ResidualFaceNet

SAME_BELOW = 0.6
"""The distance of embeddings below which dlib takes two pictures for the same person."""


def load() -> FaceModel:
    """The recognition network of face-api.js, which is dlib's.

    Two pictures show the same person when the distance of their embeddings (``logits``) is
    below 0.6 (`explainers.verification`).
    """
    weights = shipped("recognition")
    return FaceModel(
        name="recognition",
        task="recognition",
        network=weights.network(ResidualFaceNet),
        labels=(),
        input_size=150,
        chip_padding=0.25,
        layer="conv64_3",
        weights_sha256=weights.sha256,
        licence=weights.licence,
        source=weights.source,
        same_below=SAME_BELOW,
    )
