"""Female or male, as rated by others; small Xception at 112 px (face-api, MIT)."""

from __future__ import annotations

from explainers.face_model import FaceModel
from explainers.loading.weights import shipped
from explainers.networks.xception import XceptionFaceNet

LABELS = ("male", "female")


def load() -> FaceModel:
    """The gender network of face-api.js."""
    weights = shipped("gender")
    return FaceModel(
        name="gender",
        task="gender",
        network=weights.network(lambda: XceptionFaceNet(outputs=len(LABELS))),
        labels=LABELS,
        input_size=112,
        chip_padding=0.25,
        layer="middle1",
        weights_sha256=weights.sha256,
        licence=weights.licence,
        source=weights.source,
    )
