"""A network that does not look at the picture is explained by nothing, not by rounding."""

import numpy as np
import pytest
import torch
from torch import nn

from explainers.catalog import find
from explainers.figures.render import overlay, shared_limit
from explainers.rounding import rounding
from explainers.targets.class_score import ClassScore

SMALL = {
    "occlusion": {"window": 7, "stride": 3, "batch": 5},
    "canonical": {"window": 7, "stride": 3, "batch": 5},
    "region_occlusion": {"batch": 3},
    "rise": {"samples": 40, "cells": 4, "batch": 7},
    "dise": {"samples": 20, "cells": 4, "elements": 3, "batch": 7, "prior": "uniform"},
    "lime": {"pieces": 6, "samples": 30, "batch": 7},
    "kernel_shap": {"pieces": 6, "samples": 20, "batch": 7},
    "shapley_parts": {"parts": ("eyes", "mouth"), "batch": 3},
    "integrated_gradients": {"steps": 3},
    "smooth_grad": {"samples": 3},
    "gradient": {},
    "deep_lift": {},
    "lrp": {},
}


class Blind(nn.Module):
    """A convolution of a gray picture, whatever picture is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 4)

    def forward(self, x):
        return self.last(torch.relu(self.conv(x * 0 + 0.7)).mean((2, 3)))


@pytest.mark.parametrize("method", SMALL)
@pytest.mark.parametrize("of", ["probability", "logit", "log_odds"])
def test_the_map_of_a_blind_network_is_empty_and_is_drawn_empty(tiny, method, of):
    entry = find(method)
    scaled = {"of": of} if "of" in {p.name for p in entry.parameters} else {}
    explainer = entry.load()(**SMALL[method], **scaled)
    explanation = explainer(tiny.model(Blind(), layer="conv"), tiny.face(), ClassScore("b", of=of))
    assert not explanation.values.any()
    limit = shared_limit([explanation])
    gray = np.full((3, tiny.size, tiny.size), 0.5, np.float32)
    assert np.allclose(overlay(gray, explanation.values, limit), gray)


def test_what_is_larger_than_rounding_stays(tiny):
    class Faint(Blind):
        def forward(self, x):
            return super().forward(x) * (1 + 1e-4 * x[:, :, :8].mean((1, 2, 3))[:, None])

    model = tiny.model(Faint(), layer="conv")
    explainer = find("occlusion").load()(window=8, stride=4, fill="value", of="logit")
    explanation = explainer(model, tiny.face(), ClassScore("b"))
    score = explanation.checks["score"]
    assert rounding(abs(score)) < np.abs(explanation.values).max() < 1e-3 * abs(score)
    assert np.abs(explanation.values[:8]).max() > 10 * np.abs(explanation.values[12:]).max()
