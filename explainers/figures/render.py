"""From raw values to the picture that a participant sees, uint8 RGB, [size, size, 3].

A picture carries no legend, no name and no number, so it tells neither the method's name nor the
answer; ``colour_bar`` is for contact sheets.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter

from explainers.explanation import Explanation

Picture = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float32]

SIZE = 336
"""Side of a stimulus in pixels: large enough for a phone, small enough for three in a row."""
FOR = np.array([213, 94, 0]) / 255
"""Vermillion: speaks for the class."""
AGAINST = np.array([0, 114, 178]) / 255
"""Blue: speaks against it. Both colours are from Okabe & Ito, Color Universal Design (2008), and
differ for every kind of colour vision."""
STRONGEST = 0.85
"""Opacity of the colour at the limit; the face stays visible under it."""
SOFT = 0.025
"""Softness of a saliency map at display size, as a fraction of the side."""
OUTLIERS = 0.01
"""Fraction of an image's values at either end that the contrast stretch may cut off."""
GAIN = 2.5
"""The most that the contrast stretch amplifies."""


def render(
    explanation: Explanation,
    face: Values | None = None,
    *,
    size: int = SIZE,
    limit: float | None = None,
) -> Picture:
    """The picture of an explanation.

    Saliency is laid over the face: the face in gray, colour for the values, with an opacity
    proportional to the value, and none at 0. An image is shown with its contrast stretched
    (``stretch``).

    Arguments:
        explanation: what to draw.
        face: RGB in [0, 1], [3, H, W], the chip that saliency belongs to (at any resolution).
        size: side of the picture, in pixels.
        limit: the value at which the colour is strongest; ``shared_limit`` of all pictures that
            are compared, or None for this picture's own.

    Returns: [size, size, 3].
    """
    if explanation.kind == "image":
        return _bytes(_resize(stretch(explanation.values), size))
    if face is None:
        raise ValueError("saliency is drawn over a face")
    limit = shared_limit([explanation]) if limit is None else limit
    return _bytes(overlay(_resize(face, size), smooth(explanation.values, size), limit))


def shared_limit(explanations: Iterable[Explanation]) -> float:
    """The largest absolute value that any of the saliency maps shows, for one scale of them all.

    Of the smoothed maps, as they are drawn, so that the strongest colour is used.

    Returns: 0 when there is no saliency, or when nothing has an effect.

    Example:
        >>> maps = [Explanation(np.full((4, 4), value), "signed") for value in (0.5, -2.0)]
        >>> shared_limit(maps)
        2.0
    """
    maps = [e.values for e in explanations if e.kind != "image"]
    return max((float(np.abs(smooth(values, SIZE)).max()) for values in maps), default=0.0)


def overlay(face: Values, values: Values, limit: float) -> Values:
    """Values in colour over a face in gray.

    Formula: ``(1 - a) gray + a colour (1/2 + gray/2)`` with the opacity ``a = STRONGEST |v| /
    limit``, at most ``STRONGEST``. Shaded by the face, so that it stays visible.

    Arguments:
        face: RGB in [0, 1], [3, S, S].
        values: [S, S]; ``limit``: where the colour is strongest; if 0, nothing is coloured.

    Returns: RGB in [0, 1], [3, S, S].

    Example:
        >>> gray = np.full((3, 1, 1), 0.5)
        >>> overlay(gray, np.zeros((1, 1)), 1.0).flatten().tolist()
        [0.5, 0.5, 0.5]
    """
    gray = np.tensordot(np.array([0.2126, 0.7152, 0.0722]), face, 1)
    opacity = np.clip(np.abs(values) / limit, 0, 1) * STRONGEST if limit > 0 else 0 * values
    colour = np.where(values[None] >= 0, FOR[:, None, None], AGAINST[:, None, None])
    return ((1 - opacity) * gray + opacity * colour * (0.5 + gray / 2)).astype(np.float32)


def smooth(values: Values, size: int) -> Values:
    """A saliency map at display size, [H, W] → [size, size], without the steps of its windows.

    Bicubic, then a Gaussian of standard deviation ``SOFT size``; never beyond the values that are
    there, and 0 stays 0.
    """
    image = Image.fromarray(values.astype(np.float32))
    large = np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))
    soft = gaussian_filter(large, SOFT * size, mode="nearest", truncate=3.0)
    return np.clip(soft, values.min(), values.max())


def stretch(image: Values) -> Values:
    """An optimised image with its contrast raised; the same rule for every picture.

    Formula: ``1/2 + g (x - 1/2)`` cut off at 0 and 1, for all colours alike, with the gain ``g`` in
    [1, GAIN] that brings all but the ``OUTLIERS`` into [0, 1]. Gray stays gray and hues stay.

    Example:
        >>> stretch(np.full((3, 2, 2), 0.6, np.float32)).max().round(2)
        np.float32(0.75)
    """
    low, high = np.quantile(image, [OUTLIERS, 1 - OUTLIERS])
    reach = max(0.5 - low, high - 0.5, 1e-6)
    gain = float(np.clip(0.5 / reach, 1.0, GAIN))
    return np.clip(0.5 + gain * (image - 0.5), 0, 1).astype(np.float32)


def colour_bar(signed: bool, width: int = SIZE, height: int = 16) -> Picture:
    """All colours of a saliency map from its least to its largest value, [height, width, 3]."""
    values = np.linspace(-1.0 if signed else 0.0, 1.0, width, dtype=np.float32)
    gray = np.full((3, height, width), 0.6, np.float32)
    return _bytes(overlay(gray, np.broadcast_to(values, (height, width)), 1.0))


def _resize(image: Values, size: int) -> Values:
    """RGB in [0, 1], [3, H, W], at another size; Lanczos, colour by colour in full precision."""
    planes = [Image.fromarray(plane.astype(np.float32)) for plane in image]
    large = [plane.resize((size, size), Image.Resampling.LANCZOS) for plane in planes]
    return np.clip(np.stack([np.asarray(plane) for plane in large]), 0, 1)


def _bytes(image: Values) -> Picture:
    return np.rint(image.transpose(1, 2, 0) * 255).astype(np.uint8)
