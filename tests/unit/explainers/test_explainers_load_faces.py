"""A user's folder of photographs: what is mended, what is refused, and in which words."""

from __future__ import annotations

import hashlib
import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers.catalog import HOME
from explainers.faces.detection import find_landmarks
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import FIVE, draw_parts, fit, part_numbers
from explainers.faces.photograph import read_photograph
from explainers.problems import Problems

FACE = HOME / "faces" / "rendered" / "f01.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "faces").mkdir()
    return tmp_path / "faces"


def portrait() -> Image.Image:
    with Image.open(FACE) as picture:
        return picture.convert("RGB")


def test_a_photograph_gets_landmarks_hash_and_range(folder: Path) -> None:
    portrait().save(folder / "ann.jpg", quality=95)
    (face,) = load_faces("faces", folder.parent)
    assert face.id == "ann"
    assert face.image.dtype == np.float32
    assert face.image.shape == (3, 448, 448)
    assert 0 <= face.image.min() < face.image.max() <= 1
    assert face.sha256 == hashlib.sha256((folder / "ann.jpg").read_bytes()).hexdigest()
    assert face.parts is None
    (shipped,) = load_faces("rendered", folder, ["f01"])
    between_eyes = np.linalg.norm(shipped.landmarks[0] - shipped.landmarks[2])
    error = np.linalg.norm(face.landmarks - shipped.landmarks, axis=1).mean()
    assert error < 0.08 * between_eyes


def test_parts_of_a_photograph_agree_with_the_exact_ones(folder: Path) -> None:
    shipped = load_faces("rendered", folder, ["f01", "f02", "f03", "f04"])
    for face in shipped:
        image = Image.fromarray((face.image.transpose(1, 2, 0) * 255).round().astype(np.uint8))
        image.save(folder / f"{face.id}.png")
    photographs = load_faces("faces", folder.parent, parts=True)
    for name, least in (("eyes", 0.3), ("nose", 0.4), ("mouth", 0.65), ("cheeks", 0.6)):
        number = part_numbers()[name]
        overlaps = []
        for face, exact in zip(photographs, shipped, strict=True):
            assert face.parts is not None and exact.parts is not None
            ours, theirs = face.parts == number, exact.parts == number
            overlaps.append((ours & theirs).sum() / (ours | theirs).sum())
        assert np.mean(overlaps) > least, name


def test_points_are_fitted_to_the_five_landmarks() -> None:
    rng = np.random.default_rng(0)
    points = rng.random((68, 2))
    matrix = np.array([[90.0, 5.0], [-4.0, 110.0]])
    moved = points @ matrix + [30, 40]
    assert np.allclose(fit(points, moved[FIVE]), moved)


def test_parts_are_drawn_where_the_points_are() -> None:
    points = np.full((68, 2), 50.0)
    points[48:60] = [[40, 70], [45, 66], [50, 65], [55, 66], [60, 70], [62, 72],
                     [60, 75], [55, 78], [50, 79], [45, 78], [40, 75], [38, 72]]  # fmt: skip
    parts = draw_parts(points, 100, 120)
    assert parts.shape == (100, 120)
    assert parts[72, 50] == part_numbers()["mouth"]
    assert parts[5, 5] == part_numbers()["background"]


def test_the_cameras_orientation_is_applied(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the picture must be turned clockwise
    portrait().crop((0, 0, 448, 420)).rotate(90, expand=True).save(
        folder / "a.jpg", exif=exif, quality=95
    )
    (face,) = load_faces("faces", folder.parent)
    assert face.image.shape == (3, 420, 448)
    upright = np.asarray(portrait().crop((0, 0, 448, 420))).transpose(2, 0, 1) / 255
    assert abs(face.image - upright).mean() < 0.02


def variants() -> dict[str, Image.Image]:
    rgb = portrait()
    gray = rgb.convert("L")
    deep = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    alpha = rgb.convert("RGBA")
    alpha.putalpha(255)
    return {
        "gray.png": gray,
        "deep.png": deep,
        "deep.tif": deep,
        "alpha.png": alpha,
        "cmyk.jpg": rgb.convert("CMYK"),
        "palette.png": rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=256),
        "gray_alpha.png": alpha.convert("LA"),
    }


