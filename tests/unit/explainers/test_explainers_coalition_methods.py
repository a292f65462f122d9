"""What every method that hides pieces of a face keeps: planted truth, determinism, errors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.models import age, expression, recognition
from explainers.occluding.fill import behind
from explainers.problems import Problems
from explainers.saliency._coalitions import Coalitions
from explainers.saliency._segments import segment
from explainers.saliency.kernel_shap import KernelShap
from explainers.saliency.lime import Lime
from explainers.saliency.region_occlusion import RegionOcclusion
from explainers.saliency.shapley_parts import ShapleyParts, all_coalitions
from explainers.target import on_scale
from explainers.targets.class_score import ClassScore
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

NAMES = ("eyes", "nose", "cheeks", "mouth", "chin")
METHODS = (
    RegionOcclusion(),
    ShapleyParts(),
    KernelShap("parts", samples=20),
    KernelShap("grid", pieces=9, samples=40, fill="inpainted"),
    Lime("superpixels", pieces=9, samples=40),
)


@pytest.fixture
def face(tiny):
    """A face of five parts side by side."""
    numbers = np.array([part_numbers()[name] for name in NAMES], np.uint8)
    return replace(tiny.face(), parts=np.tile(numbers[np.arange(40) * 5 // 40], (40, 1)))


class OneRegion(nn.Module):
    """Class 0 is how much red there is in some columns; nothing else matters."""

    def __init__(self, first, last):
        super().__init__()
        self.inner, self.columns = nn.Identity(), slice(first, last)

    def forward(self, x):
        red = self.inner(x)[:, 0, :, self.columns].mean((1, 2))
        return torch.stack([8 * red, 0 * red, 0 * red, 0 * red], 1)


def test_lime_explains_a_linear_network_wholly(tiny):
    model = tiny.model(nn.Sequential(nn.Identity(), OneRegion(0, 20)), layer="0")
    explainer = Lime("grid", pieces=9, samples=60, ridge=0.0, of="logit")
    checks = explainer(model, tiny.face(), ClassScore("a")).checks
    assert checks["r2"] == pytest.approx(1, abs=1e-6)
    assert checks["predicted"] == pytest.approx(checks["score"], abs=1e-4)


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("part", [0, 2, 4])
def test_all_mass_lies_on_the_pieces_of_the_only_region_that_matters(tiny, face, method, part):
    plain = tiny.model(tiny.convolutional())
    columns = np.flatnonzero((segment("parts", plain, face, 0).labels == part).all(0))
    first, last = int(columns[0]), int(columns[-1]) + 1
    model = tiny.model(nn.Sequential(nn.Identity(), OneRegion(first, last)), layer="0")
    if isinstance(method, Lime):
        method = replace(method, ridge=0.0)
    mass = np.abs(replace(method, of="logit")(model, face, ClassScore("a")).values)
    pieces = segment(getattr(method, "segments", "parts"), model, face, 9).labels
    may_matter = np.isin(pieces, pieces[:, first:last])
    assert mass.max() > 0.01
    assert mass[~may_matter].max(initial=0) < 1e-4 * mass.max()


def test_inpainted_pieces_hide_a_smile_where_one_colour_leaves_its_outline():
    model, shares = expression.load(), {}
    for face in load_faces("rendered", Path()):
        seen = model.predict(face)
        if seen.label == "happy" and seen.probability > 0.6:
            for fill in ("inpainted", "mean"):
                method = ShapleyParts(("brows", "eyes", "nose", "cheeks", "mouth"), fill=fill)
                checks = method(model, face, ClassScore("happy")).checks
                parts = {name: checks[f"part_{name}"] for name in method.parts}
                shares.setdefault(fill, []).append(max(parts, key=parts.get) == "mouth")
    assert np.mean(shares["inpainted"]) > np.mean(shares["mean"])
    assert np.mean(shares["inpainted"]) > 0.7


def test_hiding_and_asking_is_what_plain_loops_say(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    explainer = KernelShap("grid", pieces=4, samples=8, fill="blur", batch=3)
    pieces = segment("grid", model, face, 4)
    shown = all_coalitions(4)
    x = model.prepare([face])
    back, slow = behind(x, "blur"), []
    for row in shown:
        picture = back.clone()
        for piece in np.flatnonzero(row):
            here = torch.from_numpy(pieces.labels == piece)
            picture[..., here] = x[..., here]
        slow.append(float(model.scores(picture)[0, 1].detach()))
    told = []
    fast = Coalitions(explainer, model, face, ClassScore("b"), pieces).values(
        shown, lambda done, total: told.append((done, total))
    )
    assert fast == pytest.approx(np.array(slow), abs=1e-6)
    assert told == [(3, 16), (6, 16), (9, 16), (12, 16), (15, 16), (16, 16)]


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_networks_without_convolutions_and_any_scalar_are_explained(tiny, face, method):
    model = tiny.model(tiny.fully_connected())

    def difference(model, x):
        logits = model.logits(x)
        return logits[:, 0] - logits[:, 1]

    both = [replace(method, of="logit")(model, face, ClassScore(label)) for label in "ab"]
    values = method(model, face, difference).values
    assert values == pytest.approx(both[0].values - both[1].values, abs=1e-4)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_the_same_bits_again_and_nothing_else_changes(tiny, face, method):
    model = tiny.model(nn.Sequential(*tiny.convolutional(), nn.Dropout(0.5)))
    model.network.train()
    state, numbers = torch.get_rng_state(), np.random.get_state()[1].copy()
    once, again = (method(model, face, ClassScore("a")) for _ in range(2))
    assert np.array_equal(once.values, again.values)
    assert once.checks == again.checks
    assert model.network.training
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numbers)
    with pytest.raises(ValueError, match="explains a face"):
        method(model, None, ClassScore("a"))


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_network_that_puts_out_nan_is_refused(tiny, face, method):
    class Broken(nn.Module):
        def forward(self, x):
            return x.mean((2, 3)) * (float("nan") if x.mean() > 0 else 1.0) @ torch.ones(3, 4)

    model = tiny.model(nn.Sequential(nn.Identity(), Broken()), layer="0")
    with pytest.raises(Problems, match="not finite numbers"):
        method(model, face, ClassScore(0))


@pytest.mark.parametrize(
    ("method", "wrong", "expected"),
    [
        (
            RegionOcclusion,
            {"parts": ["mouht", 3], "fill": "in", "value": 2, "of": "p", "batch": 0},
            ("did you mean 'mouth'?", "unknown part 3", "fill", "value", "of", "batch"),
        ),
        (
            ShapleyParts,
            {"parts": "mouth", "fill": "inpaintd", "of": "logits", "batch": 1.5},
            ("parts\n  must be a list of names, not 'mouth'", "'inpainted'", "'logit'", "batch"),
        ),
        (
            KernelShap,
            {"segments": "part", "pieces": 1, "samples": 0, "seed": -1, "fill": "x"},
            ("did you mean 'parts'?", "pieces", "samples", "seed", "fill"),
        ),
        (
            Lime,
            {"segments": "cells", "kernel_width": 0, "ridge": -1.0, "samples": 1},
            ("segments", "kernel_width", "ridge", "samples"),
        ),
    ],
)
def test_all_wrong_parameters_are_named_at_once(method, wrong, expected):
    with pytest.raises(Problems) as error:
        method(**wrong)
    for text in expected:
        assert text in str(error.value)
    assert len(error.value.problems) == len(expected)


def test_too_few_samples_and_too_many_players_are_refused():
    with pytest.raises(Problems, match="99 are too few for 50 pieces\n  fix: write samples: 100"):
        KernelShap(samples=99)
    with pytest.raises(Problems, match=r"names 13 parts.*\n  fix: name 12 or fewer"):
        ShapleyParts(tuple(part_numbers())[:13])
    assert ShapleyParts(["mouth", "mouth", "eyes"]).parts == ("mouth", "eyes")


@pytest.mark.parametrize(
    "method",
    [
        RegionOcclusion(("eyes", "mouth")),
        ShapleyParts(("eyes", "mouth")),
        KernelShap(pieces=8, samples=16),
        Lime(pieces=8, samples=16),
    ],
    ids=repr,
)
def test_faces_are_explained_on_the_shipped_networks(method):
    one, two, three = load_faces("rendered", Path(), ["f01", "f02", "f03"])
    embedding = recognition.load()
    unit = Unit(embedding.layers()[3], channel=1)
    for model, target in (
        (age.load(), ClassScore(0)),
        (embedding, Similarity(two)),
        (embedding, Triplet(two, three)),
        (embedding, unit),
    ):
        explanation = method(model, one, target)
        assert explanation.values.shape == (model.input_size, model.input_size)
        assert np.abs(explanation.values).max() > 0
        with torch.no_grad():
            scaled = on_scale(target, "probability")
            score = float(scaled(model, model.prepare([one]))[0])
        assert explanation.checks["score"] == pytest.approx(score, abs=1e-4)
