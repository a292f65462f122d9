"""Occlusion placed on a neutral frontal face, so that the maps of all faces can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.canonical_face import canonical_sha256, canonicalization
from explainers.occluding.fill import behind
from explainers.occluding.occluded import occluded_scores
from explainers.saliency._window_checks import window_checks
from explainers.saliency.occlusion import Occlusion
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class Canonical:
    """Canonical image saliency: occlusion at the places of a neutral frontal face.

    Source: John, Balasubramanian & Jawahar, Canonical Saliency Maps: Decoding Deep Face Models
    (2021); survey, Section 2.1 and Fig. 4k.
    Formula: ``H_p = f(x) - f(x where W(pixel) is not in p)`` for windows ``p`` of the canonical
    face, with the map ``W`` from the face's pixels to the canonical face's, which is affine in each
    triangle of a triangulation of sixty landmarks. The value of a pixel *of the canonical face* is
    the mean of ``H_p`` over the windows that cover it. Positive: what is there in this face speaks
    for the class.

    Windows bend with the face: one over the corner of the mouth covers it in every pose and
    expression. Where landmarks are not found, the face is aligned by five of them alone.

    Arguments:
        window: side of the hidden square on the canonical face, in pixels of the network's input.
        stride: pixels from one window to the next, at most ``window``.
        fill: what a window shows: the picture's ``mean`` colour, one gray (``value``), or the
            picture itself out of focus (``blur``).
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` (which shows
            more where the network is sure) or ``logit`` (of the class alone).
        batch: how many covered pictures go through the network at once.

    Errors: Problems for parameters out of range, a window larger than the picture, or a face
    without landmarks.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> method = Canonical(window=56, stride=56)
        >>> method(expression.load(), face, ClassScore("happy")).over
        'canonical'
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    window: int = 24
    stride: int = 6
    fill: Literal["mean", "value", "blur"] = "mean"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    batch: int = 32

    def __post_init__(self) -> None:
        checks = window_checks(self, "canonical")
        checks.choice("of", SCALES)
        checks.done()

    @property
    def data_sha256(self) -> str:
        """SHA-256 of the faces that the canonical face is made of: the result depends on them."""
        return canonical_sha256()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """How much the target drops when each place of the canonical face is hidden, [S, S].

        The checks hold the target's value for the whole picture (``score``), the largest and
        smallest drop of any window, the number of windows, and how many landmarks carried them.
        """
        if face is None:
            raise ValueError("canonical explains a face")
        way = canonicalization(face)
        size = model.input_size
        places = torch.from_numpy(way.places(size, model.chip_padding)).to(model.device)
        grid = Occlusion(self.window, self.stride)
        squares = grid.windows(size).to(model.device)
        scaled = on_scale(target, self.of)
        x = model.prepare([face])
        picture = behind(x, self.fill, self.value, self.window / 2)

        def bent(which: Tensor) -> Tensor:
            return torch.where(covered(places, squares[which])[:, None], picture, x)

        occluded = occluded_scores(
            model,
            x,
            around(places, squares),
            bent,
            lambda x: scaled(model, x)[:, None],
            batch=self.batch,
            progress=progress,
        )
        drops = occluded.drops
        checks = {
            "score": float(occluded.whole[0]),
            "largest_drop": float(drops.max()),
            "smallest_drop": float(drops.min()),
            "windows": drops.shape[1],
            "landmarks": way.landmarks,
            **occluded.checks,
        }
        values = grid.average(drops, size)[0].cpu().numpy()
        return Explanation(values, "signed", checks, over="canonical")


def covered(places: Tensor, squares: Tensor) -> Tensor:
    """Which pixels of a face's chip lie under squares of the canonical face, bool, [P, S, S].

    Arguments:
        places: where each pixel is in the canonical chip, (x, y) from edge to edge, [2, S, S].
        squares: top, left, height and width in canonical pixels, [P, 4].
    """
    x, y = places
    top, left, height, width = squares.T[:, :, None, None]
    return (y >= top) & (y < top + height) & (x >= left) & (x < left + width)


def around(places: Tensor, squares: Tensor) -> Tensor:
    """The smallest upright windows of the chip around bent squares, int64, [P, 4].

    A square that lies wholly outside of the chip has a window without height and width.
    """
    boxes = []
    for some in torch.split(squares, 64):
        inside = covered(places, some)
        spans = []
        for seen in (inside.any(2), inside.any(1)):
            first = seen.int().argmax(1)
            last = seen.shape[1] - seen.flip(1).int().argmax(1)
            spans.append(torch.stack([first, (last - first) * seen.any(1)]))
        (top, height), (left, width) = spans
        boxes.append(torch.stack([top, left, height, width], dim=1))
    return torch.cat(boxes)
