"""Hides small soft spots where the network looks most, and averages those that cost most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.occluding.fill import behind
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.rounding import rounding
from explainers.saliency._excitation import excite
from explainers.saliency._fill import check_fill
from explainers.saliency._soft_masks import (
    MaskedFace,
    agreement,
    batches,
    check_cells,
    random_shifts,
    soft_masks,
)
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class Dise:
    """DISE: density-based input sampling for explanation, RISE for faces.

    Source: Williford, May & Byrne, Explainable Face Recognition (2020), Section 4.2; survey,
    Section 2.4. Meant for a triplet of probe, mate and non-mate; any target can be explained.
    Formula: ``1 / N sum_k max(0, f(x) - f(x under 1 - h_k)) h_k``; ``h_k`` is a soft spot of
    ``elements`` cells of a grid, enlarged bilinearly and shifted at random. Cells are drawn without
    replacement with a probability proportional to the prior's mean in them; the half of the cells
    with the least prior is never drawn. Masks that hide little, at places that can matter, tell
    more about a face than RISE's, which hide half of it. The map is not divided by how often a
    pixel was hidden: prior and drop count, as in the source.

    Arguments:
        samples: how many masks.
        cells: of the grid, in each direction; the source's are a nineteenth of the picture.
        elements: cells that one mask hides.
        prior: where masks are drawn: by ``excitation`` backprop from all outputs alike (as in the
            source), by the size of the target's ``gradient``, or anywhere (``uniform``).
        masks: which masks count: those that cost something (``positive``), as in the source, or
            ``all``, so that negative values show what speaks against the target.
        fill: what a spot shows: the picture out of focus (``blur``), its ``mean`` colour, or one
            gray (``value``).
        sharpness: standard deviation of the blur, as a fraction of the picture's side.
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` or ``logit``.
        seed: of the masks.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, or more cells than pixels.

    Example:
        >>> Dise(samples=100, prior="uniform").elements
        1
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    samples: int = 2000
    cells: int = 19
    elements: int = 1
    prior: Literal["excitation", "gradient", "uniform"] = "excitation"
    masks: Literal["positive", "all"] = "positive"
    fill: Literal["blur", "mean", "value"] = "blur"
    sharpness: float = 0.04
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    seed: int = 0
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "dise")
        checks.whole("samples", least=2)
        checks.whole("cells", least=2)
        checks.whole("elements", least=1)
        checks.choice("prior", ("excitation", "gradient", "uniform"))
        checks.choice("masks", ("positive", "all"))
        check_fill(checks)
        checks.number("sharpness", 1e-3, 1.0)
        checks.choice("of", SCALES)
        checks.whole("seed", least=0)
        checks.whole("batch", least=1)
        numbers = isinstance(self.elements, int) and isinstance(self.cells, int)
        if numbers and self.elements > max(1, self.cells**2 // 2) > 0 < self.cells:
            checks.add(
                "elements",
                f"{self.elements} are more than the half of the cells that masks are drawn from",
                f"write elements: {self.cells**2 // 2} or less, or more cells",
            )
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """What hiding soft spots around each pixel costs, [S, S].

        The checks hold the target's value for the whole picture (``score``), the number of
        ``masks``, how many of them count (``used``), the largest drop of any mask, and the
        correlation of the maps from every second mask and from the others (``agreement``).
        """
        if face is None:
            raise ValueError("dise explains a face")
        x = model.prepare([face])
        size = x.shape[-1]
        check_cells("dise", self.cells, size)
        scaled = on_scale(target, self.of)
        back = behind(x, self.fill, self.value, self.sharpness * size)
        masked = MaskedFace(model, scaled, x, back, self.samples + 1, progress)
        score = masked.ask(torch.ones_like(x[:, 0]))
        density = self.density(model, face, scaled)
        generator = torch.Generator().manual_seed(self.seed)
        halves, used, largest, done = x.new_zeros(2, size, size), 0, -torch.inf, 0
        limit = rounding(score)
        for count in batches(self.samples, self.batch):
            spots = self.spots(count, density, size, generator).to(x.device)
            drops = score - masked.ask(1 - spots)
            drops = drops.where(drops.abs() > limit, 0.0)
            largest = max(largest, float(drops.max()))
            weights = drops.clamp(min=0) if self.masks == "positive" else drops
            used += int((weights != 0).sum())
            for half in (0, 1):
                mine = slice((done + half) % 2, None, 2)
                halves[half] += torch.tensordot(weights[mine], spots[mine], 1)
            done += count
        checks = {
            "score": float(score),
            "masks": self.samples,
            "used": used,
            "largest_drop": largest,
            "agreement": agreement(halves),
        }
        return Explanation((halves.sum(0) / self.samples).cpu().numpy(), "signed", checks)

    def density(self, model: FaceModel, face: Face, target: Target) -> Tensor:
        """The probability of drawing each cell first, [cells, cells]; 0 for half of them.

        A target that no pixel changes, or whose gradient vanishes, gets a uniform density.
        Errors: Problems for a network that excitation backprop cannot serve.
        """
        if self.prior == "uniform":
            prior = torch.ones(self.cells, self.cells)
        else:
            pixels = (
                excitation(model, face, target)
                if self.prior == "excitation"
                else sensitivity(model, face, target)
            )
            prior = functional.adaptive_avg_pool2d(pixels, self.cells)[0].cpu()
            prior = torch.where(prior >= prior.median(), prior, 0.0)
        if not float(prior.sum()) > 0:
            prior = torch.ones_like(prior)
        return prior / prior.sum()

    def spots(self, count: int, density: Tensor, size: int, generator: torch.Generator) -> Tensor:
        """The next ``count`` soft spots, 1 where the picture is hidden, [count, size, size]."""
        grids = self.draw(count, density, generator)
        return soft_masks(grids, random_shifts(count, size, self.cells, generator), size)

    def draw(self, count: int, density: Tensor, generator: torch.Generator) -> Tensor:
        """Grids with ``elements`` ones, as probable as the density says, [count, cells, cells].

        Cells with the largest ``log p + Gumbel noise`` are a draw without replacement; where fewer
        cells can be drawn, these are all.
        """
        noise = torch.rand(count, self.cells**2, generator=generator, dtype=torch.float64)
        keys = density.flatten().double().log() - (-noise.clamp(min=1e-300).log()).log()
        largest = keys.topk(self.elements)
        grids = torch.zeros(count, self.cells**2)
        grids.scatter_(1, largest.indices, (largest.values > -torch.inf).float())
        return grids.reshape(count, self.cells, self.cells)


def sensitivity(model: FaceModel, face: Face, target: Target) -> Tensor:
    """The size of the target's gradient, summed over colours, [1, S, S]."""
    x = model.prepare([face]).requires_grad_()
    with evaluating(model.network), torch.enable_grad():
        score = target(model, x).sum()
        if not score.requires_grad:
            return torch.zeros_like(x[:, 0])
        (gradient,) = torch.autograd.grad(score, x, materialize_grads=True)
    return gradient.abs().sum(1)


def excitation(model: FaceModel, face: Face, target: Target) -> Tensor:
    """Mean excitation: winning probabilities when every output may win alike, [1, S, S]."""
    try:
        excited = excite(model, face, target, "", "dise")
    except Problems as error:
        raise Problems.one(
            "dise: prior",
            f"excitation cannot serve model {model.name}, which {error.problems[0].what}",
            "write prior: gradient, or uniform",
        ) from None
    return excited.winning(torch.ones_like(excited.gradient)).sum(1)
