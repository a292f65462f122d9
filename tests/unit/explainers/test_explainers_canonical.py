"""Canonical maps of one face: slow loops, a planted mouth in many poses, what is refused."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explainers.explanation import Explanation
from explainers.face import bilinear
from explainers.face_model import FaceModel
from explainers.faces.canonical_face import canonical_points, canonicalization
from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.models import recognition
from explainers.occluding.occluded import occluded_scores
from explainers.problems import Problems
from explainers.saliency.canonical import Canonical, around, covered
from explainers.saliency.occlusion import Occlusion
from explainers.targets.class_score import ClassScore
from explainers.targets.similarity import Similarity

NAMES = ("f01", "f02", "f06")


@pytest.fixture(scope="module")
def faces():
    return load_faces("rendered", Path(), NAMES)


def slow_map(method, model, face, label):
    """Window by window and pixel by pixel: a pixel is hidden when its canonical place is."""
    x = model.prepare([face])[0]
    size = x.shape[-1]
    places = canonicalization(face).places(size, model.chip_padding)
    shown = x.mean((1, 2)) if method.fill == "mean" else torch.full((3,), method.value)
    total, count = np.zeros((size, size)), np.zeros((size, size))
    whole = float(model.logits(x[None])[0, label])
    corners = [0]
    while corners[-1] + method.window < size:
        corners.append(corners[-1] + method.stride)
    for top in corners:
        for left in corners:
            covered = x.clone()
            for row in range(size):
                for column in range(size):
                    u, v = places[:, row, column]
                    if 0 <= u - left < method.window and 0 <= v - top < method.window:
                        covered[:, row, column] = shown
            drop = whole - float(model.logits(covered[None])[0, label])
            total[top : top + method.window, left : left + method.window] += drop
            count[top : top + method.window, left : left + method.window] += 1
    return total / count


@pytest.mark.parametrize("fill", ["mean", "value"])
@pytest.mark.parametrize(("window", "stride"), [(7, 5), (4, 4)])
def test_a_map_is_what_slow_loops_give(tiny, faces, window, stride, fill):
    model = tiny.model(tiny.convolutional())
    method = Canonical(window, stride, fill, of="logit", batch=5)
    explanation = method(model, faces[2], ClassScore("c"))
    slow = slow_map(method, model, faces[2], 2)
    assert np.abs(explanation.values - slow).max() < 1e-5
    assert explanation.checks["landmarks"] == 60
    assert explanation.checks["windows"] == len(Occlusion(window, stride).corners(20)) ** 2
    assert explanation.over == "canonical"


@pytest.mark.parametrize("fill", ["mean", "value", "blur"])
def test_on_a_face_in_the_canonical_pose_it_is_occlusion(tiny, fill):
    """Without dense landmarks the chips are taken to agree, so the windows are squares."""
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    canonical = Canonical(6, 4, fill)(model, face, ClassScore("b"))
    occlusion = Occlusion(6, 4, fill)(model, face, ClassScore("b"))
    assert np.allclose(canonical.values, occlusion.values, atol=1e-6)
    assert canonical.checks["landmarks"] == 5
    for check in ("score", "largest_drop", "smallest_drop", "windows"):
        assert canonical.checks[check] == pytest.approx(occlusion.checks[check], abs=1e-6)


@pytest.mark.parametrize("engine", ["batched", "incremental"])
def test_either_engine_gives_the_slow_map(faces, monkeypatch, engine):
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(5, 6, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(6 * 12 * 12, 3),
    )
    model = FaceModel("trunk", "letters", network, ("a", "b", "c"), 24, 0.25, "0", "0", "", "")
    through = partial(occluded_scores, engine=engine)
    monkeypatch.setattr("explainers.saliency.canonical.occluded_scores", through)
    method = Canonical(6, 6, of="logit")
    explanation = method(model, faces[2], ClassScore("a"))
    assert explanation.checks["engine"] == engine
    assert np.abs(explanation.values - slow_map(method, model, faces[2], 0)).max() < 1e-5


@given(
    move=st.tuples(*[st.floats(-15, 15)] * 2),
    scale=st.floats(0.4, 2.0),
    corner=st.tuples(*[st.integers(0, 11)] * 2),
    side=st.integers(1, 12),
)
@settings(max_examples=80, deadline=None)
def test_a_window_of_the_picture_is_the_smallest_around_the_bent_square(move, scale, corner, side):
    y, x = torch.meshgrid(*[torch.arange(12) + 0.5] * 2, indexing="ij")
    places = torch.stack([x * scale + move[0] + 0.1 * y, y * scale + move[1]])
    square = torch.tensor([[*corner, side, side]])
    inside = covered(places, square)[0]
    top, left, height, width = around(places, square)[0].tolist()
    if not inside.any():
        assert height == width == 0, "nothing of it is in the picture"
        return
    rows, columns = inside.nonzero(as_tuple=True)
    assert (top, top + height - 1) == (int(rows.min()), int(rows.max()))
    assert (left, left + width - 1) == (int(columns.min()), int(columns.max()))


class Lipstick(nn.Module):
    """Sees nothing but how much pure red there is."""

    def forward(self, x):
        red = (x[:, 0] - x[:, 1:].amax(1) - 0.5).relu().mean((1, 2))
        return torch.stack([red, -red], dim=1)


def with_lipstick(name, matrix=((1.0, 0.0), (0.0, 1.0))):
    """A shipped face with a red mouth, sheared and stretched as turning a head does."""
    (face,) = load_faces("rendered", Path(), [name])
    mouth = face.parts == part_numbers()["mouth"]
    red = np.where(mouth, np.array([0.9, 0.0, 0.0])[:, None, None], face.image * 0.5)
    middle = face.landmarks.mean(0)
    change = np.array(matrix)
    grid = np.moveaxis(np.mgrid[0 : face.image.shape[1], 0 : face.image.shape[2]][::-1], 0, -1)
    back = (grid - middle) @ np.linalg.inv(change).T + middle
    image = bilinear(red, np.moveaxis(back, -1, 0)).astype(np.float32)
    return replace(face, image=image, landmarks=(face.landmarks - middle) @ change.T + middle)


def centre(values):
    weights = np.clip(values, 0, None)
    y, x = np.mgrid[0 : len(values), 0 : len(values)] + 0.5
    return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()


def test_a_network_that_sees_only_the_mouth_has_its_map_there_in_every_pose_and_expression():
    network = nn.Sequential(nn.Identity(), Lipstick())
    model = FaceModel("mouth", "lipstick", network, ("red", "pale"), 80, 0.25, "0", "0", "", "")
    poses = [
        with_lipstick("f02"),
        with_lipstick("f06"),
        with_lipstick("f01"),
        with_lipstick("f03", ((0.85, 0.0), (0.0, 1.15))),
        with_lipstick("f16", ((1.1, 0.12), (0.0, 0.9))),
    ]
    window, target = 8, ClassScore("red")
    lips = (canonical_points()[48:60] + 0.25) / 1.5 * 80
    mouth = lips.mean(0)
    left, top = lips.min(0) - window
    right, bottom = lips.max(0) + window
    y, x = np.mgrid[0:80, 0:80] + 0.5
    around = (x > left) & (x < right) & (y > top) & (y < bottom)
    found, plain = [], []
    for face in poses:
        values = Canonical(window, 4, "value", of="logit")(model, face, target).values
        assert np.abs(values)[around].sum() > 0.97 * np.abs(values).sum()
        found.append(centre(values))
        plain.append(centre(Occlusion(window, 4, "value", of="logit")(model, face, target).values))
    assert np.linalg.norm(np.array(found) - mouth, axis=1).max() < 4, "pixels of 80"
    assert np.std(found, axis=0).max() < 0.6 * np.std(plain, axis=0).max()


def test_mistakes_are_told_all_at_once(tiny, faces):
    with pytest.raises(Problems) as error:
        Canonical(window=0, stride=0, fill="means", value=2.0, of="logits", batch=0)
    assert len(error.value.problems) == 6
    model = tiny.model(tiny.convolutional())
    with pytest.raises(Problems, match=r"larger than the picture \(20 pixels\)"):
        Canonical(window=30)(model, faces[0], ClassScore(0))
    with pytest.raises(Problems, match="has no five landmarks"):
        Canonical(6, 4)(model, replace(tiny.face(), landmarks=np.zeros((5, 2))), ClassScore(0))
    with pytest.raises(Problems, match="unknown class 'e'"):
        Canonical(6, 4)(model, faces[0], ClassScore("e"))


def test_a_network_without_classes_explains_similarity_but_no_class(faces):
    model = recognition.load()
    explanation = Canonical(75, 75)(model, faces[0], Similarity(faces[1]))
    assert explanation.values.shape == (150, 150)
    with pytest.raises(Problems, match="has no classes"):
        Canonical(75, 75)(model, faces[0], ClassScore("happy"))


def test_nothing_else_changes(tiny, faces):
    model = tiny.model(nn.Sequential(*tiny.convolutional(), nn.Dropout(0.5)))
    model.network.train()
    state = torch.get_rng_state()
    once, again = (Canonical(6, 4)(model, faces[0], ClassScore(0)).values for _ in range(2))
    assert np.array_equal(once, again)
    assert model.network.training
    assert torch.equal(torch.get_rng_state(), state)


def test_where_a_map_lies_is_one_of_two_places():
    assert Explanation(np.zeros((2, 2)), "signed").over == "face"
    with pytest.raises(ValueError, match="over is one of face, canonical, not 'mean'"):
        Explanation(np.zeros((2, 2)), "signed", over="mean")
