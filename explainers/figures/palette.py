"""The colours of saliency maps: a pair that everybody can tell apart, and the survey's heat map."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from explainers.figures.render import overlay

Colours = Literal["safe", "heat"]
COLOURS: tuple[Colours, ...] = get_args(Colours)
Image = npt.NDArray[Any]

LEVELS = 1024
_FOR = ((0, 0, 0), (1, 0, 0), (1, 1, 0))
_AGAINST = ((0, 0, 0), (0, 0, 1), (0, 1, 1))


def paint(values: Image, limit: float, colours: Colours, face: Image | None = None) -> Image:
    """Values in colour.

    Arguments:
        values: [H, W]; positive speaks for the target.
        limit: where the colour is strongest; nothing is coloured if it is 0.
        colours: ``safe`` is vermillion (for) and blue (against) over the face in gray, which
            differ for every kind of colour vision; ``heat`` is the scheme of the survey's Fig. 4:
            black for none, red to yellow for, blue to cyan against.
        face: RGB in [0, 1], [3, H, W], that ``safe`` colours are laid over; light gray if None.

    Returns: RGB in [0, 1], [3, H, W].

    Example:
        >>> (255 * paint(np.array([[1.0, 0.0, -1.0]]), 1.0, "heat")).round()[:, 0].T.tolist()
        [[255.0, 232.0, 0.0], [0.0, 0.0, 0.0], [0.0, 255.0, 255.0]]
    """
    if colours == "heat":
        return heat(values, limit)
    base = np.full((3, *values.shape), 0.8, np.float32) if face is None else face
    return overlay(base, values.astype(np.float32), limit)


def heat(values: Image, limit: float) -> Image:
    """Red to yellow for positive, blue to cyan for negative values, black for none.

    Formula: the lightness L* (CIE 1976) of a colour is proportional to ``|v| / limit``, up to that
    of cyan, along black - red - yellow or black - blue - cyan in sRGB. So equal steps look equally
    large and both signs equally strong, which they do not when red, green and blue run evenly.
    Source of the scheme: survey, Fig. 4.
    """
    strength = np.clip(np.abs(values) / limit, 0, 1) if limit > 0 else np.zeros(values.shape)
    level = np.rint(strength * (LEVELS - 1)).astype(int)
    ramps = np.stack([_ramp(_FOR), _ramp(_AGAINST)])
    return ramps[(values < 0).astype(int), level].transpose(2, 0, 1).astype(np.float32)


def bar(colours: Colours, signed: bool, width: int, height: int) -> Image:
    """All colours from the least to the largest value, RGB in [0, 1], [3, height, width]."""
    values = np.linspace(-1.0 if signed else 0.0, 1.0, width)
    return paint(np.broadcast_to(values, (height, width)), 1.0, colours)


def lightness(rgb: Image) -> Image:
    """L* of sRGB colours in [0, 1], [..., 3] → [...] in [0, 100].

    Source: CIE 15:2004; IEC 61966-2-1 for sRGB.

    Example:
        >>> lightness(np.array([[0.0, 0, 0], [1, 1, 1], [1, 0, 0]])).round(1).tolist()
        [0.0, 100.0, 53.2]
    """
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(y > (6 / 29) ** 3, 116 * np.cbrt(y) - 16, y * (29 / 3) ** 3)


@cache
def _ramp(path: tuple[tuple[int, int, int], ...]) -> Image:
    """Colours along a path of equal steps in lightness, [LEVELS, 3]."""
    places = np.linspace(0, len(path) - 1, 4096)
    corners = np.array(path, float)
    fine = np.stack([np.interp(places, range(len(path)), channel) for channel in corners.T], 1)
    most = min(float(lightness(np.array(way[-1], float))) for way in (_FOR, _AGAINST))
    wanted = np.linspace(0, most, LEVELS)
    at = np.interp(wanted, lightness(fine), places)
    return np.stack([np.interp(at, range(len(path)), channel) for channel in corners.T], 1)
