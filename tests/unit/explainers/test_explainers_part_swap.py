"""Blending by the equations, pixel by pixel; two faces that differ in one part only."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.face import Face
from explainers.faces.blending import blend
from explainers.faces.face_bank import load_faces
from explainers.faces.part_swap import grow, mirrored, part_mask, swap
from explainers.problems import Problems


def faces(*ids):
    return load_faces("rendered", Path(), ids)


def slow_residual(blended, source, destination, mask):
    """How far the equations of Pérez et al. are from holding, worst over the mask's pixels."""
    worst = 0.0
    height, width = mask.shape
    for row, column in zip(*np.nonzero(mask), strict=True):
        left = right = 0.0
        for down, across in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            y, x = row + down, column + across
            if not (0 <= y < height and 0 <= x < width):
                continue
            near = blended[:, y, x] if mask[y, x] else destination[:, y, x]
            left = left + blended[:, row, column] - near
            right = right + source[:, row, column] - source[:, y, x]
        worst = max(worst, float(np.abs(left - right).max()))
    return worst


@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.95))
@settings(max_examples=40, deadline=None)
def test_the_equations_hold_for_any_mask_even_at_the_border(seed, share):
    rng = np.random.default_rng(seed)
    source, destination = rng.random((2, 3, 9, 11))
    mask = rng.random((9, 11)) < share
    mask[0, 0] = False
    blended = blend(source, destination, mask)
    assert np.array_equal(blended[:, ~mask], destination.astype(np.float32)[:, ~mask])
    assert slow_residual(blended.astype(float), source, destination, mask) < 1e-5


def test_a_brighter_copy_of_the_picture_itself_changes_nothing():
    picture = np.random.default_rng(0).random((3, 12, 12))
    mask = np.zeros((12, 12), bool)
    mask[3:9, 2:8] = True
    assert np.allclose(blend(picture + 0.3, picture, mask), picture, atol=1e-6)


def test_masks_that_cannot_be_blended_are_refused():
    picture = np.zeros((3, 4, 4))
    with pytest.raises(ValueError, match="covers the whole picture"):
        blend(picture, picture, np.ones((4, 4), bool))
    with pytest.raises(ValueError, match="differ in shape"):
        blend(picture, picture, np.zeros((4, 5), bool))
    assert np.array_equal(blend(picture + 1, picture, np.zeros((4, 4), bool)), picture)


@pytest.mark.parametrize("part", ["mouth", "eyes", "nose", "brows"])
def test_only_the_part_changes_and_it_becomes_the_donors(part):
    face, donor = faces("f03", "f01")
    made = swap(face, donor, part)
    assert np.array_equal(made.after.image[:, ~made.region], face.image[:, ~made.region])
    assert made.region[part_mask(face, part)].all()
    assert made.region.mean() < 0.06
    assert made.after.image.min() >= 0 and made.after.image.max() <= 1

    def detail(picture, region):
        """Gradients along rows, where the blended picture has the donor's."""
        rows = np.diff(picture.mean(0), axis=1)
        return rows[region[:, 1:] & region[:, :-1]]

    size, padding = 150, 0.25
    inside = made.chip_region(size, padding)
    before, after, other = (f.chip(size, padding) for f in (face, made.after, donor))
    assert np.array_equal(before[:, ~inside], after[:, ~inside])
    nearer = [
        np.corrcoef(detail(after, inside), detail(chip, inside))[0, 1] for chip in (other, before)
    ]
    assert nearer[0] > 0.9 and nearer[0] > nearer[1] + 0.2


def test_a_face_with_its_own_part_stays_as_it_is():
    (face,) = faces("f02")
    assert np.allclose(swap(face, face, "nose").after.image, face.image, atol=1e-5)


def test_a_seam_is_not_visible():
    face, donor = faces("f03", "f02")  # a light and a dark skin
    made = swap(face, donor, "nose")
    inner = made.region & ~grow(~made.region, 1)
    border = grow(made.region, 1) & grow(~made.region, 1)
    jumps = np.abs(np.diff(made.after.image, axis=2)).max(0)
    own = np.abs(np.diff(face.image, axis=2)).max(0)
    assert inner.any()
    assert np.quantile(jumps[border[:, 1:]], 0.99) < 2 * np.quantile(own[border[:, 1:]], 0.99)


def test_a_mirrored_face_has_a_mirrored_chip():
    (face,) = faces("f02")
    other = mirrored(face)
    flipped = face.chip(100)[:, :, ::-1]
    # The mean face's landmarks are not quite symmetric, so the chip is shifted by a pixel or so.
    shifted = [
        np.abs(np.roll(flipped, (down, across), (1, 2)) - other.chip(100))[:, 4:-4, 4:-4].mean()
        for down in range(-2, 3)
        for across in range(-2, 3)
    ]
    assert min(shifted) < 0.006
    assert np.array_equal(other.image, face.image[:, :, ::-1])
    assert np.array_equal(other.parts, face.parts[:, ::-1])
    assert np.allclose(mirrored(other).landmarks, face.landmarks)


def test_what_is_missing_is_told():
    (face,) = faces("f02")
    bare = Face("me", face.image, face.landmarks)
    with pytest.raises(Problems, match="unknown part 'mouht'\n  fix: did you mean 'mouth'"):
        swap(face, face, "mouht")
    with pytest.raises(Problems, match="face me\n  has no part map\n  fix: load the faces"):
        swap(bare, face, "mouth")
    with pytest.raises(Problems, match="face f02\n  shows no beard"):
        swap(face, face, "beard")