@pytest.mark.parametrize("name", sorted(variants()))
def test_every_kind_of_picture_becomes_rgb(name: str, tmp_path: Path) -> None:
    picture = variants()[name]
    picture.save(tmp_path / name)
    image, _ = read_photograph(tmp_path / name)
    assert image.shape == (3, 448, 448)
    expected = portrait()
    if name.startswith(("gray", "deep")):
        expected = expected.convert("L").convert("RGB")
    assert abs(image - np.asarray(expected).transpose(2, 0, 1) / 255).mean() < 0.03


def test_transparent_pixels_become_mid_gray(tmp_path: Path) -> None:
    Image.new("RGBA", (80, 80), (255, 0, 0, 0)).save(tmp_path / "a.png")
    image, _ = read_photograph(tmp_path / "a.png")
    assert np.allclose(image, 128 / 255)


def test_a_huge_picture_is_scaled_down(folder: Path) -> None:
    portrait().resize((3000, 3000)).save(folder / "big.jpg")
    (face,) = load_faces("faces", folder.parent)
    assert face.image.shape == (3, 1024, 1024)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_all_bad_files_are_named_in_one_pass(folder: Path) -> None:
    portrait().save(folder / "good.png")
    portrait().resize((48, 48)).save(folder / "tiny.png")
    (folder / "words.png").write_text("this is no picture", encoding="utf-8")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "cut.jpg").write_bytes(_jpeg()[:2000])
    (folder / "bomb.png").write_bytes(bomb(60000, 60000))
    (folder / "larger.png").write_bytes(bomb(12000, 12000))
    Image.new("RGB", (300, 300), (90, 120, 90)).save(folder / "wall.png")
    with pytest.raises(Problems) as refused:
        load_faces("faces", folder.parent)
    text = str(refused.value)
    wheres = [Path(problem.where).name for problem in refused.value.problems]
    assert wheres == [
        "bomb.png",
        "cut.jpg",
        "empty.jpg",
        "larger.png",
        "tiny.png",
        "wall.png",
        "words.png",
    ]
    assert "cut.jpg\n  is damaged" in text
    assert "tiny.png\n  is too small (48 x 48 px)\n  fix: use a picture with at least 64 px" in text
    assert "words.png\n  is not a picture" in text
    assert "empty.jpg\n  is not a picture" in text
    assert "larger.png\n  has more than 89 million pixels" in text
    assert "bomb.png\n  has more than 89 million pixels" in text
    assert "wall.png\n  no face was found\n  fix: use a picture of one face" in text
    assert "good.png" not in text


def _jpeg() -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    portrait().save(buffer, "jpeg")
    return buffer.getvalue()


def test_hidden_files_are_not_looked_at_and_others_are_refused(folder: Path) -> None:
    portrait().save(folder / "ann.png")
    (folder / "._ann.png").write_bytes(b"left by a file manager")
    (folder / ".DS_Store").write_bytes(b"")
    assert [face.id for face in load_faces("faces", folder.parent)] == ["ann"]
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    portrait().save(folder / "ann.jpg")
    with pytest.raises(Problems) as refused:
        load_faces("faces", folder.parent)
    text = str(refused.value)
    assert "notes.txt\n  is not a picture" in text
    assert "ann.jpg and ann.png would be the same face" in text


def test_of_several_faces_the_largest_is_used_and_said(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small = portrait().resize((260, 260))
    group = Image.new("RGB", (760, 460), (128, 128, 128))
    group.paste(small, (0, 100))
    group.paste(portrait(), (290, 6))
    group.save(folder / "group.png")
    with caplog.at_level(logging.WARNING, "whyface"):
        (face,) = load_faces("faces", folder.parent)
    assert face.landmarks[:, 0].min() > 300
    assert "group.png: 2 faces were found; the largest is used" in caplog.text


def test_small_faces_are_looked_at_twice() -> None:
    image = np.asarray(portrait().resize((120, 120)), np.float32).transpose(2, 0, 1) / 255
    assert len(find_landmarks(image)) == 1


def test_unknown_faces_and_folders(folder: Path) -> None:
    with pytest.raises(Problems) as refused:
        load_faces("rendered", folder, ["f01", "g02", "zz"])
    assert "there is no face 'g02' in rendered\n  fix: did you mean 'f02'" in str(refused.value)
    assert len(refused.value.problems) == 2
    with pytest.raises(Problems, match="there is no folder 'pictures'"):
        load_faces("pictures", folder)
    with pytest.raises(Problems, match="holds no pictures"):
        load_faces("faces", folder.parent)
