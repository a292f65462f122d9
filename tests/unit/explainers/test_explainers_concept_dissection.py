"""Network dissection against its formula in plain loops, and on a network with planted parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from torch import nn

from explainers.concept_finding.alignment import align
from explainers.concept_finding.layer_maps import LayerMaps, cell_centres, layer_maps
from explainers.concept_finding.peaks import random_control, strongest_patches
from explainers.concept_finding.truth import UNKNOWN, Truth, truth_of
from explainers.concept_finding.vocabulary import WORDS, find_words
from explainers.concepts.network_dissection import NetworkDissection, rotated
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.faithfulness.planted_mark import as_face
from explainers.models import expression
from explainers.problems import Problems

SIZE = 32
COLOURS = {
    "mouth": (1.0, 0.0, 0.0),
    "eyes": (0.0, 0.0, 1.0),
    "nose": (0.0, 1.0, 0.0),
    "hair": (0.0, 0.0, 0.0),
}
PLACES = {"mouth": (22, 10, 4, 12), "eyes": (10, 6, 4, 6), "nose": (14, 14, 6, 5),
          "hair": (0, 3, 4, 26)}  # fmt: skip


def painted(count: int = 8, seed: int = 0) -> dict[str, Face]:
    """Faces whose parts each have one colour, at places that differ from face to face."""
    rng = np.random.default_rng(seed)
    faces = {}
    for index in range(count):
        chip = np.full((3, SIZE, SIZE), 0.6)
        parts = np.full((SIZE, SIZE), part_numbers()["skin"], np.uint8)
        for name, (top, left, height, width) in PLACES.items():
            y, x = np.array([top, left]) + rng.integers(0, 3, 2)
            inside = (slice(y, y + height), slice(x, x + width))
            chip[:, *inside] = np.array(COLOURS[name])[:, None, None]
            parts[inside] = part_numbers()[name]
        chip += rng.normal(0, 0.03, chip.shape)  # no two answers are equal
        picture = torch.from_numpy(chip.astype(np.float32)).clamp(0, 1)
        faces[f"p{index}"] = as_face(picture, f"p{index}", parts)
    return faces


def colour_network(parts: Iterable[str] = COLOURS) -> FaceModel:
    """Units that each answer to the colour of one part: ``relu(1 - 4 |c - colour|_1 / 3)``."""
    network = nn.Sequential(
        _Distances(torch.tensor([COLOURS[part] for part in parts])),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    labels = tuple(parts)
    return FaceModel(
        "colours", "letters", network, labels, SIZE, 0.25, "1", "0" * 64, "CC0-1.0", "built"
    )


class _Distances(nn.Module):
    def __init__(self, colours: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("colours", colours)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """How near each pixel is to each colour, [N, K, H, W]."""
        colours = self.get_buffer("colours")
        return 1 - 4 * (x[:, None] - colours[None, :, :, None, None]).abs().mean(2)


def simple_maps(values: np.ndarray, size: int) -> LayerMaps:
    """Maps that lie evenly over a picture, by whole numbers of pixels."""
    rows = np.kron(np.eye(values.shape[2]), np.ones((size // values.shape[2], 1)))
    columns = np.kron(np.eye(values.shape[3]), np.ones((size // values.shape[3], 1)))
    names = tuple(f"f{index}" for index in range(len(values)))
    return LayerMaps("l", names, values, rows, columns)


def slow_threshold(values: list[float], quantile: float) -> float:
    """The lowest value that at most a share ``quantile`` of values exceed."""
    for value in sorted(values):
        if sum(other > value for other in values) <= quantile * len(values):
            return value
    raise AssertionError


@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.1, 0.3]))
@settings(max_examples=25, deadline=None)
def test_iou_and_thresholds_are_those_of_the_formula(seed: int, quantile: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, (3, 2, 4, 4)).astype(np.float32)
    words = find_words(["mouth", "eyes", "happy", "young"])
    numbers = part_numbers()
    choices = [numbers["mouth"], numbers["eyes"], 0]
    map_ = rng.choice(choices, (3, 8, 8)).astype(np.uint8)
    map_[2] = UNKNOWN
    truths = np.array([[1, 0, 1], [np.nan, 1, 0]])
    truth = Truth(words[:2], np.array([choices[0], choices[1]]), map_, words[2:], truths)
    maps = simple_maps(values, 8)
    found = align(maps, truth, quantile)
    for unit in range(2):
        threshold = slow_threshold(values[:, unit].ravel().tolist(), quantile)
        assert found.thresholds[unit] == threshold
        hits = np.zeros((3, 8, 8), bool)
        for face, y, x in np.ndindex(3, 8, 8):
            hits[face, y, x] = values[face, unit, y // 2, x // 2] > threshold
        for word in range(2):
            both = either = 0
            for face, y, x in np.ndindex(2, 8, 8):
                is_part = map_[face, y, x] == choices[word]
                both += int(is_part and hits[face, y, x])
                either += int(is_part or hits[face, y, x])
            assert found.parts[unit, word] == pytest.approx(both / either if either else 0)
        for word in range(2):
            both = either = 0
            table = np.zeros((2, 2), int)
            for face in range(3):
                if not np.isnan(truths[word, face]):
                    answered, true = bool(hits[face].any()), bool(truths[word, face])
                    both += answered and true
                    either += answered or true
                    table[int(not answered), int(not true)] += 1
            assert found.attributes[unit, word] == pytest.approx(both / either if either else 0)
            p = fisher_exact(table, alternative="greater").pvalue
            assert found.p[unit, word] == pytest.approx(p)


def test_planted_parts_are_named_and_rotations_dissolve_them() -> None:
    faces = painted()
    dissect = NetworkDissection(quantile=0.06, least=0.5, rotations=6)
    found = dissect(colour_network(), faces, seed=3)
    units = [row for row in found.table if row["basis"] == "units"]
    assert [row["word"] for row in units] == list(COLOURS)
    assert all(row["detector"] for row in units)
    unique = found.checks["unique_detectors"]
    assert unique["units"] == 4
    turned = [count for basis, count in unique.items() if basis != "units"]
    assert len(turned) == 6 and max(turned) < 4
    named = {concept.name: concept for concept in found.concepts if not concept.random}
    for name, concept in named.items():
        assert {patch.face for patch in concept.patches} == set(faces)
        for patch in concept.patches:
            parts = faces[patch.face].chip_parts(SIZE)
            assert parts is not None and (parts[patch.mask] == part_numbers()[name]).any()
    controls = [concept for concept in found.concepts if concept.random]
    assert len(controls) == len(named) == 4


def test_rotation_keeps_lengths_and_angles() -> None:
    values = np.random.default_rng(0).normal(size=(2, 5, 3, 3)).astype(np.float32)
    turned = rotated(simple_maps(values, 3), np.random.default_rng(1)).values
    assert not np.allclose(turned, values, atol=0.1)
    before, after = (v.swapaxes(0, 1).reshape(5, -1) for v in (values, turned))
    np.testing.assert_allclose(after.T @ after, before.T @ before, atol=1e-4)


def test_attributes_are_tested_against_chance(tmp_path: Path) -> None:
    faces = painted(16)
    half = list(faces)[:8]
    for name in half:  # these have no mouth to be seen
        face = faces[name]
        image = np.where(face.parts == part_numbers()["mouth"], 0.6, face.image)
        faces[name] = as_face(torch.from_numpy(image.astype(np.float32)), name, face.parts)
    file = tmp_path / "attributes.csv"
    lines = [f"{name},face mask,{'yes' if name in half else 'no'}" for name in faces]
    lines += [f"{name},lips part,{'no' if name in half else 'yes'}" for name in faces]
    file.write_text("face,word,value\n" + "\n".join(lines))
    dissect = NetworkDissection(attributes=str(file), quantile=0.02, rotations=0)
    rows = dissect(colour_network(), faces, seed=0).table
    mouth = rows[0]
    assert mouth["attribute"] == "lips part" and mouth["attribute_iou"] == 1
    assert mouth["attribute_detector"] and mouth["attribute_p"] < 0.01
    assert not any(row["attribute_detector"] for row in rows[1:])


def test_places_of_a_map_are_those_that_it_looks_at(tiny: object) -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 32, 3, stride=2),  # looks at 1, 3, 5, ...
        nn.ReLU(),
        nn.MaxPool2d(2),  # looks at 2, 6, 10, ...
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 4),
    )
    model = tiny.model(network)  # type: ignore[attr-defined]
    for layer, start, stride in (("1", 1, 2), ("2", 2, 4)):
        for centres in cell_centres(model, layer):
            expected = start + stride * np.arange(len(centres))
            np.testing.assert_allclose(centres, expected, atol=0.5)


def test_a_network_that_takes_one_size_only_is_spread_evenly(tiny: object) -> None:
    class Fixed(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.reshape(-1, 3, 20, 20)[:, :, ::2, ::2]

    network = nn.Sequential(Fixed(), nn.ReLU(), nn.Flatten(), nn.Linear(300, 4))
    rows, columns = cell_centres(tiny.model(network), "1")  # type: ignore[attr-defined]
    np.testing.assert_allclose(rows, np.arange(10) * 2 + 0.5)
    np.testing.assert_allclose(columns, rows)


def test_a_layer_without_a_map_is_refused(tiny: object) -> None:
    model = tiny.model(tiny.fully_connected(), layer="1")  # type: ignore[attr-defined]
    with pytest.raises(Problems, match=r"puts out \[16\], which is no map"):
        NetworkDissection()(model, painted(2), 0)
    with pytest.raises(Problems, match="unknown layer"):
        NetworkDissection(layer="9")(model, painted(2), 0)
    with pytest.raises(Problems, match="there are none"):
        layer_maps(model, {})


def test_wrong_parameters_are_told() -> None:
    with pytest.raises(Problems) as error:
        NetworkDissection(quantile=0.0, rotations=-1, patches=0, words=("mouht", "noze"))
    assert len(error.value.problems) == 5
    assert "network_dissection: words\n  unknown word 'mouht'" in str(error.value)
    with pytest.raises(Problems, match="must be a list of words, not 'mouth'"):
        NetworkDissection(words="mouth")  # type: ignore[arg-type]


def test_faces_of_which_nothing_is_known_are_refused(tiny: object) -> None:
    face = tiny.face()  # type: ignore[attr-defined]
    with pytest.raises(Problems, match="the truth of none of them is known"):
        truth_of({"t0": face}, 20, 0.25, find_words(["happy", "hat"]))


def test_faces_without_a_part_map_get_one_from_their_landmarks() -> None:
    (face,) = load_faces("rendered", Path(), ["f01"])
    bare = truth_of({"f01": replace(face, parts=None)}, 64, 0.25, WORDS)
    exact = truth_of({"f01": face}, 64, 0.25, WORDS)
    drawn = {word.name: bare.mask(index)[0] for index, word in enumerate(bare.parts)}
    assert "mouth" in drawn and "hair" not in drawn
    for index, word in enumerate(exact.parts):
        if word.name in ("mouth", "eyes", "nose"):
            both = exact.mask(index)[0], drawn[word.name]
            middles = [np.argwhere(mask).mean(0) for mask in both]
            np.testing.assert_allclose(*middles, atol=3)


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_patches_hold_the_peak_and_are_best_first(seed: int, most: int) -> None:
    maps = np.random.default_rng(seed).normal(size=(5, 12, 12))
    faces = [f"f{index}" for index in range(5)]
    patches = strongest_patches(maps, faces, 1.0, most)
    scores = [patch.score for patch in patches]
    assert scores == sorted(scores, reverse=True) and all(score > 1 for score in scores)
    assert len(patches) == min(most, int((maps.max((1, 2)) > 1).sum()))
    for patch in patches:
        map_ = maps[faces.index(patch.face)]
        assert map_[patch.mask].max() == map_.max() == patch.score


def test_a_control_has_the_same_shapes_elsewhere() -> None:
    found = NetworkDissection(quantile=0.06, rotations=0)(colour_network(), painted(), 0)
    concept = found.concepts[0]
    control = random_control(concept, list(painted()), np.random.default_rng(5))
    assert control.random and control.name == ""
    sizes = [[int(patch.mask.sum()) for patch in one.patches] for one in (concept, control)]
    assert sizes[0] == sizes[1]
    assert len({patch.face for patch in control.patches}) == len(control.patches)
    again = random_control(concept, list(painted()), np.random.default_rng(5))
    assert [patch.box for patch in again.patches] == [patch.box for patch in control.patches]


def test_units_of_the_shipped_expression_network_detect_more_parts_than_rotations_do() -> None:
    faces = {face.id: face for face in load_faces("rendered", Path())}
    dissect = NetworkDissection(layer="dense2", quantile=0.01, rotations=2)
    found = dissect(expression.load(), faces, seed=1)
    unique = found.checks["unique_detectors"]
    assert unique["units"] > max(unique["rotation 1"], unique["rotation 2"])
    assert {"mouth", "eyes"} <= {concept.name for concept in found.concepts}
    alone = replace(dissect, rotations=0)(expression.load(), faces, seed=1)
    assert alone.table == found.table[: len(alone.table)]
