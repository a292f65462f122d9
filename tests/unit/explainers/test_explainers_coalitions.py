"""Region occlusion, Shapley values, KernelSHAP, LIME of faces: Captum, formulas, fillings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from captum import attr

from explainers.faces.face_bank import load_faces
from explainers.faces.parts import part_numbers
from explainers.models import expression
from explainers.occluding.fill import behind
from explainers.saliency._fill import inpaint, inpaint_each
from explainers.saliency._segments import segment
from explainers.saliency.kernel_shap import KernelShap
from explainers.saliency.lime import Lime
from explainers.saliency.region_occlusion import RegionOcclusion
from explainers.saliency.shapley_parts import ShapleyParts
from explainers.targets.class_score import ClassScore

NAMES = ("eyes", "nose", "cheeks", "mouth", "chin")


@pytest.fixture
def face(tiny):
    """A face of five parts side by side."""
    numbers = np.array([part_numbers()[name] for name in NAMES], np.uint8)
    return replace(tiny.face(), parts=np.tile(numbers[np.arange(40) * 5 // 40], (40, 1)))


@pytest.mark.parametrize("fill", ["inpainted", "mean", "value", "blur"])
def test_shapley_values_are_captums(tiny, face, fill):
    model = tiny.model(tiny.convolutional())
    ours = ShapleyParts(fill=fill, value=0.2, batch=7)(model, face, ClassScore("c"))
    x, labels = model.prepare([face]), segment("parts", model, face, 0).labels
    theirs = attr.ShapleyValues(model.scores).attribute(
        x,
        baselines=inpaint_each(x, labels) if fill == "inpainted" else behind(x, fill, 0.2),
        feature_mask=torch.from_numpy(labels)[None],
        target=2,
    )
    assert ours.values == pytest.approx(theirs[0, 0].numpy(), abs=1e-5)
    assert ours.checks["coalitions"] == 32
    assert ours.checks["efficiency_gap"] < 1e-6
    difference = ours.checks["score"] - ours.checks["baseline"]
    shares = [ours.checks[f"part_{name}"] for name in NAMES]
    assert sum(shares) == pytest.approx(difference, abs=1e-6)


def test_kernel_shap_of_a_face_is_exact_by_itself_where_samples_suffice(tiny, face):
    model = tiny.model(tiny.convolutional())
    exact = ShapleyParts(fill="mean")(model, face, ClassScore("b"))
    ours = KernelShap("parts", samples=30)(model, face, ClassScore("b"))
    assert ours.values == pytest.approx(exact.values, abs=1e-5)
    assert (ours.checks["exact"], ours.checks["coalitions"]) == (1, 32)
    fewer = KernelShap("parts", samples=20)(model, face, ClassScore("b"))
    assert (fewer.checks["exact"], fewer.checks["coalitions"]) == (0, 22)
    assert fewer.checks["efficiency_gap"] < 1e-6
    assert np.abs(fewer.values - exact.values).max() < np.abs(exact.values).max() / 2


def test_lime_is_the_weighted_ridge_of_what_the_network_says(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    explainer = Lime("grid", pieces=9, samples=50, seed=4, of="logit")
    explanation = explainer(model, face, ClassScore("d"))
    x, labels = model.prepare([face]), segment("grid", model, face, 9).labels
    shown = np.random.default_rng(4).random((50, 9)) < 0.5
    shown[0] = True
    pictures = []
    for row in shown:
        hidden = torch.from_numpy(~row[labels])
        pictures.append(torch.where(hidden, x.mean((2, 3), keepdim=True), x)[0])
    said = model.logits(torch.stack(pictures)).detach().numpy()[:, 3].astype(float)
    cosine = np.array([row.sum() / (np.sqrt(row.sum()) * 3) if row.any() else 0 for row in shown])
    weights = np.sqrt(np.exp(-((1 - cosine) ** 2) / 0.25**2))
    full = np.column_stack([shown, np.ones(50)])
    expected = np.linalg.solve(
        full.T @ (weights[:, None] * full) + np.diag([1.0] * 9 + [0.0]), full.T @ (weights * said)
    )
    assert explanation.values == pytest.approx(expected[labels], abs=1e-5)
    assert explanation.checks["intercept"] == pytest.approx(expected[9], abs=1e-5)
    mean = (weights * said).sum() / weights.sum()
    left = (weights * (said - full @ expected) ** 2).sum() / (weights * (said - mean) ** 2).sum()
    assert explanation.checks["r2"] == pytest.approx(1 - left, abs=1e-5)
    assert explanation.checks["score"] == pytest.approx(said[0], abs=1e-5)


@pytest.mark.parametrize("fill", ["mean", "value", "blur"])
@pytest.mark.parametrize("of", ["probability", "logit"])
def test_region_occlusion_is_captums_feature_ablation(tiny, face, fill, of):
    model = tiny.model(tiny.convolutional())
    ours = RegionOcclusion(fill=fill, value=0.7, of=of, batch=2)(model, face, ClassScore("a"))
    x = model.prepare([face])
    theirs = attr.FeatureAblation(model.scores if of == "probability" else model.logits).attribute(
        x,
        baselines=behind(x, fill, 0.7),
        feature_mask=torch.from_numpy(segment("parts", model, face, 0).labels)[None],
        target=0,
    )
    assert ours.values == pytest.approx(theirs[0, 0].numpy(), abs=1e-5)


def test_region_occlusion_on_the_expression_network_is_captums():
    model = expression.load()
    (face,) = load_faces("rendered", Path(), ["f01"])
    ours = RegionOcclusion(("mouth", "eyes", "nose"), fill="mean")(model, face, ClassScore("happy"))
    x = model.prepare([face])
    labels = segment("parts", model, face, 0, ("mouth", "eyes", "nose")).labels
    theirs = attr.FeatureAblation(model.scores).attribute(
        x,
        baselines=behind(x, "mean"),
        feature_mask=torch.from_numpy(labels + 1)[None],
        target=model.index("happy"),
    )
    inside = labels >= 0
    assert ours.values[inside] == pytest.approx(theirs[0, 0].numpy()[inside], abs=1e-5)
    assert not ours.values[~inside].any()


def test_an_inpainted_part_is_filled_for_itself(tiny, face):
    model = tiny.model(tiny.convolutional())
    explanation = RegionOcclusion(of="logit")(model, face, ClassScore("b"))
    x, labels = model.prepare([face]), segment("parts", model, face, 0).labels
    whole = model.logits(x)[0, 1]
    for index, name in enumerate(NAMES):
        drop = whole - model.logits(inpaint(x, labels == index))[0, 1]
        assert explanation.checks[f"part_{name}"] == pytest.approx(float(drop.detach()), abs=1e-5)
