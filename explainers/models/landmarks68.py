"""Sixty-eight facial landmarks; dense blocks at 112 px (face-api, MIT)."""

from __future__ import annotations

from explainers.face_model import FaceModel
from explainers.loading.weights import shipped
from explainers.networks.dense import DenseFaceNet


def load() -> FaceModel:
    """The landmark network of face-api.js.

    It puts out 136 numbers, x and y of each point in turn, as fractions of the chip's side.
    """
    weights = shipped("landmarks68")
    return FaceModel(
        name="landmarks68",
        task="landmarks",
        network=weights.network(lambda: DenseFaceNet(outputs=136)),
        labels=(),
        input_size=112,
        chip_padding=0.25,
        layer="dense2",
        weights_sha256=weights.sha256,
        licence=weights.licence,
        source=weights.source,
    )
