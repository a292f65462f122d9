"""Pieces of faces, their clusters and drawings, and the finders made of them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from explainers.concept_finding.clusters import clusters, common
from explainers.concept_finding.discovery import Patch
from explainers.concept_finding.drawing import GAP, SIDE, cut_out, segment_png, strip_png
from explainers.concept_finding.gallery import gallery
from explainers.concept_finding.layer_maps import layer_maps
from explainers.concept_finding.members import members
from explainers.concept_finding.pieces import Pieces, chips_of, part_name
from explainers.concept_finding.receptive import field_side, window
from explainers.concept_finding.segments import OVERLAP, jaccard, segments
from explainers.concepts.ace import Ace
from explainers.concepts.common_activation import CommonActivation
from explainers.concepts.tcav import Tcav
from explainers.face import Face
from explainers.faces.face_bank import load_faces
from explainers.problems import Problems


def square(top: int, left: int, side: int, size: int = 20) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def crowd(tiny: SimpleNamespace, count: int = 6) -> dict[str, Face]:
    """Faces of noise, with a part map of stripes."""
    stripes = np.repeat(np.arange(2, 12), 4)[:, None] * np.ones(40, int)
    faces = [replace(tiny.face(n), parts=stripes.astype(np.uint8)) for n in range(count)]
    return {face.id: face for face in faces}


def test_no_two_segments_are_the_same_and_each_pixel_is_in_one() -> None:
    (face,) = load_faces("rendered", Path(), ["f01"])
    masks = segments(face.chip(64), (6, 20))
    assert np.any(masks, axis=0).all()
    pairs = [(a, b) for n, a in enumerate(masks) for b in masks[:n]]
    assert max(jaccard(a, b) for a, b in pairs) <= OVERLAP
    assert len(masks) > 12


def test_clusters_are_ordered_by_distance_and_small_ones_are_left_out() -> None:
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (12, 3)), rng.normal(50, 1, (9, 3)), [[99] * 3]])
    faces = [f"f{n % 6}" for n in range(22)]
    groups = clusters(features, faces, 3, least=4, seed=0)
    assert [sorted(group.tolist()) for group in groups] == [list(range(12)), list(range(12, 21))]
    for group in groups:
        away = np.linalg.norm(features[group] - features[group].mean(0), axis=1)
        assert (np.diff(away) >= -1e-9).all()


@pytest.mark.parametrize(
    ("faces", "among", "expected"),
    [
        ("abc", 50, True),  # 3 > 3 / 2
        ("aabbcc", 8, True),  # 3 > 6 / 4 and 3 > 8 / 4
        ("aabbcc", 16, False),
        ("a" * 10 + "bc", 4, True),  # 3 > 12 / 10 and 3 > 4 / 2
        ("a" * 10 + "bc", 8, False),
    ],
)
def test_a_cluster_is_of_enough_faces(faces: str, among: int, expected: bool) -> None:
    assert common(faces, among) is expected


def test_a_segment_keeps_its_proportions_in_the_middle_of_gray() -> None:
    chip = np.zeros((3, 40, 40), np.float32)
    chip[0] = 1
    mask = np.zeros((20, 20), bool)
    mask[2:12, 4:9] = True  # twice as high as wide; at the chip's finer pixels too
    red = cut_out(chip, mask, 100)[0] > 0.9
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(2, abs=0.15)
    assert rows.mean() == pytest.approx(49.5, abs=1)
    assert columns.mean() == pytest.approx(49.5, abs=1)
    assert cut_out(chip, mask, 100)[:, 50, 5] == pytest.approx(0.5)


def test_drawn_segments_are_equal_byte_by_byte_and_stand_side_by_side() -> None:
    chip = np.random.default_rng(0).random((3, 20, 20)).astype(np.float32)
    png = segment_png(chip, Patch("f", square(0, 15, 5), 1.0))
    assert png == segment_png(chip, Patch("g", square(0, 15, 5), 0.0))
    assert Image.open(io.BytesIO(png)).size == (SIDE, SIDE)
    strip = Image.open(io.BytesIO(strip_png([png] * 4)))
    assert strip.size == (4 * SIDE + 3 * GAP, SIDE)
    assert strip.getpixel((SIDE + GAP // 2, 10)) == (255, 255, 255)


def test_each_place_of_a_face_is_kept_once_best_first() -> None:
    places = (
        ("a", square(0, 0, 6)),
        ("a", square(0, 0, 5)),
        ("b", square(0, 0, 5)),
        ("a", square(10, 10, 5)),
    )
    pieces = Pieces(places, np.zeros((4, 2)))
    kept = pieces.patches(range(4), [1.0, 2.0, 3.0, 0.0], most=3)
    assert [(patch.face, patch.score) for patch in kept] == [("b", 3.0), ("a", 2.0), ("a", 0.0)]
    assert pieces.rows(kept) == [2, 1, 3]


def test_patches_are_called_after_the_part_that_they_show() -> None:
    faces = {face.id: face for face in load_faces("rendered", Path(), ["f01", "f05"])}
    shown = {name: face.chip_parts(64, 0.25) == 7 for name, face in faces.items()}
    patches = [Patch(name, mask, 1.0) for name, mask in shown.items()]
    assert part_name(patches, faces, 0.25) == "mouth"
    everything = [Patch(name, np.ones((64, 64), bool), 1.0) for name in faces]
    assert part_name(everything, faces, 0.25) in ("", "background", "skin", "hair")


def test_members_are_those_that_the_network_says(tiny: SimpleNamespace) -> None:
    model, faces = tiny.model(tiny.convolutional()), crowd(tiny, 12)
    chips = chips_of(model, faces)
    groups = members(model, chips, (), 2)
    for label, names in groups.items():
        assert {model.predict(faces[name]).label for name in names} == {label}
        assert len(names) >= 2


def test_all_that_is_wrong_with_classes_is_told_at_once(tiny: SimpleNamespace) -> None:
    model, faces = tiny.model(tiny.convolutional()), crowd(tiny, 2)
    with pytest.raises(Problems) as error:
        members(model, chips_of(model, faces), ("A", "b", "c"), 3)
    told = str(error.value)
    assert "no class 'A'" in told
    assert "and 3 are needed" in told
    unnamed = replace(model, labels=())
    with pytest.raises(Problems, match="use common_activation"):
        members(unnamed, chips_of(model, faces), (), 1)


def test_ace_gives_each_concept_a_control_of_the_same_class(tiny: SimpleNamespace) -> None:
    model, faces = tiny.model(tiny.convolutional()), crowd(tiny, 9)
    finder = Ace(layer="2", pieces=(8, 16), clusters=3, least=2, most=4, counterparts=2, null=5)
    seen: list[tuple[int, int]] = []
    found = finder(model, faces, 0, progress=lambda *step: seen.append(step))
    concepts = [concept for concept in found.concepts if not concept.random]
    controls = [concept for concept in found.concepts if concept.random]
    assert concepts
    assert len(controls) == len(concepts)
    assert {c.target for c in controls} == {c.target for c in concepts}
    assert seen[-1][0] == seen[-1][1] == found.checks["pieces"]
    for concept in found.concepts:
        names = {p.face for p in concept.patches}
        assert {model.predict(faces[name]).label for name in names} == {concept.target}
    again = finder(model, faces, 0)
    assert [c.scores for c in again.concepts] == [c.scores for c in found.concepts]
    assert gallery(found, model, faces).height > 100 * len(found.concepts) - 10


def test_parameters_out_of_range_are_told_together() -> None:
    with pytest.raises(Problems) as error:
        Ace(clusters=1, pieces=(1,), show="large", null=1)  # type: ignore[arg-type]
    assert len(error.value.problems) == 4
    with pytest.raises(Problems) as error:
        CommonActivation(field=0.0, basis="unit", channels=(-1,))  # type: ignore[arg-type]
    assert len(error.value.problems) == 3
    with pytest.raises(Problems):
        Tcav(counterparts=1)


def test_the_strongest_position_of_each_face(tiny: SimpleNamespace) -> None:
    model, faces = tiny.model(tiny.convolutional()), crowd(tiny)
    found = CommonActivation(layer="1", channels=(2, 4), count=2, patches=3)(model, faces, 0)
    maps = layer_maps(model, faces, "1")
    peaks = [(max(v for row in one[2] for v in row), name) for one, name in zip(
        maps.values.tolist(), maps.faces, strict=True
    )]  # fmt: skip
    shown = found.concepts[0].patches
    assert [p.face for p in shown] == [name for _, name in sorted(peaks, reverse=True)[:3]]
    one = maps.values[maps.faces.index(shown[0].face), 2]
    row, column = np.unravel_index(one.argmax(), one.shape)
    assert shown[0].mask[row, column]
    assert [row["direction"] for row in found.table][:3] == [
        "unit 2",
        "unit 4",
        "random direction 1",
    ]
    assert sum(concept.random for concept in found.concepts) == 4
    with pytest.raises(Problems, match="write 0 to 5"):
        CommonActivation(layer="1", channels=(6,))(model, faces, 0)


def test_a_random_direction_is_as_long_as_a_unit(tiny: SimpleNamespace) -> None:
    """Else its answers could not be compared with a unit's: on one channel they are the same."""
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 1, 1), torch.nn.Flatten(), torch.nn.LazyLinear(4)
    )
    network(torch.zeros(1, 3, tiny.size, tiny.size))
    model, faces = tiny.model(network, layer="0"), crowd(tiny)
    found = CommonActivation(layer="0", count=4)(model, faces, 0)
    units, random = found.table[0], found.table[1:]
    assert any(row["activation"] == pytest.approx(units["activation"]) for row in random)


