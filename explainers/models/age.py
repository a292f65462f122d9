"""Age by decade and in years; small Xception at 112 px (face-api, MIT)."""

from __future__ import annotations

import torch
from torch import Tensor

from explainers.face_model import FaceModel
from explainers.loading.weights import shipped
from explainers.networks.xception import XceptionFaceNet

LABELS = (
    *("first decade", "teens", "20s", "30s", "40s", "50s", "60s", "70s"),
    "80s or older",
)
ERROR = 4.0
"""Standard deviation in years of the network's error, on photographs of adults."""


class AgeNet(XceptionFaceNet):
    """A network that estimates years, and from them scores of the decades.

    Formula: ``s_k = -(years - c_k)^2 / (2 sigma^2)`` with the decades' middles ``c_k = 10 k + 5``
    and ``sigma = ERROR``. The softmax of ``s`` is the posterior of equally likely decades when the
    estimate lies around the decade's middle with this normal error; the largest score is always
    that of the decade in which the estimate lies.
    Takes RGB in [0, 1], [N, 3, 112, 112]; returns [N, 9].
    """

    middles: Tensor

    def __init__(self) -> None:
        super().__init__(outputs=1)
        middles = 10.0 * torch.arange(len(LABELS)) + 5
        self.register_buffer("middles", middles, persistent=False)

    def years(self, x: Tensor) -> Tensor:
        """The estimated age in years, [N]."""
        return super().forward(x)[:, 0]

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the decades, [N, 9]."""
        return -((self.years(x)[:, None] - self.middles) ** 2) / (2 * ERROR**2)


def load() -> FaceModel:
    """The age network of face-api.js, which estimates years, with classes by decade.

    Example:
        >>> load().labels[4]
        '40s'
    """
    weights = shipped("age")
    network = weights.network(AgeNet)
    return FaceModel(
        name="age",
        task="age",
        network=network,
        labels=LABELS,
        input_size=112,
        chip_padding=0.35,
        layer="middle1",
        weights_sha256=weights.sha256,
        licence=weights.licence,
        source=weights.source,
        value=network.years,
    )
