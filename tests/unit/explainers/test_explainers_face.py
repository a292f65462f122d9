"""The aligned crop agrees with dlib's and with geometry."""

from __future__ import annotations

import dlib  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.catalog import HOME
from explainers.face import TEMPLATE, Face, bilinear, chip_transform
from explainers.faces.detection import PREDICTOR
from explainers.faces.face_bank import load_faces


def smooth_picture(side: int = 400) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(7 * x + 3 * y), np.cos(9 * y), np.sin(5 * x * y)]
    return ((np.stack(waves) + 1) / 2).astype(np.float32)


def dlib_chip(image: np.ndarray, landmarks: np.ndarray, size: int, padding: float) -> np.ndarray:
    pixels = np.ascontiguousarray((image.transpose(1, 2, 0) * 255).round().astype(np.uint8))
    points = dlib.points([dlib.point(int(x), int(y)) for x, y in landmarks])
    shape = dlib.full_object_detection(dlib.rectangle(0, 0, 10, 10), points)
    details = dlib.get_face_chip_details(shape, size, padding)
    return dlib.extract_image_chip(pixels, details).transpose(2, 0, 1) / 255


@pytest.mark.parametrize(("size", "padding"), [(112, 0.25), (150, 0.25), (64, 0.2), (224, 0.0)])
@pytest.mark.parametrize("turn", [0.0, 0.3, -0.5])
def test_chip_is_dlibs(size: int, padding: float, turn: float) -> None:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    landmarks = ((TEMPLATE - 0.5) @ rotation.T * 150 + 200).round()
    face = Face("a", smooth_picture(), landmarks)
    chip = face.chip(size, padding)
    assert chip.shape == (3, size, size)
    assert chip.dtype == np.float32
    # On a smooth picture resampling hardly matters: what is left is the eight-bit rounding, and for
    # chips less than half as large a shift by a quarter pixel that dlib's image pyramid brings.
    shrunk = abs(chip_transform(landmarks, size, padding)[0]) > 2
    tolerance = 0.03 if shrunk else 0.012
    assert abs(chip - dlib_chip(face.image, landmarks, size, padding)).max() < tolerance


def test_chip_of_a_real_face_is_dlibs() -> None:
    (face,) = load_faces("rendered", HOME, ["f01"])
    difference = abs(face.chip(150, 0.25) - dlib_chip(face.image, face.landmarks, 150, 0.25))
    assert difference.mean() < 0.01


@given(
    scale=st.floats(20, 300),
    turn=st.floats(-3, 3),
    x=st.floats(-50, 500),
    y=st.floats(-50, 500),
    padding=st.floats(0, 0.5),
)
def test_transform_brings_the_template_to_the_landmarks(
    scale: float, turn: float, x: float, y: float, padding: float
) -> None:
    landmarks = TEMPLATE[:, 0] + 1j * TEMPLATE[:, 1]
    landmarks = landmarks * scale * np.exp(1j * turn) + complex(x, y)
    a, c = chip_transform(np.stack([landmarks.real, landmarks.imag], 1), 112, padding)
    chip = (TEMPLATE + padding) / (2 * padding + 1) * 112
    places = a * (chip[:, 0] + 1j * chip[:, 1] - 56 * (1 + 1j)) + c
    assert np.allclose(places, landmarks, atol=1e-6 * scale)


def test_transform_is_the_least_squares_similarity() -> None:
    rng = np.random.default_rng(0)
    landmarks = TEMPLATE * 100 + rng.normal(0, 4, (5, 2))
    z = TEMPLATE[:, 0] * 100 + 1j * TEMPLATE[:, 1] * 100
    w = landmarks[:, 0] + 1j * landmarks[:, 1]
    # The slow twin: solve for the four numbers of a similarity transform.
    rows = [[p.real, -p.imag, 1, 0] for p in z] + [[p.imag, p.real, 0, 1] for p in z]
    solution = np.linalg.lstsq(np.array(rows), np.concatenate([w.real, w.imag]), rcond=None)[0]
    a, c = chip_transform(landmarks, 100, 0.0)
    assert np.allclose([a.real, a.imag], solution[:2])
    slow = complex(*solution[:2]) * (50 + 50j) + complex(*solution[2:])
    assert np.allclose(c, slow)


def test_beyond_the_picture_its_border_is_repeated() -> None:
    image = np.zeros((3, 60, 60), np.float32)
    image[:, :, 0] = 1
    face = Face("a", image, TEMPLATE * 58 + 1)
    assert np.allclose(face.chip(64, 0.5)[:, 20:40, 0], 1)


def test_small_chips_do_not_alias() -> None:
    stripes = np.zeros((3, 800, 800), np.float32)
    stripes[:, :, ::2] = 1
    chip = Face("a", stripes, TEMPLATE * 600 + 100).chip(32, 0.0)
    assert abs(chip - 0.5).max() < 0.1


def test_bilinear_between_pixels() -> None:
    image = np.array([[[0.0, 1.0], [2.0, 3.0]]])
    assert bilinear(image, np.array([[0.5], [0.5]])).tolist() == [[1.5]]
    assert bilinear(image, np.array([[9.0], [-9.0]])).tolist() == [[1.0]]


def test_parts_move_with_the_picture() -> None:
    (face,) = load_faces("rendered", HOME, ["f01"])
    parts = face.chip_parts(112, 0.25)
    assert parts is not None and face.parts is not None
    assert parts.shape == (112, 112)
    assert set(np.unique(parts)) <= set(np.unique(face.parts))
    assert Face("a", face.image, face.landmarks).chip_parts(112) is None


def test_the_predictor_is_shipped() -> None:
    assert PREDICTOR.stat().st_size == 9_150_489
