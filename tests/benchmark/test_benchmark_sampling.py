"""Hiding pieces of a face beside Captum on the same forward passes, in one run; `make bench`.

Both begin with the face. Captum gets its best setting: channels_last pictures and as many
perturbations at once as we take. Times are the processor's, so that a busy machine does not decide.
Its KernelSHAP and LIME fit their linear model with scikit-learn, which is not installed here; they
get a closed-form one in its place, so that the time for fitting is Captum's frame alone.
"""

import time
from pathlib import Path

import pytest
import torch
from captum import attr
from captum._utils.models.model import Model

from explainers.faces.face_bank import load_faces
from explainers.models import expression
from explainers.occluding.fill import behind
from explainers.saliency._segments import segment
from explainers.saliency.kernel_shap import KernelShap
from explainers.saliency.lime import Lime, weighted_ridge
from explainers.saliency.region_occlusion import RegionOcclusion
from explainers.saliency.shapley_parts import ShapleyParts
from explainers.targets.class_score import ClassScore

PIECES, SAMPLES, BATCH = 49, 256, 32
PARTS = ("brows", "eyes", "nose", "cheeks", "mouth", "chin", "forehead")


class Ridge(Model):
    """Weighted ridge regression in closed form, with Captum's interface."""

    def fit(self, train_data, **_):
        rows, values, weights = (
            torch.cat(part).double().numpy() for part in zip(*train_data, strict=True)
        )
        self.weights, _ = weighted_ridge(rows, values.ravel(), weights.ravel(), ridge=1e-6)

    def representation(self):
        return torch.from_numpy(self.weights).float()

    def __call__(self, x):
        return x @ self.representation()


@pytest.fixture(scope="module")
def scene():
    model = expression.load()
    (face,) = load_faces("rendered", Path(), ["f01"])

    def scores(x):
        return model.scores(x.contiguous(memory_format=torch.channels_last))

    return model, face, scores


def captums(method, scene, kind, parts=(), **settings):
    """A run of Captum's method on the same pieces, from the face to the map."""
    model, face, _ = scene

    def run():
        x = model.prepare([face])
        labels = segment(kind, model, face, PIECES, parts).labels
        return method.attribute(
            x,
            baselines=behind(x, "mean"),
            target=model.index("happy"),
            feature_mask=torch.from_numpy(labels - labels.min())[None, None],
            perturbations_per_eval=BATCH,
            **settings,
        )

    return run


def compare(name, passes, ours, theirs, rounds):
    """The best of alternating runs of both, after one of each to warm up."""
    times = {ours: [], theirs: []}
    for _ in range(rounds + 1):
        for run in (ours, theirs):
            began = time.process_time()
            with torch.no_grad():
                run()
            times[run].append(time.process_time() - began)
    mine, captum = (1000 * min(each[1:]) / passes for each in times.values())
    print(
        f"\n{name}: {passes} passes, {mine:.2f} ms each, Captum {captum:.2f} ms: "
        f"{captum / mine:.2f}x ({torch.get_num_threads()} threads)"
    )
    return captum / mine


@pytest.mark.benchmark
def test_region_occlusion_beside_feature_ablation(scene):
    model, face, scores = scene
    explainer = RegionOcclusion(PARTS, fill="mean", batch=BATCH)
    compare(
        "region occlusion, FeatureAblation",
        len(PARTS) + 2,  # Captum hides the rest of the picture too
        lambda: explainer(model, face, ClassScore("happy")),
        captums(attr.FeatureAblation(scores), scene, "parts", PARTS),
        rounds=10,
    )


@pytest.mark.benchmark
def test_exact_shapley_values_beside_captums(scene):
    model, face, scores = scene
    explainer = ShapleyParts(PARTS[:4], fill="mean", batch=BATCH)
    # Captum goes through all orders of the players (the rest of the picture is one) and so asks
    # about a coalition again and again.
    ratio = compare(
        "exact Shapley values of 4 parts, ShapleyValues",
        2**4,
        lambda: explainer(model, face, ClassScore("happy")),
        captums(attr.ShapleyValues(scores), scene, "parts", PARTS[:4]),
        rounds=1,
    )
    assert ratio > 5


@pytest.mark.benchmark
@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_sampled_coalitions_beside_captums(scene, method):
    model, face, scores = scene
    settings = {"pieces": PIECES, "batch": BATCH}
    if method == "lime":
        explainer = Lime("grid", samples=SAMPLES, **settings)
        theirs = attr.Lime(scores, interpretable_model=Ridge())
    else:  # Captum counts the whole picture and the hidden one as samples
        explainer = KernelShap("grid", samples=SAMPLES - 2, **settings)
        theirs = attr.KernelShap(scores)
        theirs.interpretable_model = Ridge()
    torch.manual_seed(0)
    compare(
        f"{method} of {PIECES} squares",
        SAMPLES,
        lambda: explainer(model, face, ClassScore("happy")),
        captums(theirs, scene, "grid", n_samples=SAMPLES),
        rounds=4,
    )
