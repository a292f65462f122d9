"""Two faces that differ in one part only: the part of one set into the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_dilation

from explainers.face import Array, Face, bilinear, chip_transform
from explainers.faces.blending import blend
from explainers.faces.parts import part_numbers
from explainers.problems import Problem, Problems, suggest

EDGE = 0.03
"""How far around the part is swapped with it, as a fraction of the face's size."""


@dataclass(frozen=True, eq=False)
class Swap:
    """A face with one part of another person's.

    Arguments:
        before: the face as it was.
        after: the same picture with the donor's part; landmarks are those of ``before``.
        donor: the id of the face that the part comes from.
        part: its name, such as ``mouth``.
        region: bool, [H, W], of the picture; outside it both pictures are equal.
    """

    before: Face
    after: Face
    donor: str
    part: str
    region: Array

    def chip_region(self, size: int, padding: float = 0.25) -> Array:
        """The pixels of an aligned chip that may differ, bool, [size, size]."""
        colours = np.broadcast_to(self.region.astype(np.float32), (3, *self.region.shape))
        marked = replace(self.before, image=colours)
        return marked.chip(size, padding)[0] > 0


def swap(face: Face, donor: Face, part: str, edge: float = EDGE) -> Swap:
    """``face`` with ``part`` from ``donor``, blended seamlessly at the face's full resolution.

    Source: the inpainted twins of Williford, May & Byrne (2020), with Poisson blending in place of
    a generative network. The donor is brought to the face by the similarity transform of their
    landmarks (`chip_transform`). Swapped is what belongs to the part in either face, and ``edge``
    around it. Blended are logarithms of the colours: what is kept of the donor are ratios to the
    skin around, so the part looks as if it were lit like, and of the complexion of, the face.

    Errors: Problems for an unknown part, and for each face without a part map or without the part.
    """
    mine, theirs = part_mask(face, part), part_mask(donor, part)
    place = _correspondence(face, donor)
    moved = bilinear(donor.image, place)
    there = bilinear(theirs[None].astype(float), place)[0] > 0.5
    reach = edge * abs(chip_transform(face.landmarks, 1, 0.0)[0])
    region = grow(mine | there, reach)
    darkest = 0.1  # keeps noise in black pixels from counting
    blended = blend(np.log(moved + darkest), np.log(face.image + darkest), region)
    image = np.clip(np.exp(blended) - darkest, 0, 1)
    # Through the logarithm and back, numbers change in their last digits.
    image = np.where(region, image, face.image).astype(np.float32)
    after = replace(face, id=f"{face.id}+{part}:{donor.id}", image=image, sha256="")
    return Swap(face, after, donor.id, part, region)


def part_mask(face: Face, part: str) -> Array:
    """Where ``part`` is in the face's picture, bool, [H, W].

    Errors: Problems for an unknown part, a face without part map, or without that part.
    """
    numbers = part_numbers()
    if part not in numbers:
        raise Problems.one("parts", f"unknown part '{part}'", suggest(part, numbers))
    where = f"face {face.id}"
    if face.parts is None:
        raise Problems.one(where, "has no part map", "load the faces with parts=True")
    mask = np.asarray(face.parts == numbers[part])
    if not mask.any():
        raise Problems([Problem(where, f"shows no {part}", "choose a part that can be seen")])
    return mask


def grow(mask: Array, reach: float) -> Array:
    """The mask with all pixels that are at most ``reach`` away from it (Euclidean)."""
    whole = int(reach)
    offsets = np.arange(-whole, whole + 1)
    disc = offsets[:, None] ** 2 + offsets**2 <= reach**2
    return binary_dilation(mask, disc)


def mirrored(face: Face) -> Face:
    """The face seen in a mirror: another picture of the same person, to a network."""
    width = face.image.shape[2]
    landmarks = face.landmarks[[2, 3, 0, 1, 4]] * [-1, 1] + [width - 1, 0]
    parts = None if face.parts is None else face.parts[:, ::-1]
    return replace(
        face,
        id=f"{face.id}~",
        image=face.image[:, :, ::-1],
        landmarks=landmarks,
        parts=parts,
        sha256="",
    )


def _correspondence(face: Face, donor: Face) -> Array:
    """For each pixel of ``face`` the place in ``donor`` with the same place in the chip."""
    a, c = chip_transform(face.landmarks, 1, 0.0)
    b, d = chip_transform(donor.landmarks, 1, 0.0)
    rows, columns = np.mgrid[0 : face.image.shape[1], 0 : face.image.shape[2]]
    place = (columns + 1j * rows - c) / a * b + d
    return np.stack([place.real, place.imag])
