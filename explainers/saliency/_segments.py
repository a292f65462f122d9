"""A face cut into pieces that are shown or hidden whole: facial parts, superpixels, squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.parts import find_parts, part_numbers
from explainers.parameter_checks import Checks
from explainers.problems import Problems, suggest

Array = npt.NDArray[Any]

Kind = Literal["superpixels", "parts", "grid"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NEITHER_FACE_NOR_HEAD = ("background", "clothes")


@dataclass(frozen=True, eq=False)
class Segments:
    """Which piece each pixel belongs to.

    Arguments:
        labels: int64, [S, S]; pieces count from 0, -1 is what always stays as it is.
        names: what the pieces are called, in order.
    """

    labels: Array
    names: tuple[str, ...]

    def paint(self, values: Array) -> npt.NDArray[np.float32]:
        """Each piece's value at all its pixels, 0 elsewhere, [n] → [S, S].

        Example:
            >>> Segments(np.array([[0, -1], [1, 1]]), ("a", "b")).paint(np.array([2.0, 3])).tolist()
            [[2.0, 0.0], [3.0, 3.0]]
        """
        return np.append(values, 0.0)[self.labels].astype(np.float32)


def segment(
    kind: Kind, model: FaceModel, face: Face, pieces: int, parts: Sequence[str] = ()
) -> Segments:
    """The pieces of a face's chip as the model sees it.

    Arguments:
        pieces: about how many superpixels, or squares.
        parts: which facial parts; all that the face shows when empty.
    """
    if kind == "parts":
        return facial_parts(model, face, parts)
    size = model.input_size
    labels = grid(size, pieces) if kind == "grid" else superpixels(_chip(model, face), pieces)
    _, labels = np.unique(labels, return_inverse=True)
    labels = labels.reshape(size, size)
    return Segments(labels, tuple(f"piece {number}" for number in range(labels.max() + 1)))


def facial_parts(model: FaceModel, face: Face, parts: Sequence[str] = ()) -> Segments:
    """The facial parts that the chip shows; found by landmarks where the face has no part map.

    Arguments:
        parts: which ones, named as in ``explainers.faces.parts``; when empty all those of face and
            head, so that background and clothes always stay.

    Errors: Problems for a face that shows none of them.
    """
    numbers = part_numbers()
    wanted = tuple(parts) or tuple(name for name in numbers if name not in NEITHER_FACE_NOR_HEAD)
    chip = _with_parts(face).chip_parts(model.input_size, model.chip_padding)
    assert chip is not None
    present = [name for name in numbers if name in wanted and (chip == numbers[name]).any()]
    if not present:
        raise Problems.one(
            f"face {face.id}",
            f"shows none of the parts {', '.join(wanted)}",
            "choose other parts, or leave `parts` out",
        )
    labels = np.full(chip.shape, -1)
    for index, name in enumerate(present):
        labels[chip == numbers[name]] = index
    return Segments(labels, tuple(present))


@lru_cache(maxsize=32)
def _with_parts(face: Face) -> Face:
    return face if face.parts is not None else replace(face, parts=find_parts(face))


def check_parts(checks: Checks, parts: object) -> None:
    """The field ``parts`` must be a list of names of facial parts."""
    known = part_numbers()
    if not isinstance(parts, list | tuple):
        checks.add("parts", f"must be a list of names, not {parts!r}", "write parts: [mouth, eyes]")
        return
    for name in parts:
        if name not in known:
            checks.add("parts", f"unknown part {name!r}", suggest(str(name), known))


def grid(size: int, pieces: int) -> Array:
    """About ``pieces`` equal squares, int64, [size, size].

    Example:
        >>> grid(4, 4).tolist()
        [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]
    """
    side = min(max(1, round(pieces**0.5)), size)
    index = np.arange(size) * side // size
    return index[:, None] * side + index[None, :]


def superpixels(image: Array, pieces: int, compactness: float = 10.0, rounds: int = 10) -> Array:
    """Connected pieces of similar colour, int64, [H, W].

    Source: Achanta et al., SLIC Superpixels Compared to State-of-the-art Superpixel Methods (2012).
    Formula: k-means in Lab colour and place with the squared distance ``|lab - lab_k|^2 +
    (m / s)^2 |xy - xy_k|^2`` to centres that are at most ``s`` pixels away in each direction; ``s``
    is the distance of neighbouring centres at the start, ``m`` the compactness. Fragments that are
    left go to the nearest piece.

    Arguments:
        image: RGB in [0, 1], [3, H, W].
        pieces: about how many.
    """
    height, width = image.shape[1:]
    step = (height * width / pieces) ** 0.5
    rows, columns = (max(1, round(side / step)) for side in (height, width))
    place = np.mgrid[0:height, 0:width].reshape(2, -1).astype(float)
    start = (np.arange(height) * rows // height)[:, None] * columns
    labels = (start + np.arange(width) * columns // width).ravel()
    pixels = np.concatenate([lab(image).reshape(3, -1), place * (compactness / step)])
    for _ in range(rounds):
        count = np.bincount(labels, minlength=rows * columns)
        centres = _means(pixels, labels, count)
        middles = _means(place, labels, count)
        squares = (pixels**2).sum(0) + (centres**2).sum(0)[:, None] - 2 * centres.T @ pixels
        far = np.abs(middles[:, :, None] - place[:, None, :]).max(0) > step
        far |= (count == 0)[:, None]
        # A pixel may always stay where it is, so that it is never without a piece.
        far[labels, np.arange(len(labels))] = False
        labels = np.where(far, np.inf, squares).argmin(0)
    return _connected(labels.reshape(height, width))


def lab(image: Array) -> Array:
    """CIE Lab (white point D65) of sRGB in [0, 1], [3, ...] → [3, ...].

    Example:
        >>> lab(np.ones((3, 1))).round(1).flatten().tolist()
        [100.0, 0.0, 0.0]
    """
    rgb = np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = np.tensordot(to_xyz / to_xyz.sum(1, keepdims=True), rgb, 1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _means(of: Array, labels: Array, count: Array) -> Array:
    """The mean of each piece, [D, pixels] → [D, pieces]; 0 for one without pixels."""
    sums = [np.bincount(labels, weights=row, minlength=len(count)) for row in of]
    return np.array(sums) / np.maximum(count, 1)


def _connected(labels: Array) -> Array:
    """Each piece's largest connected region; all other pixels go to the nearest one."""
    kept = np.full(labels.shape, -1)
    for label in np.unique(labels):
        regions, count = ndimage.label(labels == label)
        if count:
            sizes = np.bincount(regions.ravel())[1:]
            kept[regions == sizes.argmax() + 1] = label
    rows, columns = ndimage.distance_transform_edt(
        kept < 0, return_distances=False, return_indices=True
    )
    return kept[rows, columns]


def _chip(model: FaceModel, face: Face) -> Array:
    return face.chip(model.input_size, model.chip_padding)
