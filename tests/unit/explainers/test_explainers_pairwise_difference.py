"""Pairwise difference maps: slow loops, a planted difference, and what the threshold leaves."""

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.detection import find_landmarks
from explainers.faces.face_bank import load_faces
from explainers.faces.part_swap import swap
from explainers.faces.photograph import read_photograph
from explainers.models import recognition
from explainers.problems import Problems
from explainers.saliency.pairwise_difference import LEARNED, PairwiseDifference, learn_threshold
from explainers.targets.class_score import ClassScore
from explainers.targets.similarity import Similarity

ROOT = Path(__file__).parents[3]
LONDON = Path(os.environ.get("WHYFACE_LONDON", ROOT.parent / "shared" / "data" / "london"))


def slow_changes(explainer, model, a, b):
    """The formula, window by window, with the cosine written out."""

    def cosine(x, y):
        fx, fy = model.logits(x[None])[0], model.logits(y[None])[0]
        return float(fx @ fy / (fx.norm() * fy.norm()))

    x, y = model.prepare([a, b])
    size = x.shape[-1]
    total, count = np.zeros((size, size)), np.zeros((size, size))
    corners = [0]
    while corners[-1] + explainer.window < size:
        corners.append(corners[-1] + explainer.stride)
    for top in corners:
        for left in corners:
            rows, columns = (slice(k, k + explainer.window) for k in (top, left))
            hidden = []
            for picture in (x, y):
                covered = picture.clone()
                covered[:, rows, columns] = (
                    picture.mean((1, 2))[:, None, None]
                    if explainer.fill == "mean"
                    else explainer.value
                )
                hidden.append(covered)
            total[rows, columns] += cosine(x, y) - cosine(*hidden)
            count[rows, columns] += 1
    return total / count


@pytest.mark.parametrize("fill", ["mean", "value"])
@pytest.mark.parametrize(("window", "stride"), [(6, 4), (7, 5), (20, 20)])
def test_maps_are_what_slow_loops_give(tiny, window, stride, fill):
    model, a, b = tiny.model(tiny.convolutional()), tiny.face(0), tiny.face(1)
    explainer = PairwiseDifference(window, stride, fill, threshold=0.0, batch=5)
    explanation = explainer(model, a, Similarity(b))
    slow = slow_changes(explainer, model, a, b)
    assert np.abs(explanation.values - slow).max() < 1e-5
    assert explanation.checks["largest_drop"] == pytest.approx(slow.max(), abs=1e-5)
    assert explanation.checks["largest_rise"] == pytest.approx(-slow.min(), abs=1e-5)
    similarity = float(Similarity(b)(model, model.prepare([a]))[0])
    assert explanation.checks["similarity"] == pytest.approx(similarity, abs=1e-6)


def test_the_one_place_where_two_faces_differ_is_found(tiny):
    class Colours(nn.Module):
        def forward(self, x):
            return nn.functional.avg_pool2d(x, 5).flatten(1)

    network = nn.Sequential(nn.Identity(), Colours())
    model = FaceModel("tiny", "recognition", network, (), 20, 0.25, "0", "0" * 64, "CC0", "test")
    a = tiny.face(0)
    image = a.image.copy()
    image[:, 20:30, 10:20] = 1 - image[:, 20:30, 10:20]
    b = Face("b", image, a.landmarks)
    values = PairwiseDifference(5, 5, "value", threshold=0.0)(model, a, Similarity(b)).values
    row, column = np.unravel_index(values.argmin(), values.shape)
    assert 10 <= row < 15 and 5 <= column < 10
    assert values.min() < 0, "without the difference they are more alike"


def test_what_is_not_beyond_the_threshold_is_zero_and_the_rest_untouched(tiny):
    model, a, b = tiny.model(tiny.convolutional()), tiny.face(0), tiny.face(1)
    whole = PairwiseDifference(6, 3, threshold=0.0)(model, a, Similarity(b))
    limit = float(np.median(np.abs(whole.values)))
    part = PairwiseDifference(6, 3, threshold=limit)(model, a, Similarity(b))
    beyond = np.abs(whole.values) > limit
    assert np.array_equal(part.values, np.where(beyond, whole.values, 0))
    assert part.checks["remains"] == pytest.approx(beyond.mean())
    assert part.checks["threshold"] == limit


