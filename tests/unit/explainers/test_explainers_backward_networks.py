"""The backward methods on torchvision's VGG16 and ResNet18 at 64 px."""

import pytest
import torch
import torchvision

from explainers.face import TEMPLATE, Face
from explainers.face_model import FaceModel
from explainers.saliency.deconvnet import Deconvnet
from explainers.saliency.deep_lift import DeepLift
from explainers.saliency.effective_receptive_field import EffectiveReceptiveField
from explainers.saliency.gradient import Gradient
from explainers.saliency.guided_backpropagation import GuidedBackpropagation
from explainers.saliency.integrated_gradients import IntegratedGradients
from explainers.saliency.lrp import Lrp
from explainers.saliency.smooth_grad import SmoothGrad
from explainers.targets.class_score import ClassScore

LAYERS = {"vgg16": "features.22", "resnet18": "layer2"}
METHODS = [
    Gradient(), SmoothGrad(2), IntegratedGradients(2), GuidedBackpropagation(), Deconvnet(),
    DeepLift("mean"), Lrp(), Lrp("alpha_beta", alpha=2.0), Lrp("epsilon", first="same"),
    EffectiveReceptiveField(samples=2),
]  # fmt: skip
GAPS = ("completeness_gap", "conservation_gap")


@pytest.fixture(scope="module", params=LAYERS)
def model(request):
    torch.manual_seed(0)
    network = getattr(torchvision.models, request.param)(num_classes=4)
    name, labels = request.param, ("a", "b", "c", "d")
    return FaceModel(name, "letters", network, labels, 64, 0.25, LAYERS[name], "0" * 64, "", "")


@pytest.mark.parametrize("explainer", METHODS, ids=repr)
def test_torchvision_networks_are_served_and_nothing_gets_lost(model, explainer):
    image = torch.rand(3, 80, 80, generator=torch.Generator().manual_seed(0)).numpy()
    face = Face("r", image, (TEMPLATE + 0.25) / 1.5 * 80)
    explanation = explainer(model, face, ClassScore("a"))
    assert explanation.values.any()
    if isinstance(explainer, DeepLift | Lrp):
        (gap,) = [explanation.checks[name] for name in GAPS if name in explanation.checks]
        sizes = [abs(explanation.checks.get(name, 0.0)) for name in ("score", "absorbed")]
        assert abs(gap) < 1e-4 * max(1.0, *sizes)
