"""How a piece of a face is shown: cut out, on neutral gray, filling a square of one size."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from explainers.building.pictures import png_bytes
from explainers.concept_finding.discovery import Patch

Array = npt.NDArray[Any]

GRAY = 0.5
"""What surrounds a piece."""
SIDE = 224
"""Side of a drawn segment, in pixels."""
MARGIN = 0.06
"""Gray on each side of a piece, as a share of the piece's longer side."""
GAP = 12
"""White between the segments of a strip, in pixels."""


def segment_png(chip: Array, patch: Patch) -> bytes:
    """A piece of a face as participants see it: a PNG of ``SIDE`` x ``SIDE`` pixels.

    Arguments:
        chip: the face as the model sees it, RGB in [0, 1], [3, S, S], or the same crop k times as
            fine, [3, kS, kS], which looks sharper (``face.chip(k * S, padding)``).
        patch: the piece.

    The same pixels give the same bytes.
    """
    return png_bytes(_picture(cut_out(chip, patch.mask, SIDE)))


def strip_png(pngs: Sequence[bytes]) -> bytes:
    """Pictures of one height side by side, with white between them, as one PNG.

    Example:
        >>> one = png_bytes(Image.new("RGB", (20, 20)))
        >>> Image.open(io.BytesIO(strip_png([one] * 4))).size
        (116, 20)
    """
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    strip = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        strip.paste(picture, (left, 0))
        left += picture.width + GAP
    return png_bytes(strip)


def cut_out(
    chip: Array, mask: npt.NDArray[np.bool_], size: int, margin: float = MARGIN
) -> npt.NDArray[np.float32]:
    """A piece on neutral gray, enlarged until it fills a square, in its own proportions.

    Source: Ghorbani et al., Towards Automatic Concept-based Explanations (2019), Section 3, who
    stretch it to the square instead. A stretched mouth is another mouth.

    Arguments:
        chip: RGB in [0, 1], [3, kS, kS] for a whole number k.
        mask: bool, [S, S], not empty.
        size: side of the square.
        margin: gray on each side of the piece, as a share of the piece's longer side.

    Returns: RGB in [0, 1], float32, [3, size, size].

    Example:
        >>> chip = np.ones((3, 64, 64), np.float32)
        >>> mask = np.zeros((64, 64), bool)
        >>> mask[20:50, 30:60] = True
        >>> cut_out(chip, mask, 48)[0, [0, 24], [0, 24]].tolist()
        [0.5, 1.0]
    """
    finer = chip.shape[-1] / mask.shape[-1]
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    middle = np.array([columns[0] + columns[-1] + 1, rows[0] + rows[-1] + 1]) / 2
    reach = max(np.ptp(rows), np.ptp(columns)) + 1
    half = reach * (0.5 + margin)
    box = np.concatenate([middle - half, middle + half])
    inside = _zoom(np.pad(mask, 1), box + 1, size, Image.Resampling.BILINEAR)
    # Colours are enlarged before the mask is laid over them, else gray would bleed into the edge.
    colours = [_zoom(plane, box * finer, size, Image.Resampling.BICUBIC) for plane in chip]
    shown = GRAY + inside * (np.clip(np.stack(colours), 0, 1) - GRAY)
    return shown.astype(np.float32)


def in_place(chip: Array, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """A piece where it is in the face, everything else neutral gray, [3, S, S]."""
    return np.where(mask, chip, GRAY).astype(np.float32)


def _zoom(plane: Array, box: Array, size: int, kind: Image.Resampling) -> Array:
    """``box`` (x0, y0, x1, y1, from edge to edge) of a plane at ``size``; border repeated."""
    height, width = plane.shape
    spare = int(np.ceil(max(0, -box.min(), box[2] - width, box[3] - height)))
    picture = Image.fromarray(np.pad(plane.astype(np.float32), spare, mode="edge"))
    return np.asarray(picture.resize((size, size), kind, tuple(box + spare)))


def _picture(rgb: Array) -> Image.Image:
    return Image.fromarray(np.rint(rgb * 255).astype(np.uint8).transpose(1, 2, 0))
