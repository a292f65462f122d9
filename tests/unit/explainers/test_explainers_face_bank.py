"""The shipped bank of rendered faces is whole, varied, and what its index says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import dlib  # type: ignore[import-untyped]
import numpy as np
import pytest
from PIL import Image

import explainers

FACES = Path(explainers.__file__).parent / "faces"
BANK = FACES / "rendered"
ROWS: list[dict[str, Any]] = json.loads((BANK / "index.json").read_text(encoding="utf-8"))
PARTS: dict[str, int] = json.loads((FACES / "parts.json").read_text(encoding="utf-8"))
EACH = pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])


def picture(row: dict[str, Any]) -> np.ndarray:
    with Image.open(BANK / row["file"]) as image:
        assert image.mode == "RGB"
        return np.asarray(image)


def part_map(row: dict[str, Any]) -> np.ndarray:
    with Image.open(BANK / row["parts"]) as image:
        assert image.mode == "L"
        return np.asarray(image)


def test_the_folder_holds_what_the_index_names_and_nothing_else() -> None:
    named = {name for row in ROWS for name in (row["file"], row["parts"])}
    assert {path.name for path in BANK.iterdir()} == named | {"index.json", "LICENSE.txt"}
    assert len({row["sha256"] for row in ROWS}) == len(ROWS) == len({row["id"] for row in ROWS})


def test_the_bank_is_large_enough_and_small_enough_to_ship() -> None:
    assert len(ROWS) >= 16
    assert sum(path.stat().st_size for path in BANK.iterdir()) < 5_000_000


def test_the_faces_are_varied() -> None:
    decades = {row["age"] // 10 for row in ROWS}
    assert len(decades) >= 4
    for gender in ("female", "male"):
        assert sum(row["gender"] == gender for row in ROWS) >= len(ROWS) // 3
    assert len({row["expression"] for row in ROWS}) >= 5
    tones = [row["skin_tone"] for row in ROWS]
    assert all(tones.count(tone) >= 2 for tone in ("light", "medium", "dark"))


def test_names_give_nothing_away() -> None:
    for number, row in enumerate(ROWS, 1):
        assert row["id"] == f"f{number:02d}"
        assert row["file"] == f"{row['id']}.png"
        assert row["parts"] == f"{row['id']}_parts.png"


@EACH
def test_a_picture_is_the_one_that_was_hashed(row: dict[str, Any]) -> None:
    content = (BANK / row["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert min(picture(row).shape[:2]) >= 448
    assert row["licence"] == "CC0-1.0"
    assert row["attribution"]


@EACH
def test_a_picture_carries_no_words(row: dict[str, Any]) -> None:
    for name in (row["file"], row["parts"]):
        with Image.open(BANK / name) as image:
            image.load()
            assert not image.info.keys() & {"Comment", "Software", "Description", "Title", "exif"}


@EACH
def test_a_part_map_fits_its_picture(row: dict[str, Any]) -> None:
    parts = part_map(row)
    assert parts.shape == picture(row).shape[:2]
    assert set(np.unique(parts)) <= set(PARTS.values())
    share = {name: float((parts == number).mean()) for name, number in PARTS.items()}
    for name in ("eyes", "brows", "nose", "mouth", "cheeks", "forehead", "chin", "neck"):
        assert share[name] > 0.001, name
    assert share["background"] > 0.2
    # From the top: forehead, brows, eyes, nose, mouth, chin.
    order = ("forehead", "brows", "eyes", "nose", "mouth", "chin")
    heights = [float(np.nonzero(parts == PARTS[name])[0].mean()) for name in order]
    assert heights == sorted(heights)


def distance_to(parts: np.ndarray, name: str, point: np.ndarray) -> float:
    """Pixels from a point to the nearest pixel of a part."""
    rows, columns = np.nonzero(parts == PARTS[name])
    return float(np.hypot(columns - point[0], rows - point[1]).min())


@EACH
def test_landmarks_lie_on_their_parts(row: dict[str, Any]) -> None:
    parts, points = part_map(row), np.array(row["landmarks5"], float)
    assert points.shape == (5, 2)
    between_eyes = float(np.hypot(*(points[0] - points[2])))
    for corner in points[:4]:
        assert distance_to(parts, "eyes", corner) <= 0.03 * between_eyes
    assert distance_to(parts, "nose", points[4]) <= 0.03 * between_eyes
    # dlib's order: right of the picture outer, inner; left outer, inner; the nose in the middle.
    assert points[0, 0] > points[1, 0] > points[4, 0] > points[3, 0] > points[2, 0]
    assert points[4, 1] > points[:4, 1].max()


def detected(image: np.ndarray) -> list[Any]:
    return list(dlib.get_frontal_face_detector()(image, 1))


@EACH
def test_a_detector_for_photographs_finds_the_one_face(row: dict[str, Any]) -> None:
    found = detected(picture(row))
    assert len(found) == 1
    for x, y in row["landmarks5"]:
        assert found[0].contains(int(x), int(y))


def test_landmarks_from_the_geometry_agree_with_those_from_the_picture() -> None:
    """The bank's points come from mesh vertices; dlib's shape predictor sees only pixels."""
    from explainers.faces.detection import find_landmarks

    errors = []
    for row in ROWS:
        points = np.array(row["landmarks5"], float)
        seen = find_landmarks(picture(row).transpose(2, 0, 1) / np.float32(255))[0]
        scale = np.hypot(*(points[0] - points[2]))
        errors.append(np.hypot(*(seen - points).T).mean() / scale)
    assert max(errors) < 0.12, dict(zip([row["id"] for row in ROWS], errors, strict=True))
    assert np.mean(errors) < 0.07
