"""Find faces and their five landmarks with dlib; loaded when the first picture is looked at."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

PREDICTOR = (
    Path(__file__).parents[1] / "models" / "weights" / "shape_predictor_5_face_landmarks.dat"
)


def find_landmarks(image: Array) -> list[Array]:
    """The five landmarks of each face, the largest face first.

    Source: Dalal & Triggs, Histograms of Oriented Gradients (2005), and Kazemi & Sullivan, One
    Millisecond Face Alignment (2014), as in dlib. Small pictures are looked at once more at twice
    the size, since dlib's detector sees faces from 80 px on.

    Arguments:
        image: RGB in [0, 1], [3, H, W].

    Returns: arrays [5, 2] of pixels (x, y), in the order of ``explainers.face.TEMPLATE``.
    """
    detector, predictor = _dlib()
    pixels = np.ascontiguousarray((image.transpose(1, 2, 0) * 255).round().astype(np.uint8))
    boxes = detector(pixels, 0) or detector(pixels, 1)
    shapes = [predictor(pixels, box) for box in sorted(boxes, key=lambda box: -box.area())]
    return [np.array([[point.x, point.y] for point in shape.parts()], float) for shape in shapes]


@cache
def _dlib() -> tuple[Any, Any]:
    import dlib

    return dlib.get_frontal_face_detector(), dlib.shape_predictor(str(PREDICTOR))
