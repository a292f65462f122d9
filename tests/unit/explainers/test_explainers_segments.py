"""Pieces of a face: superpixels, squares, facial parts; and what a hidden piece shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.models import expression
from explainers.occluding.fill import behind
from explainers.problems import Problems
from explainers.saliency._fill import inpaint, inpaint_each
from explainers.saliency._segments import facial_parts, grid, lab, segment, superpixels


def with_parts(face, names):
    """Columns of equal width, one for each part, in a picture of 40 x 40."""
    numbers = [part_numbers()[name] for name in names]
    columns = np.arange(40) * len(numbers) // 40
    return replace(face, parts=np.tile(np.array(numbers, np.uint8)[columns], (40, 1)))


def slow_slic(image, pieces, compactness=10.0, rounds=10):
    """SLIC pixel by pixel, before fragments are joined."""
    _, height, width = image.shape
    step = (height * width / pieces) ** 0.5
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    labels = np.array(
        [[(y * rows // height) * columns + x * columns // width for x in range(width)]
         for y in range(height)]
    )  # fmt: skip
    colours = lab(image)
    for _ in range(rounds):
        centres = {}
        for label in np.unique(labels):
            y, x = np.nonzero(labels == label)
            centres[label] = (colours[:, y, x].mean(1), y.mean(), x.mean())
        new = labels.copy()
        for y in range(height):
            for x in range(width):
                best = np.inf
                for label, (colour, cy, cx) in sorted(centres.items()):
                    near = max(abs(y - cy), abs(x - cx)) <= step
                    if not near and label != labels[y, x]:
                        continue
                    distance = ((colours[:, y, x] - colour) ** 2).sum()
                    distance += (compactness / step) ** 2 * ((y - cy) ** 2 + (x - cx) ** 2)
                    if distance < best - 1e-9:
                        best, new[y, x] = distance, label
        labels = new
    return labels


def test_superpixels_are_those_of_slow_loops_but_for_fragments(tiny):
    image = tiny.face(3).chip(16)
    fast, slow = superpixels(image, 6), slow_slic(image, 6)
    kept = np.zeros_like(slow, bool)
    for label in np.unique(slow):
        regions, count = ndimage.label(slow == label)
        if count:
            kept |= regions == np.bincount(regions.ravel())[1:].argmax() + 1
    assert kept.mean() > 0.8
    assert (fast[kept] == slow[kept]).all()


@given(seed=st.integers(0, 99), pieces=st.integers(2, 40), size=st.integers(12, 30))
@settings(max_examples=30, deadline=None)
def test_superpixels_are_connected_and_about_as_many_as_asked(seed, pieces, size):
    rng = np.random.default_rng(seed)
    image = ndimage.gaussian_filter(rng.random((3, size, size)), (0, 2, 2)).astype(np.float32)
    image = (image - image.min()) / np.ptp(image)
    labels = superpixels(image, pieces)
    assert labels.shape == (size, size)
    found = np.unique(labels)
    assert len(found) <= max(4, 2 * pieces)
    for label in found:
        eight = np.ones((3, 3))
        assert ndimage.label(labels == label, structure=eight)[1] == 1
    assert np.array_equal(labels, superpixels(image, pieces))


def test_superpixels_follow_edges():
    image = np.zeros((3, 30, 30), np.float32)
    image[:, :, 13:] = 1.0
    labels = superpixels(image, 9)
    assert not set(np.unique(labels[:, :13])) & set(np.unique(labels[:, 13:]))


def test_a_picture_of_one_colour_is_cut_into_squares():
    assert len(np.unique(superpixels(np.full((3, 24, 24), 0.3, np.float32), 16))) == 16


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((1, 1, 1), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((1, 0, 0), (53.2, 80.1, 67.2)),
        ((0, 1, 0), (87.7, -86.2, 83.2)),
        ((0, 0, 1), (32.3, 79.2, -107.9)),
    ],
)
def test_colours_have_their_published_lab_values(rgb, expected):
    assert lab(np.array(rgb, float)) == pytest.approx(expected, abs=0.1)


def test_a_grid_covers_everything_in_equal_squares():
    labels = grid(112, 49)
    assert np.array_equal(np.bincount(labels.ravel()), np.full(49, 256))
    assert len(np.unique(grid(5, 1000))) == 25


@pytest.mark.parametrize("kind", ["superpixels", "grid"])
def test_pieces_count_from_nought_without_a_gap(tiny, kind):
    model = tiny.model(tiny.convolutional())
    pieces = segment(kind, model, tiny.face(), 9)
    assert np.array_equal(np.unique(pieces.labels), np.arange(len(pieces.names)))


def test_parts_are_those_of_the_part_map_without_what_is_no_part_of_the_head(tiny):
    model = tiny.model(tiny.convolutional())
    face = with_parts(tiny.face(), ("background", "mouth", "eyes", "clothes"))
    found = facial_parts(model, face)
    assert found.names == ("eyes", "mouth")
    chip = face.chip_parts(tiny.size, 0.25)
    assert np.array_equal(found.labels == 1, chip == part_numbers()["mouth"])
    assert ((found.labels == -1) == np.isin(chip, [0, part_numbers()["clothes"]])).all()
    assert facial_parts(model, face, ["clothes"]).names == ("clothes",)
    with pytest.raises(Problems, match="face t0\n  shows none of the parts hair\n  fix: choose"):
        facial_parts(model, face, ["hair"])


def test_parts_of_a_photograph_are_found_by_its_landmarks():
    (face,) = load_faces("rendered", Path(), ["f01"])
    model = expression.load()
    known, found = (facial_parts(model, each) for each in (face, replace(face, parts=None)))
    for name in ("eyes", "nose", "mouth"):
        a, b = (each.labels == each.names.index(name) for each in (known, found))
        assert (a & b).sum() / min(a.sum(), b.sum()) > 0.7
    assert "hair" not in found.names


def test_a_hidden_region_solves_laplaces_equation():
    x = torch.rand(1, 3, 14, 14, generator=torch.Generator().manual_seed(1))
    hidden = np.zeros((14, 14), bool)
    hidden[3:9, 4:11] = hidden[8:14, 2:6] = True
    filled = inpaint(x, hidden)[0].double().numpy()
    assert np.array_equal(filled[:, ~hidden].astype(np.float32), x[0].numpy()[:, ~hidden])
    slow = x[0].double().numpy().copy()
    for _ in range(4000):
        around = np.stack([np.roll(slow, shift, axis) for axis in (1, 2) for shift in (1, -1)])
        inside = np.ones((4, 14, 14), bool)
        inside[0, 0] = inside[1, -1] = inside[2, :, 0] = inside[3, :, -1] = False
        mean = (around * inside[:, None]).sum(0) / inside.sum(0)
        slow[:, hidden] = mean[:, hidden]
    assert np.abs(filled - slow).max() < 1e-5
    everything = inpaint(x, np.ones((14, 14), bool))
    assert torch.allclose(everything, behind(x, "mean"))


def test_each_piece_is_filled_from_its_own_surroundings():
    x = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    labels = grid(12, 9) - 1
    filled = inpaint_each(x, labels)
    assert torch.equal(filled[..., :4, :4], x[..., :4, :4])
    for label in range(8):
        piece = torch.from_numpy(labels == label)
        assert torch.equal(filled[..., piece], inpaint(x, labels == label)[..., piece])


def test_fills_are_what_their_names_say():
    x = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(2))
    assert torch.equal(behind(x, "value", 0.25), torch.full_like(x, 0.25))
    assert torch.allclose(behind(x, "mean")[0, :, 3, 7], x.mean((2, 3))[0])
    soft = behind(x, "blur", sigma=2.0)
    assert soft.std() < x.std() / 2
    assert float((soft.mean() - x.mean()).abs()) < 0.05
