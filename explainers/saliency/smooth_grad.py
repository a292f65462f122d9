"""SmoothGrad: the mean gradient over copies of the picture with a little noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.parameter_checks import Checks
from explainers.saliency._backward import COLOURS, Colours, backward, one_value, picture
from explainers.target import SCALES, Scale, Target, on_scale


@dataclass(frozen=True)
class SmoothGrad:
    """SmoothGrad: the mean gradient over noisy copies of the picture.

    Source: Smilkov et al., SmoothGrad: removing noise by adding noise (2017); survey, Section 2.3.
    Formula: ``1/n sum_k df(x + e_k) / dx`` with ``e_k ~ N(0, s^2)`` and
    ``s = noise (max x - min x)``.

    Arguments:
        samples: n, how many noisy copies.
        noise: as a fraction of the picture's range; the paper finds 0.1 to 0.2 best.
        colours: ``sum`` keeps the sign; ``magnitude`` is the largest absolute value over the
            colours of the mean gradient.
        of: the scale on which a class is explained.
        seed: of the noise.
        batch: how many copies go through the network at once; it does not change the noise.

    Returns: [S, S]; at least 0 for ``magnitude``. The checks hold the target's ``score``, the
    number of ``samples``, and ``noise_left``: the standard error of the mean gradient as a
    fraction of the mean gradient's size (both root mean squares over pixels).
    Errors: Problems for parameters out of range and networks that let no gradient through.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> explanation = SmoothGrad(samples=2)(expression.load(), face, ClassScore("happy"))
        >>> explanation.checks["samples"]
        2
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    samples: int = 50
    noise: float = 0.15
    colours: Colours = "sum"
    of: Scale = "logit"
    seed: int = 0
    batch: int = 16

    def __post_init__(self) -> None:
        checks = Checks(self, "smooth_grad")
        checks.whole("samples", least=1)
        checks.number("noise", 0.0, 1.0)
        checks.choice("colours", COLOURS)
        checks.choice("of", SCALES)
        checks.whole("seed", least=0)
        checks.whole("batch", least=1)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The mean gradient, [S, S]."""
        x = picture(model, face, "smooth_grad")
        scaled = on_scale(target, self.of)
        with torch.no_grad(), evaluating(model.network):
            score = float(scaled(model, x)[0])
        generator = torch.Generator().manual_seed(self.seed)
        total, squares = torch.zeros_like(x[0]), torch.zeros_like(x[0])
        done = 0
        while done < self.samples:
            count = min(self.batch, self.samples - done)
            _, gradients = backward(model, scaled, self.noisy(x, count, generator), "smooth_grad")
            total += gradients.sum(0)
            squares += gradients.square().sum(0)
            done += count
            if progress is not None:
                progress(done, self.samples)
        mean = total / self.samples
        spread = (squares / self.samples - mean.square()).clamp(min=0).mean()
        size = float(mean.norm()) / mean.numel() ** 0.5
        error = float((spread / self.samples).sqrt())
        checks = {
            "score": score,
            "samples": self.samples,
            "noise_left": error / size if size > 0 else 0.0,
        }
        values = one_value(mean, self.colours).cpu().numpy()
        return Explanation(values, "signed" if self.colours == "sum" else "unsigned", checks)

    def noisy(self, x: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """Copies of the picture with noise, [1, 3, S, S] → [count, 3, S, S]."""
        scale = self.noise * (x.max() - x.min())
        # One by one, so that the noise is the same whatever the batch.
        noise = [torch.randn(x.shape, generator=generator) for _ in range(count)]
        return x + scale * torch.cat(noise).to(x)
