"""Changes the average face until the network finds it most typical of a class."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import ClassVar

import torch
from torch import Generator, Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.mean_face import mean_face, mean_face_sha256
from explainers.modes import evaluating
from explainers.optimizing.canvas import Fourier
from explainers.optimizing.optimize import minimise
from explainers.optimizing.priors import alpha_norm, total_variation
from explainers.optimizing.transformations import STILL, RandomViews
from explainers.parameter_checks import Checks
from explainers.target import Target, on_scale
from explainers.targets.class_score import ClassScore

DARKEST = 0.02
"""Colours of the start are kept so far from 0 and 1 that the optimiser can still move them."""


@dataclass(frozen=True)
class SeededMaximization:
    """Activation maximization with total variation that starts at the average face.

    Source: eq. 7, seeded with dataset images (section 3.1, Fig. 8e): Nguyen, Yosinski & Clune,
    Multifaceted Feature Visualization (2016), who start at a mean image.
    Formula: ``x* = argmax phi(x) - tv TV(x) - pull |2 (x - m)|^2`` with the class' logit ``phi``
    and the average face ``m`` at reduced contrast, where ``x`` starts; means over pixels. The
    picture is ``sigmoid(logit(m) + w)``, waves ``w`` in decorrelated colours being optimised.

    The prior is stronger than `activation_maximization`'s: that there is a face comes from ``m``,
    only what differs from ``m`` comes from the network.

    Arguments:
        contrast: of the average face at the start; 0 is gray, 1 the faces' own.
        pull: weight of the distance from the average face; larger changes less of it.
        total_variation: weight of the total variation; larger is smoother.
        beta: power of the total variation; 2 makes edges soft, 1 sharp.
        chroma: how freely colours move, against 1 for light.
        decay: how much quieter short waves are than long ones.
        haze: up to this fraction of the contrast is taken away in what the network sees, so that
            changes become strong and typical.
        views: how many random views of the picture the network sees at each step.
        iterations: steps of the optimiser.
        rate: size of its first step.
        seed: of the random views and of the faint pattern on top of the start.

    Errors: Problems for parameters out of range.
    """

    per: ClassVar[str] = "class"
    kind: ClassVar[str] = "image"

    contrast: float = 0.6
    pull: float = 8.0
    total_variation: float = 15.0
    beta: float = 1.0
    chroma: float = 0.4
    decay: float = 1.2
    haze: float = 0.3
    views: int = 2
    iterations: int = 120
    rate: float = 0.04
    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "seeded_maximization")
        checks.number("contrast", most=1.0)
        checks.number("pull")
        checks.number("total_variation")
        checks.number("beta", least=1.0)
        checks.number("chroma")
        checks.number("decay")
        checks.number("haze", most=1.0)
        checks.whole("views", least=1)
        checks.whole("iterations", least=1)
        checks.number("rate")
        checks.whole("seed", least=0)
        checks.done()

    @property
    def data_sha256(self) -> str:
        """SHA-256 of the faces that the average is made of: the result depends on them."""
        return mean_face_sha256()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The picture, [3, S, S]; the face is not asked.

        The checks hold the ``loss``, the target's value for the picture (``score``) and for the
        average face (``start``), for a class its ``probability``, and ``iterations``.
        """
        generator = Generator().manual_seed(self.seed)
        mean = torch.from_numpy(mean_face(model.input_size, model.chip_padding))[None]
        start = 0.5 + (mean - 0.5) * self.contrast
        offset = torch.logit(start.clamp(DARKEST, 1 - DARKEST))
        canvas = Fourier(model.input_size, generator, self.chroma, True, self.decay)
        views = RandomViews(haze=self.haze)
        logit = on_scale(target, "logit")

        def picture() -> Tensor:
            return torch.sigmoid(offset + torch.logit(canvas()))

        steps = count()

        def loss() -> Tensor:
            x = picture()
            away = alpha_norm(0.5 + (x - start), 2.0)
            penalty = self.total_variation * total_variation(x, self.beta) + self.pull * away
            seen = x.to(model.device)
            if next(steps) < (1 - STILL) * self.iterations:
                seen = views(seen, self.views, model.input_size, generator)
            return penalty - logit(model, seen).mean()

        with evaluating(model.network):
            last = minimise(
                loss,
                canvas.parameters,
                iterations=self.iterations,
                rate=self.rate,
                progress=progress,
            )
            with torch.no_grad():
                x = picture().to(model.device)
                checks: dict[str, float | int | str] = {
                    "loss": last,
                    "start": float(logit(model, start.to(model.device))[0]),
                    "score": float(logit(model, x)[0]),
                    "iterations": self.iterations,
                }
                if isinstance(target, ClassScore):
                    checks["probability"] = float(on_scale(target, "probability")(model, x)[0])
        return Explanation(x[0].cpu().numpy(), "image", checks)
