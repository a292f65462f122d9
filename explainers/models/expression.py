"""Seven facial expressions; dense blocks at 112 px (face-api, MIT)."""

from __future__ import annotations

from explainers.face_model import FaceModel
from explainers.loading.weights import shipped
from explainers.networks.dense import DenseFaceNet

LABELS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")


def load() -> FaceModel:
    """The expression network of face-api.js."""
    weights = shipped("expression")
    return FaceModel(
        name="expression",
        task="expression",
        network=weights.network(lambda: DenseFaceNet(outputs=len(LABELS))),
        labels=LABELS,
        input_size=112,
        chip_padding=0.25,
        layer="dense2",
        weights_sha256=weights.sha256,
        licence=weights.licence,
        source=weights.source,
    )