def test_the_field_of_a_position_is_that_of_its_kernels(tiny: SimpleNamespace) -> None:
    model = tiny.model(tiny.convolutional())
    assert field_side(model, "0", 1.0) == 3
    assert field_side(model, "2", 1.0) == 5
    assert field_side(model, "2", 0.3) < 5
    assert window(8, (0.0, 7.0), 3).sum() == 9


def test_tcav_reads_folders_of_pictures(tiny: SimpleNamespace, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for concept, channel in (("red", 0), ("green", 1)):
        (tmp_path / concept).mkdir()
        for n in range(6):
            picture = rng.integers(0, 90, (64, 80, 3), np.uint8)
            picture[..., channel] += 150
            Image.fromarray(picture).save(tmp_path / concept / f"{n}.png")
    model, faces = tiny.model(tiny.convolutional()), crowd(tiny, 9)
    found = Tcav(sets=str(tmp_path), layer="0,2", counterparts=2, null=5, patches=4)(
        model, faces, 0
    )
    rows = {(row["concept"], row["class"], row["layer"]) for row in found.table}
    classes = {label for _, label, _ in rows}
    assert rows == {
        (name, label, layer)
        for name in ("red", "green", "random")
        for label in classes
        for layer in ("0", "2")
    }
    assert found.checks["pictures"] == {"green": 6, "red": 6}
    colours = [row for row in found.table if row["concept"] == "red" and row["layer"] == "0"]
    assert min(row["accuracy"] for row in colours) > 0.8
    for concept in found.concepts:
        assert {model.predict(faces[p.face]).label for p in concept.patches} <= {concept.target}


def test_all_that_is_wrong_with_folders_is_told_at_once(
    tiny: SimpleNamespace, tmp_path: Path
) -> None:
    model, faces = tiny.model(tiny.convolutional()), crowd(tiny, 9)
    with pytest.raises(Problems, match="holds no folder"):
        Tcav(sets=str(tmp_path))(model, faces, 0)
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "notes.txt").write_text("no picture")
    (tmp_path / "few" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(Problems) as error:
        Tcav(sets=str(tmp_path))(model, faces, 0)
    told = str(error.value)
    assert "notes.txt" in told
    assert "broken.png" in told
    assert "a concept needs 6" in told
