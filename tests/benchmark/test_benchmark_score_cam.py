"""Score-CAM and Grad-CAM beside Captum on the same work, in one run; `make bench`.

Captum has no Score-CAM. Its FeatureAblation does the same work if each mask is a feature that is
switched off: it then scores the same masked pictures, ``perturbations_per_eval`` at a time.
"""

import time
from pathlib import Path

import pytest
import torch
from captum.attr import FeatureAblation, LayerAttribution, LayerGradCam
from torchvision import models

from explainers.face_model import FaceModel
from explainers.faces.face_bank import load_faces
from explainers.saliency.grad_cam import GradCam
from explainers.saliency.score_cam import ScoreCam, masks
from explainers.targets.class_score import ClassScore

MASKS = 16
BATCHES = (4, 8, 16)
LAYER = "features.29"


@pytest.fixture(scope="module")
def vgg16():
    torch.manual_seed(0)
    network = models.vgg16(weights=None, num_classes=4)
    network = network.to(memory_format=torch.channels_last)  # the faster one, for both
    return FaceModel(
        "vgg16", "letters", network, tuple("abcd"), 224, 0.25, LAYER, "0" * 64, "CC0-1.0", "random"
    )


def seconds(*works, times=1):
    """The least seconds of the processor for each work, in turns: other load matters little."""
    least = [float("inf")] * len(works)
    for _ in range(times):
        for index, work in enumerate(works):
            began = time.process_time()
            work()
            least[index] = min(least[index], time.process_time() - began)
    return least


def captums_rises(model, face, batch):
    """What each masked picture scores above the picture with everything hidden, by Captum."""
    x = model.prepare([face])
    with torch.no_grad():
        maps = ScoreCam(samples=MASKS).strongest(model.features(x, LAYER)[0])
    soft = masks(maps, x.shape[-1])
    hidden = x.mean((2, 3), keepdim=True).expand_as(x)

    def score(switches):
        off = switches == 0
        shown = soft[off.float().argmax(1)] * off.any(1).float().view(-1, 1, 1, 1)
        pictures = hidden + shown * (x - hidden)
        return model.logits(pictures.contiguous(memory_format=torch.channels_last))[:, 2]

    with torch.no_grad():
        drops = FeatureAblation(score).attribute(
            torch.ones(1, len(maps)), perturbations_per_eval=batch
        )
    return -drops[0]


@pytest.mark.benchmark
def test_score_cam_and_grad_cam_beside_captum(vgg16):
    model, (face,) = vgg16, load_faces("rendered", Path(), ["f01"])
    target = ClassScore(2)
    print(f"\nVGG16 at 224 px, {torch.get_num_threads()} thread(s), {MASKS} masks")

    theirs, ours = {}, {}
    for batch in BATCHES:
        method = ScoreCam(LAYER, samples=MASKS, batch=batch)
        theirs[batch], ours[batch] = seconds(
            lambda batch=batch: captums_rises(model, face, batch),
            lambda method=method: method(model, face, target),
        )
    rises = captums_rises(model, face, BATCHES[0])
    largest = ScoreCam(LAYER, samples=MASKS)(model, face, target).checks["largest_rise"]
    assert largest == pytest.approx(float(rises.max()), abs=1e-4)

    def captum():
        layer = LayerGradCam(model.logits, model.network.get_submodule(LAYER))
        low = layer.attribute(model.prepare([face]), 2)
        return LayerAttribution.interpolate(low, (224, 224), "bilinear")

    def grad_cam():
        return GradCam(LAYER)(model, face, target)

    table = {
        "score_cam, FeatureAblation": (min(ours.values()), min(theirs.values())),
        "grad_cam, LayerGradCam": seconds(grad_cam, captum, times=7),
    }
    for name, (own, other) in table.items():
        print(f"{name:28} {own:7.3f} s   Captum {other:7.3f} s   ratio {other / own:.2f}")
