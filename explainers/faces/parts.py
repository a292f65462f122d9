"""Facial parts of a photograph, drawn from its sixty-eight landmarks.

Torch-free but for ``find_parts``, which runs the landmark network.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from explainers.face import Face

if TYPE_CHECKING:
    from explainers.face_model import FaceModel

Array = npt.NDArray[Any]


@cache
def part_numbers() -> dict[str, int]:
    """The number of each part in a part map, such as ``mouth`` → 7; background is 0."""
    text = (Path(__file__).parent / "parts.json").read_text(encoding="utf-8")
    numbers: dict[str, int] = json.loads(text)
    return numbers


def find_parts(face: Face) -> Array:
    """The part map of a photographed face, uint8, [H, W].

    Hair, ears, neck and clothes have no landmarks and stay background.
    """
    return draw_parts(find_points(face), *face.image.shape[1:])


def find_points(face: Face) -> Array:
    """The sixty-eight landmarks of a face in pixels (x, y), [68, 2].

    The landmark network looks at the aligned chip; its points are carried back to the picture and
    fitted to the five landmarks of the face, which are the more exact ones.
    Source: the point numbering of the iBUG 300-W annotation (Sagonas et al., 2013).
    """
    import torch

    model = _landmarks()
    with torch.no_grad():
        output = model.logits(model.prepare([face]))[0]
    points = output.reshape(68, 2).numpy().astype(float)
    return fit(points, face.landmarks)


FIVE = [45, 42, 36, 39, 33]
"""Which of the sixty-eight points are the five landmarks of a face."""


def fit(points: Array, landmarks: Array) -> Array:
    """``points`` [68, 2] moved by the affine map that brings five of them to ``landmarks`` [5, 2].

    Formula: ``A`` with the least ``|[p 1] A - l|^2`` over the five points, then that for all.
    """
    known = np.column_stack([points[FIVE], np.ones(5)])
    matrix = np.linalg.lstsq(known, landmarks, rcond=None)[0]
    return np.column_stack([points, np.ones(len(points))]) @ matrix


@cache
def _landmarks() -> FaceModel:
    from explainers.models import landmarks68

    return landmarks68.load()


def draw_parts(points: Array, height: int, width: int) -> Array:
    """The part map of sixty-eight landmarks.

    Source: the point numbering of the iBUG 300-W annotation (Sagonas et al., 2013). The hairline
    has no points: it is half an ellipse over the ears, 1.4 times as high as the brows stand above
    the base of the nose.

    Arguments:
        points: [68, 2] in pixels (x, y).
        height, width: of the picture.

    Returns: uint8, [height, width], numbered as in ``part_numbers``.
    """
    numbers = part_numbers()
    canvas = Image.new("L", (width, height), numbers["background"])
    draw = ImageDraw.Draw(canvas)

    def fill(part: str, outline: Array, grow: float = 1.0) -> None:
        middle = outline.mean(0)
        corners = [(float(x), float(y)) for x, y in (outline - middle) * grow + middle]
        draw.polygon(corners, fill=numbers[part])

    jaw, brows = points[0:17], points[17:27]
    up = brows.mean(0) - points[33]
    fill("skin", np.vstack([jaw, _arc(points[16], points[0], 1.4 * up)]))
    fill(
        "forehead", np.vstack([points[0], brows, points[16], _arc(points[16], points[0], 1.4 * up)])
    )
    fill("cheeks", np.vstack([points[0:6], points[48], points[31], points[39], points[36]]))
    fill("cheeks", np.vstack([points[11:17], points[45], points[42], points[35], points[54]]))
    fill("chin", np.vstack([points[5:12], points[54:60], points[48]]))
    for brow in (points[17:22], points[22:27]):
        fill("brows", np.vstack([brow + 0.06 * up, brow[::-1] - 0.06 * up]))
    for eye in (points[36:42], points[42:48]):
        fill("eyes", eye, grow=1.6)  # the points are on the lids' edges; lids belong to the eye
    wing = 0.3 * (points[35] - points[31])  # the points are on the nostrils, inside the wings
    bridge, tip = points[27], points[30]
    left, right = points[31] - wing, points[35] + wing
    fill("nose", np.vstack([bridge - wing, tip - 2 * wing, left, points[32:35], right,
                            tip + 2 * wing, bridge + wing]))  # fmt: skip
    fill("mouth", points[48:60], grow=1.08)
    return np.asarray(canvas)


def _arc(start: Array, end: Array, up: Array) -> Array:
    """Half an ellipse from ``start`` to ``end``, bulging by ``up``."""
    angle = np.linspace(0, np.pi, 24)[:, None]
    return (start + end) / 2 + np.cos(angle) * (start - end) / 2 + np.sin(angle) * up
