"""The canonical face: symmetric and sharper than a mean; landmarks arrive where they belong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explainers.face import TEMPLATE, chip_transform
from explainers.faces.canonical_face import (
    MIRRORED,
    NEUTRAL,
    OUTLINE,
    canonical_chip,
    canonical_face,
    canonical_points,
    canonical_sha256,
    canonicalization,
)
from explainers.faces.face_bank import load_faces
from explainers.faces.mean_face import mean_face
from explainers.faces.parts import find_points
from explainers.problems import Problems

FACES = ("f01", "f06", "f14")


def chip_points(face):
    """The landmarks in a chip without padding, from the transform's own definition."""
    scale, middle = chip_transform(face.landmarks, 1, 0.0)
    points = find_points(face)[:OUTLINE]
    z = (points[:, 0] + 1j * points[:, 1] - middle) / scale + 0.5 * (1 + 1j)
    return np.column_stack([z.real, z.imag])


@pytest.mark.parametrize("face", load_faces("rendered", Path(), FACES), ids=FACES)
def test_each_landmark_goes_to_its_canonical_place_and_back(face):
    way, points = canonicalization(face), chip_points(face)
    assert way.landmarks == OUTLINE
    assert np.abs(way.warp(points) - canonical_points()).max() < 1e-9
    assert np.abs(way.warp.inverse(canonical_points()) - points).max() < 1e-9
    inside = np.random.default_rng(0).uniform(-0.4, 1.4, (200, 2))
    assert np.abs(way.warp.inverse(way.warp(inside)) - inside).max() < 1e-9


def test_the_canonical_shape_is_symmetric_and_near_the_template():
    points = canonical_points()
    assert np.allclose(points[MIRRORED] * [-1, 1] + [1, 0], points)
    assert (np.sort(MIRRORED) == np.arange(OUTLINE)).all()
    corners = points[[45, 42, 36, 39, 33]]
    assert np.linalg.norm(corners - TEMPLATE, axis=1).max() < 0.03


def test_the_canonical_face_is_symmetric_and_sharper_than_the_mean_of_unwarped_faces():
    picture = canonical_face(112, 0.25)
    assert picture.shape == (3, 112, 112)
    assert picture.dtype == np.float32
    assert np.allclose(picture, picture[:, :, ::-1])
    assert picture.min() >= 0 and picture.max() <= 1
    eyes = (slice(None), slice(28, 50), slice(22, 90))

    def contrast(face):
        return np.abs(np.diff(face[eyes].mean(0), axis=0)).mean()

    assert contrast(picture) > 1.3 * contrast(mean_face(112, 0.25))


def test_a_face_brought_to_the_canonical_shape_has_its_landmarks_there(monkeypatch):
    """A picture of its own coordinates tells from where in it each pixel comes."""
    (face,) = load_faces("rendered", Path(), ["f06"])
    points = find_points(face)
    height, width = face.image.shape[1:]
    y, x = np.mgrid[0:height, 0:width] / width
    monkeypatch.setattr("explainers.faces.canonical_face.find_points", lambda _: points)
    chip = canonical_chip(replace(face, image=np.stack([x, y, y])), 300, 0.25) * width
    columns, rows = np.floor((canonical_points().T + 0.25) / 1.5 * 300).astype(int)
    seen = chip[:2, rows, columns].T
    assert np.linalg.norm(seen - points[:OUTLINE], axis=1).max() < 1.5, "pixels of the picture"


def test_where_dense_landmarks_are_not_found_five_align_the_face(tiny):
    way = canonicalization(tiny.face())
    assert way.landmarks == 5
    size = 20
    x, y = way.places(size, 0.25)
    middles = np.arange(size) + 0.5
    assert np.allclose(x, middles[None, :]) and np.allclose(y, middles[:, None])


def test_a_canonical_map_on_the_face_itself():
    (face,) = load_faces("rendered", Path(), ["f06"])
    way = canonicalization(face)
    ramp = np.tile(np.arange(64, dtype=np.float32) + 0.5, (64, 1)).T
    assert np.allclose(way.on_face(ramp, 0.25), np.clip(way.places(64, 0.25)[1], 0.5, 63.5))


def test_a_face_without_landmarks_is_refused(tiny):
    for landmarks in (np.full((5, 2), np.nan), np.zeros((5, 2)), np.zeros((0, 2))):
        face = replace(tiny.face(), landmarks=landmarks)
        with pytest.raises(Problems, match=r"face t0\n  has no five landmarks.*\n  fix: use a pic"):
            canonicalization(face)


def test_the_hash_tells_which_faces_it_is_made_of():
    assert len(canonical_sha256()) == 64
    assert all(face.sha256 for face in load_faces("rendered", Path(), NEUTRAL))
