"""The fidelity measures: slow twins, and a planted truth that every one of them must see."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from explainers import catalog
from explainers.explanation import Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.chip_face import face_of_chip
from explainers.faces.parts import part_numbers
from explainers.fidelity.completeness import Completeness
from explainers.fidelity.energy_pointing_game import EnergyPointingGame
from explainers.fidelity.hiding_game import HidingGame
from explainers.fidelity.implementation_invariance import ImplementationInvariance, rewritten
from explainers.fidelity.mask_and_evaluate import MaskAndEvaluate
from explainers.fidelity.mask_and_evaluate_faces import MaskAndEvaluateFaces, mask_of
from explainers.fidelity.max_sensitivity import MaxSensitivity
from explainers.fidelity.pointing_game import PointingGame
from explainers.fidelity.sensitivity import Sensitivity, correlation
from explainers.problems import Problems
from explainers.targets.class_score import ClassScore

SIZE = 20
REGION = (slice(4, 12), slice(8, 16))


class LooksAtRegion(nn.Module):
    """Class a is the picture's sum in one region, class b a constant; nothing else matters."""

    def __init__(self) -> None:
        super().__init__()
        weight = torch.zeros(SIZE, SIZE)
        weight[REGION] = 1.0
        self.convolution = nn.Conv2d(3, 2, 1)
        nn.init.constant_(self.convolution.weight, 1.0)
        nn.init.zeros_(self.convolution.bias)
        self.register_buffer("region", weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = (self.convolution(x) * self.region).sum((2, 3)) * 0.02
        return torch.stack([inside[:, 0], 0 * inside[:, 0] + 1.0], 1)


class Gradient:
    """Gradient times input of a logit: exact and complete for a linear network."""

    per, kind = "face", "signed"

    def __call__(self, model, face, target, *, progress=None):
        x = model.prepare([face]).requires_grad_(True)
        score = replace(target, of="logit")(model, x)
        (gradient,) = torch.autograd.grad(score.sum(), x)
        return Explanation((gradient * x).detach().sum(1)[0].numpy(), "signed")


@pytest.fixture
def planted(tiny: SimpleNamespace) -> SimpleNamespace:
    model = FaceModel(
        "planted",
        "letters",
        LooksAtRegion(),
        ("a", "b"),
        SIZE,
        0.25,
        "convolution",
        "0" * 64,
        "CC0-1.0",
        "planted",
    )
    face = tiny.face()
    chip = 0.2 + 0.8 * torch.rand(3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
    face = face_of_chip(face, chip.numpy(), 0.25)
    parts = np.zeros((SIZE, SIZE), np.uint8)
    parts[REGION] = part_numbers()["mouth"]
    face = replace(face, parts=parts)
    target, explainer = ClassScore("a"), Gradient()
    right = explainer(model, face, target)
    return SimpleNamespace(model=model, face=face, target=target, explainer=explainer, right=right)


def measure(metric, planted, explanation=None, explainer=None):
    return metric(
        planted.model,
        planted.face,
        planted.target,
        planted.right if explanation is None else explanation,
        explainer or planted.explainer,
    )


def random_map(seed: int) -> Explanation:
    return Explanation(np.random.default_rng(seed).random((SIZE, SIZE)) - 0.3, "signed")


GRAY = {"fill": "value", "value": 0.0, "patch": 4}
MAPS = [
    HidingGame(steps=8, **GRAY),
    MaskAndEvaluate(keep=0.2, **GRAY),
    MaskAndEvaluateFaces(hide=0.1, fill="value", value=0.0),
    PointingGame(parts=("mouth",), tolerance=0),
    EnergyPointingGame(parts=("mouth",)),
    Sensitivity(of="logit", **GRAY),
    Completeness(of="logit"),
]


@pytest.mark.parametrize("metric", MAPS, ids=lambda metric: type(metric).__name__)
def test_the_planted_region_beats_chance_and_the_opposite(metric, planted) -> None:
    sign = 1 if metric.better == "higher" else -1
    right = measure(metric, planted)
    assert sign * right.value > sign * right.baseline
    inverted = Explanation(-planted.right.values, "signed")
    assert sign * right.value > sign * measure(metric, planted, inverted).value
    chance = [sign * measure(metric, planted, random_map(seed)).value for seed in range(5)]
    assert sign * right.value > np.mean(chance)


@pytest.mark.parametrize("metric", MAPS, ids=lambda metric: type(metric).__name__)
def test_the_same_map_gets_the_same_score(metric, planted) -> None:
    torch.manual_seed(3)
    first = measure(metric, planted)
    torch.manual_seed(4)
    assert measure(metric, planted) == first


@pytest.mark.parametrize("metric", MAPS, ids=lambda metric: type(metric).__name__)
def test_batches_change_nothing(metric, planted) -> None:
    if hasattr(metric, "batch"):
        small = measure(replace(metric, batch=3), planted)
        assert small.value == pytest.approx(measure(metric, planted).value, abs=1e-6)


def hide(x: torch.Tensor, mask: torch.Tensor, gray: float) -> torch.Tensor:
    return torch.where(mask, torch.full_like(x, gray), x)


def slow_curves(model, x, order, patch, steps, gray):
    """Deletion and insertion one picture at a time; ``order`` lists cells."""
    side = math.ceil(SIZE / patch)
    deletion, insertion, share = [], [], []
    for k in sorted({round(step * len(order) / steps) for step in range(steps + 1)}):
        mask = torch.zeros(SIZE, SIZE, dtype=torch.bool)
        for cell in order[:k]:
            row, column = divmod(cell, side)
            mask[row * patch : (row + 1) * patch, column * patch : (column + 1) * patch] = True
        for kept, curve in ((mask, deletion), (~mask, insertion)):
            with torch.no_grad():
                curve.append(float(model.scores(hide(x, kept, gray))[0, 0]))
        share.append(k / len(order))
    return share, deletion, insertion


@pytest.mark.parametrize("patch", [4, 7])
def test_hiding_game_is_the_formula(patch: int, planted) -> None:
    values, x = planted.right.values, planted.model.prepare([planted.face])
    side = math.ceil(SIZE / patch)
    noisy = values + np.random.default_rng(0).normal(size=values.shape) * 0.01  # no ties
    means = [
        noisy[r * patch : (r + 1) * patch, c * patch : (c + 1) * patch].mean()
        for r in range(side)
        for c in range(side)
    ]
    order = sorted(range(side * side), key=lambda cell: -means[cell])
    share, deletion, insertion = slow_curves(planted.model, x, order, patch, 8, 0.3)
    score = measure(
        HidingGame(steps=8, patch=patch, fill="value", value=0.3),
        planted,
        Explanation(noisy, "signed"),
    )
    assert score.curve["x"] == pytest.approx(share)
    assert score.curve["deletion"] == pytest.approx(deletion, abs=1e-6)
    assert score.curve["insertion"] == pytest.approx(insertion, abs=1e-6)
    areas = [
        sum((b - a) * (p + q) / 2 for a, b, p, q in zip(share, share[1:], c, c[1:], strict=False))
        for c in (insertion, deletion)
    ]
    assert score.value == pytest.approx(areas[0] - areas[1], abs=1e-6)


def test_random_orders_are_what_brute_force_says(planted) -> None:
    x = planted.model.prepare([planted.face])
    rng = np.random.default_rng(0)
    curves = [
        slow_curves(planted.model, x, rng.permutation(25).tolist(), 4, 5, 0.0)[1:]
        for _ in range(200)
    ]
    deletion, insertion = np.mean(curves, axis=0)
    score = measure(HidingGame(steps=5, repeats=200, **GRAY), planted)
    assert score.curve["random_deletion"] == pytest.approx(deletion, abs=0.03)
    assert score.curve["random_insertion"] == pytest.approx(insertion, abs=0.03)
    assert abs(score.baseline) < 0.02
    assert score.details["baseline_sd"] > 0


def test_what_is_by_chance_is_computed_once_for_all_methods(planted) -> None:
    calls = []
    planted.model.network.register_forward_hook(lambda *_: calls.append(1))
    for metric in (HidingGame(steps=4, repeats=3, batch=1, **GRAY), Sensitivity(batch=1, **GRAY)):
        calls.clear()
        first = measure(metric, planted)
        often = len(calls)
        calls.clear()
        assert measure(metric, planted, random_map(1)).baseline == first.baseline
        assert len(calls) < often / 2
        calls.clear()
        measure(replace(metric, seed=9), planted)
        assert len(calls) == often


def test_a_map_without_opinion_is_hidden_at_random(planted) -> None:
    flat = Explanation(np.ones((SIZE, SIZE)), "unsigned")
    games = [measure(HidingGame(steps=8, seed=seed, **GRAY), planted, flat) for seed in range(20)]
    values = [game.value for game in games]
    assert len(set(values)) > 10
    assert abs(np.mean(values)) < 3 * np.std(values) / 20**0.5 + 1e-9


def test_mask_and_evaluate_keeps_the_most_salient_cells(planted) -> None:
    x = planted.model.prepare([planted.face])
    mask = torch.ones(SIZE, SIZE, dtype=torch.bool)
    mask[REGION] = False  # four cells of 4 x 4 of 25 are the region: 0.16
    with torch.no_grad():
        whole, kept = (float(planted.model.scores(p)[0, 0]) for p in (x, hide(x, mask, 0.0)))
    score = measure(MaskAndEvaluate(keep=0.16, **GRAY), planted)
    assert score.value == pytest.approx(whole - kept, abs=1e-6)
    assert score.details["score"] == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("hide_share", [0.0, 0.01, 0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_every_map_hides_the_same_amount(hide_share: float, seed: int) -> None:
    values = torch.randn(12, 12, generator=torch.Generator().manual_seed(seed)).double() ** 3
    mask = mask_of(values, hide_share)
    positive = (values > 0).double().mean()
    assert float(mask.mean()) == pytest.approx(min(hide_share, float(positive)))
    assert mask.min() >= 0 and mask.max() <= 1
    assert bool((mask[values <= 0] == 0).all())
    inside = (mask > 0) & (mask < 1)
    ratio = mask[inside] / values[inside]
    assert torch.allclose(ratio, ratio[:1].expand_as(ratio))
    if inside.any():
        assert bool((values[mask == 1] * ratio[0] >= 1 - 1e-9).all())


def test_faces_form_is_the_formula(planted) -> None:
    metric = MaskAndEvaluateFaces(hide=0.05, fill="value", value=0.3)
    x = planted.model.prepare([planted.face])
    h = np.maximum(planted.right.values.astype(float), 0)
    c = 0.05 * h.size / h.sum()
    assert (c * h).max() < 1  # no pixel is full, so the formula needs no search
    mask = torch.from_numpy(c * h).float()
    with torch.no_grad():
        whole, masked = (
            float(planted.model.scores(p)[0, 0]) for p in (x, x * (1 - mask) + 0.3 * mask)
        )
    score = measure(metric, planted)
    assert score.value == pytest.approx(whole - masked, abs=1e-6)
    assert score.details["hidden"] == pytest.approx(0.05)


def test_pointing_games_count_pixels(planted) -> None:
    values = np.zeros((SIZE, SIZE))
    values[5, 9], values[0, 0], values[19, 19] = 2.0, 1.0, -5.0
    one = Explanation(values, "signed")
    assert measure(PointingGame(("mouth",), tolerance=0), planted, one).value == 1
    assert measure(EnergyPointingGame(("mouth",)), planted, one).value == pytest.approx(2 / 3)
    values[3, 9] = 3.0  # one pixel above the region
    near = Explanation(values, "signed")
    assert measure(PointingGame(("mouth",), tolerance=0), planted, near).value == 0
    score = measure(PointingGame(("mouth",), tolerance=1), planted, near)
    assert (score.value, score.baseline) == (1, pytest.approx(100 / 400))
    assert measure(EnergyPointingGame(("mouth",)), planted, near).baseline == pytest.approx(0.16)


def test_expected_parts_follow_the_class(planted) -> None:
    by_class = PointingGame(parts={"a": ["mouth"], "b": ["nose"]})
    assert measure(by_class, planted).details["parts"] == "mouth"
    expression = replace(planted.model, task="expression", labels=("happy", "neutral"))
    game = PointingGame()
    args = (planted.face, ClassScore("happy"), planted.right, planted.explainer)
    assert game(expression, *args).details["parts"] == "eyes, cheeks, mouth"
    args = (planted.face, ClassScore("neutral"), planted.right, planted.explainer)
    with pytest.raises(Problems, match="nothing is expected of a map for neutral"):
        game(expression, *args)
    bare = replace(planted.face, parts=None)
    with pytest.raises(Problems, match="has no part map"):
        by_class(planted.model, bare, planted.target, planted.right, planted.explainer)


def test_sensitivity_is_a_correlation(planted) -> None:
    metric = Sensitivity(share=0.2, repeats=30, of="probability", **GRAY)
    x, values = planted.model.prepare([planted.face]), planted.right.values.astype(float)
    with torch.no_grad():
        whole = float(planted.model.scores(x)[0, 0])
        drops = [
            whole - float(planted.model.scores(hide(x, s, 0.0))[0, 0]) for s in metric.sets(SIZE)
        ]
    sums = [values[s.numpy()].sum() for s in metric.sets(SIZE)]
    assert {int(s.sum()) for s in metric.sets(SIZE)} == {5 * 16}
    assert measure(metric, planted).value == pytest.approx(np.corrcoef(sums, drops)[0, 1], abs=1e-5)
    # For a linear network, gradient times input explains each hidden piece exactly.
    assert measure(replace(metric, of="logit"), planted).value == pytest.approx(1, abs=1e-5)


def test_correlations_do_not_depend_on_the_maps_unit() -> None:
    sums = torch.rand(30, generator=torch.Generator().manual_seed(0)).double()
    drops = sums**2
    known = correlation(sums, drops)
    assert known == pytest.approx(np.corrcoef(sums, drops)[0, 1])
    assert correlation(1e-12 * sums, 1e-9 * drops) == pytest.approx(known)
    assert correlation(1e6 * sums, drops) == pytest.approx(known)
    assert correlation(torch.full((30,), 0.1), drops) == 0.0
    assert correlation(torch.zeros(30), drops) == 0.0


def test_completeness_of_a_linear_network(planted) -> None:
    score = measure(Completeness(of="logit"), planted)
    assert score.value == pytest.approx(0, abs=1e-5)
    assert score.details["sum"] == pytest.approx(score.details["difference"], rel=1e-5)
    double = Explanation(3 * planted.right.values, "signed")
    assert measure(Completeness(of="logit"), planted, double).value == pytest.approx(0.5, abs=1e-5)
    zeros = Explanation(np.zeros((SIZE, SIZE)), "signed")
    assert measure(Completeness(of="logit"), planted, zeros).value == 1


class Edges:
    """Depends on the wiring: the activation of whatever convolution runs first."""

    per, kind = "face", "signed"

    def __call__(self, model, face, target, *, progress=None):
        first = next(m for m in model.network.modules() if isinstance(m, nn.Conv2d))
        with torch.no_grad():
            return Explanation(first(model.prepare([face]))[0, 0].numpy(), "signed")


def test_invariant_and_variant_methods_are_told_apart(planted) -> None:
    metric = ImplementationInvariance()
    score = measure(metric, planted)
    assert score.value < 1e-6 < score.baseline
    assert (score.details["rewritten"], score.details["output_gap"]) == (1, 0.0)
    edges = Edges()
    own = edges(planted.model, planted.face, planted.target)
    assert measure(metric, planted, own, edges).value == pytest.approx(1 / 3)  # |2a - a| / 3 |a|


def test_rewriting_changes_no_function_and_not_the_model(tiny) -> None:
    x = torch.rand(2, 3, SIZE, SIZE)
    for network in (tiny.convolutional(), tiny.fully_connected()):
        model = tiny.model(network)
        before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        other = rewritten(model)
        assert torch.equal(other.logits(x), model.logits(x))
        assert len(list(other.network.modules())) > len(list(network.modules()))
        assert set(model.layers()) <= set(other.layers())
        after = network.state_dict()
        assert all(torch.equal(before[name], after[name]) for name in before)


class Jumpy:
    """Another map for every picture."""

    per, kind = "face", "signed"

    def __call__(self, model, face, target, *, progress=None):
        seed = int(face.sha256[:8], 16)
        return random_map(seed)


def test_max_sensitivity_tells_steady_from_jumpy(planted) -> None:
    metric = MaxSensitivity(radius=0.02, samples=3)
    steady = measure(metric, planted)
    # Gradient times input moves with the input: by at most the noise over the picture.
    assert 0 < steady.value < 0.1 < steady.baseline
    jumpy = measure(metric, planted, explainer=Jumpy())
    assert jumpy.value > 0.5
    assert measure(MaxSensitivity(radius=0.0), planted).value == 0


def test_a_crop_is_its_own_face(tiny) -> None:
    face: Face = tiny.face()
    for size, padding in ((20, 0.25), (64, 0.0), (33, 0.35)):
        chip = np.random.default_rng(0).random((3, size, size)).astype(np.float32)
        changed = face_of_chip(face, chip, padding)
        assert np.abs(changed.chip(size, padding) - chip).max() < 1e-5
        assert changed.sha256 != face.sha256


def test_all_mistakes_of_a_measure_come_at_once() -> None:
    with pytest.raises(Problems) as caught:
        HidingGame(steps=0, patch=0, fill="glass", of="odds")
    assert len(caught.value.problems) == 4
    with pytest.raises(Problems, match="did you mean 'mouth'"):
        PointingGame(parts=("moth",))
    with pytest.raises(Problems, match=r"write \[eyes, mouth\]"):
        PointingGame(parts="mouth")


@pytest.mark.parametrize("metric", MAPS, ids=lambda metric: type(metric).__name__)
def test_pictures_are_no_maps(metric, planted) -> None:
    picture = Explanation(np.zeros((3, SIZE, SIZE)), "image")
    with pytest.raises(Problems, match="not an explanation of kind image"):
        measure(metric, planted, picture)


def test_the_folder_keeps_the_contract() -> None:
    found = catalog.entries("fidelity")
    assert len(found) >= 9
    for entry in found:
        metric = entry.load()
        assert metric.better in ("higher", "lower"), entry.name
        assert set(metric.needs) <= {"parts", "faces", "explainer"}, entry.name
        assert entry.constant("better", None) == metric.better
        assert entry.constant("needs", None) == metric.needs
        assert callable(metric())
        assert all(parameter.doc for parameter in entry.parameters), entry.name
