"""Finds a smooth picture that a layer sees just as it sees the face: what the layer has kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Generator, Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.optimizing.canvas import Canvas, Fourier, Pixels
from explainers.optimizing.optimize import minimise
from explainers.optimizing.priors import alpha_norm, total_variation
from explainers.parameter_checks import Checks
from explainers.target import Target


@dataclass(frozen=True)
class TotalVariation:
    """Feature inversion with total variation and the alpha-norm.

    Source: Mahendran & Vedaldi, Understanding Deep Image Representations by Inverting Them (2015);
    eq. 8.
    Formula: ``x* = argmin |phi(x) - phi0|^2 / |phi0|^2 + tv TV(x) + norm |2 x - 1|^alpha`` with
    the layer's output ``phi`` and that for the face ``phi0``; TV and norm are means over pixels.

    Arguments:
        layer: the layer to look at; empty for the one that the model names.
        variant: ``tv`` optimises pixels, as in the paper; ``robust`` optimises waves in
            decorrelated colours, which shows the same with less noise.
        total_variation: weight of the total variation; larger is smoother.
        beta: power of the total variation; 2 makes edges soft, 1 sharp.
        alpha_norm: weight of the alpha-norm; larger is paler.
        alpha: power of the alpha-norm.
        chroma: how freely colours move, against 1 for light (``robust`` only).
        iterations: steps of the optimiser.
        rate: size of its first step.
        seed: where the picture starts.

    Errors: Problems for parameters out of range and for a layer that does not exist.
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "image"

    layer: str = ""
    variant: Literal["tv", "robust"] = "robust"
    total_variation: float = 50.0
    beta: float = 2.0
    alpha_norm: float = 0.01
    alpha: float = 6.0
    chroma: float = 0.5
    iterations: int = 200
    rate: float = 0.08
    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "total_variation")
        checks.text("layer")
        checks.choice("variant", ("tv", "robust"))
        checks.number("total_variation")
        checks.number("beta", least=1.0)
        checks.number("alpha_norm")
        checks.number("alpha", least=1.0)
        checks.number("chroma")
        checks.whole("iterations", least=1)
        checks.number("rate")
        checks.whole("seed", least=0)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target | None = None,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The inverted picture, [3, S, S]; the target is not asked, the layer is what is shown.

        The checks hold the ``layer``, the ``loss``, the ``feature_distance``
        ``|phi(x*) - phi0| / |phi0|`` and the number of ``iterations``.
        """
        if face is None:
            raise ValueError("feature inversion explains a face")
        layer = self.layer or model.layer
        with evaluating(model.network):
            wanted = model.features(model.prepare([face]), layer).detach()
            canvas, loss = self.invert(model, wanted, layer, progress)
            with torch.no_grad():
                picture = canvas().to(model.device)
                distance = (model.features(picture, layer) - wanted).norm() / wanted.norm()
        checks: dict[str, float | int | str] = {
            "layer": layer,
            "loss": loss,
            "feature_distance": float(distance),
            "iterations": self.iterations,
        }
        return Explanation(picture[0].cpu().numpy(), "image", checks)

    def invert(
        self, model: FaceModel, wanted: Tensor, layer: str, progress: Progress | None = None
    ) -> tuple[Canvas, float]:
        """A picture whose features are like ``wanted``, [1, ...], and the last loss."""
        generator = Generator().manual_seed(self.seed)
        size = model.input_size
        canvas: Canvas
        if self.variant == "tv":
            canvas = Pixels(size, generator)
        else:
            canvas = Fourier(size, generator, self.chroma)
        energy = wanted.square().sum()

        def loss() -> Tensor:
            x = canvas().to(model.device)
            distance = (model.features(x, layer) - wanted).square().sum() / energy
            return (
                distance
                + self.total_variation * total_variation(x, self.beta)
                + self.alpha_norm * alpha_norm(x, self.alpha)
            )

        return canvas, minimise(
            loss,
            canvas.parameters,
            iterations=self.iterations,
            rate=self.rate,
            progress=progress,
        )