def test_a_face_and_itself_show_nothing(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    values = PairwiseDifference(6, 3, threshold=1e-5)(model, face, Similarity(face)).values
    assert not values.any()


def test_the_learned_threshold_leaves_its_fraction_of_the_pairs_empty(tiny):
    model, explainer = tiny.model(tiny.convolutional()), PairwiseDifference(8, 6, threshold=0.0)
    pairs = [(tiny.face(seed), tiny.face(seed + 1)) for seed in range(9)]
    peaks = sorted(np.abs(slow_changes(explainer, model, *pair)).max() for pair in pairs)
    for quantile, empty in ((1.0, 9), (0.5, 5), (0.0, 1)):
        learned = learn_threshold(model, pairs, quantile, explainer)
        assert learned == pytest.approx(peaks[empty - 1], abs=1e-5)
    with pytest.raises(ValueError, match="at least one pair"):
        learn_threshold(model, [])
    with pytest.raises(ValueError, match="a quantile"):
        learn_threshold(model, pairs, 95)


def test_order_of_the_pair_does_not_matter_and_progress_reaches_the_end(tiny):
    model, a, b = tiny.model(tiny.convolutional()), tiny.face(0), tiny.face(1)
    told = []
    explainer = PairwiseDifference(8, 6, threshold=0.0, batch=4)
    one = explainer(model, a, Similarity(b), progress=lambda *step: told.append(step))
    other = explainer(model, b, Similarity(a))
    assert np.allclose(one.values, other.values, atol=1e-6)
    assert told == [(4, 9), (8, 9), (9, 9)]


def test_mistakes_are_told(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    with pytest.raises(Problems) as error:
        PairwiseDifference(window=4, stride=9, fill="means", threshold=-1.0, batch=0)
    assert len(error.value.problems) == 4
    with pytest.raises(Problems, match="cannot explain the target ClassScore"):
        PairwiseDifference()(model, face, ClassScore("a"))
    with pytest.raises(Problems, match=r"learned for model tiny.*\n  fix: give one: lear"):
        PairwiseDifference()(model, face, Similarity(face))
    with pytest.raises(Problems, match="none was learned"):
        PairwiseDifference(window=30)(recognition.load(), face, Similarity(face))
    with pytest.raises(Problems, match="larger than the picture"):
        PairwiseDifference(window=30, threshold=0.1)(model, face, Similarity(face))


@pytest.mark.parametrize(
    ("part", "name", "donor"),
    [("nose", "f01", "f03"), ("mouth", "f03", "f04"), ("eyes", "f04", "f07")],
)
def test_the_part_that_was_swapped_is_what_tells_two_faces_apart(part, name, donor):
    """Two pictures that differ in one part only: there the recognition network finds them apart."""
    before, other = load_faces("rendered", Path(), [name, donor])
    swapped = swap(before, other, part)
    changes, _ = PairwiseDifference(stride=18).changes(recognition.load(), before, swapped.after)
    region, apart = swapped.chip_region(150), np.clip(-changes, 0, None)
    assert region[apart >= 0.99 * apart.max()].any(), "the strongest block lies on the part"
    assert apart[region].mean() > 3 * apart.mean()


@pytest.fixture(scope="module")
def people():
    """Three people of the London Set that the threshold was not learned from: neutral, smiling."""
    if not (LONDON / "index.json").exists():
        pytest.skip("the London Set is not there; set WHYFACE_LONDON to its folder")
    index = json.loads((LONDON / "index.json").read_text(encoding="utf-8"))
    ids = sorted({entry["id"] for entry in index})[1::2][:3]
    faces = {}
    for entry in index:
        if entry["id"] in ids:
            image, sha256 = read_photograph(LONDON / entry["file"])
            face = Face(entry["file"], image, find_landmarks(image)[0], sha256=sha256)
            faces[entry["id"], entry["expression"]] = face
    return [(faces[person, "neutral"], faces[person, "smiling"]) for person in ids]


def test_pairs_of_one_person_stay_empty_and_others_do_not(people):
    model, explainer = recognition.load(), PairwiseDifference()
    same = [explainer(model, a, Similarity(b)) for a, b in people[:2]]
    others = [explainer(model, one[0], Similarity(other[0])) for one, other in pairwise(people)]
    assert all(e.checks["threshold"] == LEARNED for e in same)
    assert np.mean([e.checks["remains"] for e in same]) < 0.02
    assert sum(not e.values.any() for e in same) >= 1
    assert min(e.checks["remains"] for e in others) > 0.1
    # Different people are told apart by places without which they would be more alike.
    assert all(e.checks["largest_rise"] > e.checks["largest_drop"] for e in others)
