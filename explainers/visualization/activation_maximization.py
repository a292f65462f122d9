"""Paints the picture that the network finds most typical of a class, from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
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
from explainers.optimizing.transformations import STILL, RandomViews, resize
from explainers.parameter_checks import Checks
from explainers.target import Target, on_scale
from explainers.targets.class_score import ClassScore


@dataclass(frozen=True)
class ActivationMaximization:
    """Activation maximization with total variation.

    Source: Erhan et al., Visualizing Higher-Layer Features of a Deep Network (2009); Simonyan et
    al. (2013) for classes; eq. 7; the stronger priors are those of Olah, Mordvintsev & Schubert,
    Feature Visualization (2017).
    Formula: ``x* = argmax phi(x) - tv TV(x) - gray |2 x - 1|^2`` with the class' logit ``phi``;
    TV and norm are means over pixels.

    Arguments:
        variant: ``tv`` optimises pixels with total variation alone; ``robust`` optimises waves in
            decorrelated colours that must please the network from several points of view.
        symmetric: draw the same on both sides of the face (``robust`` only).
        total_variation: weight of the total variation; larger is smoother.
        beta: power of the total variation; 2 makes edges soft, 1 sharp.
        gray: weight of the pull to mid-gray (``robust`` only); larger leaves more of the picture
            empty.
        chroma: how freely colours move, against 1 for light (``robust`` only).
        decay: how much quieter short waves are than long ones (``robust`` only).
        views: how many random views of the picture the network sees at each step.
        size: side of the picture that is painted, in pixels; 0 for the network's own.
        starts: how many beginnings are tried, a third of the steps each; the one that fulfils
            eq. 7 best is carried on. The argmax has many local rivals, and few of them are faces.
        iterations: steps of the optimiser.
        rate: size of its first step.
        seed: where the picture starts, and the views.

    Errors: Problems for parameters out of range.
    """

    per: ClassVar[str] = "class"
    kind: ClassVar[str] = "image"

    variant: Literal["tv", "robust"] = "robust"
    symmetric: bool = True
    total_variation: float = 30.0
    beta: float = 1.0
    gray: float = 3.0
    chroma: float = 0.4
    decay: float = 1.0
    views: int = 2
    size: int = 0
    starts: int = 6
    iterations: int = 150
    rate: float = 0.04
    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "activation_maximization")
        checks.choice("variant", ("tv", "robust"))
        checks.number("total_variation")
        checks.number("beta", least=1.0)
        checks.number("gray")
        checks.number("chroma")
        checks.number("decay")
        checks.whole("views", least=1)
        checks.whole("size", least=0)
        checks.whole("starts", least=1)
        checks.whole("iterations", least=1)
        checks.number("rate")
        checks.whole("seed", least=0)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The picture, [3, size, size]; the face is not asked.

        The checks hold the ``loss``, the target's value for the picture itself, without any
        transformation (``score``), for a class its ``probability``, and ``iterations``.
        """
        with evaluating(model.network):
            canvas, loss = self._paint(model, on_scale(target, "logit"), progress)
            with torch.no_grad():
                picture = canvas().to(model.device)
                seen = resize(picture, model.input_size)
                checks: dict[str, float | int | str] = {
                    "loss": loss,
                    "score": float(on_scale(target, "logit")(model, seen)[0]),
                    "iterations": self.iterations,
                }
                if isinstance(target, ClassScore):
                    checks["probability"] = float(on_scale(target, "probability")(model, seen)[0])
        return Explanation(picture[0].cpu().numpy(), "image", checks)

    def _paint(
        self, model: FaceModel, target: Target, progress: Progress | None
    ) -> tuple[Canvas, float]:
        """The best of several short beginnings, carried on to the end, and its last loss."""
        generator = Generator().manual_seed(self.seed)
        short = self.iterations // 3 if self.starts > 1 else 0
        total = self.starts * short + self.iterations

        def work(canvas: Canvas, iterations: int, before: int) -> float:
            steps = count()

            def loss() -> Tensor:
                x = canvas().to(model.device)
                still = next(steps) >= (1 - STILL) * iterations
                seen = self._views(x, model.input_size, None if still else generator)
                return self._penalty(x) - target(model, seen).mean()

            def told(done: int, _: int) -> None:
                if progress is not None:
                    progress(before + done, total)

            return minimise(
                loss, canvas.parameters, iterations=iterations, rate=self.rate, progress=told
            )

        def quality(canvas: Canvas) -> float:
            with torch.no_grad():
                x = canvas().to(model.device)
                seen = resize(x, model.input_size)
                return float(target(model, seen).mean() - self._penalty(x))

        size = self.size or model.input_size
        canvases = [self._canvas(size, generator) for _ in range(self.starts)]
        if short:
            for index, canvas in enumerate(canvases):
                work(canvas, short, index * short)
        best = max(canvases, key=quality)
        return best, work(best, self.iterations, self.starts * short)

    def _canvas(self, size: int, generator: Generator) -> Canvas:
        if self.variant == "tv":
            return Pixels(size, generator)
        return Fourier(size, generator, self.chroma, self.symmetric, self.decay)

    def _views(self, x: Tensor, size: int, generator: Generator | None) -> Tensor:
        if self.variant == "tv" or generator is None:
            return resize(x, size)
        return RandomViews()(x, self.views, size, generator)

    def _penalty(self, x: Tensor) -> Tensor:
        penalty = self.total_variation * total_variation(x, self.beta)
        if self.variant == "tv":
            return penalty
        return penalty + self.gray * alpha_norm(x, 2.0)
