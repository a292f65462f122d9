"""A user's picture file as RGB numbers: turned upright, without alpha, in a sensible size."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from explainers.problems import Problems

Array = npt.NDArray[Any]

LARGEST = 1024
"""Pictures are scaled down to this longer side, in pixels: no network looks closer."""
SMALLEST = 64
"""Shorter sides than this show no face that could be explained."""
BACKGROUND = 128
"""The gray that shows through transparent pixels."""


def read_photograph(path: Path) -> tuple[Array, str]:
    """The picture in a file, and the file's SHA-256.

    The camera's orientation (EXIF) is applied, transparency laid over mid-gray, gray, CMYK,
    palette and 16-bit pictures turned into RGB, and large ones scaled down to ``LARGEST``.

    Returns: RGB in [0, 1], float32, [3, H, W]; SHA-256 in hexadecimal.
    Errors: Problems for files that are no picture, damaged, too small or too large.
    """
    where = str(path)
    try:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        with warnings.catch_warnings():
            # Pillow only warns below twice its limit; a small file can unpack to gigabytes.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                _check_size(where, opened.width, opened.height)
                picture = to_rgb(ImageOps.exif_transpose(opened))
    except UnidentifiedImageError:
        raise Problems.one(
            where, "is not a picture", "save it as JPEG or PNG, or take it out of the folder"
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Problems.one(
            where, "has more than 89 million pixels", "save it with at most 4000 px on each side"
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, Problems):
            raise
        # Pillow's words for a file that ends too early or has broken blocks.
        raise Problems.one(where, f"is damaged ({error})", "copy it again") from None
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    values = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1) / 255
    return np.ascontiguousarray(values), sha256


def _check_size(where: str, width: int, height: int) -> None:
    if min(width, height) < SMALLEST:
        raise Problems.one(
            where,
            f"is too small ({width} x {height} px)",
            f"use a picture with at least {SMALLEST} px on each side",
        )


def to_rgb(picture: Image.Image) -> Image.Image:
    """Any Pillow picture as eight-bit RGB; transparency is laid over mid-gray.

    Example:
        >>> to_rgb(Image.new("I;16", (1, 1), 65535)).getpixel((0, 0))
        (255, 255, 255)
    """
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, dtype=np.float64)
        # 16 bits are stored as such or as 32-bit whole numbers; floats are in [0, 1] by custom.
        top = 1.0 if picture.mode == "F" and values.max(initial=0) <= 1 else 65535.0
        gray = np.clip(np.rint(values / top * 255), 0, 255).astype(np.uint8)
        return Image.fromarray(gray).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (BACKGROUND, BACKGROUND, BACKGROUND, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return picture.convert("RGB")
