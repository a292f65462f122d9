"""Whether the same function, written differently, is explained by the same map."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch
from torch import nn

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.fidelity_score import Score
from explainers.fidelity._explained_again import distance, explain, shuffled
from explainers.fidelity._hiding import heat
from explainers.parameter_checks import Checks
from explainers.problems import Problems
from explainers.target import Target


@dataclass(frozen=True)
class ImplementationInvariance:
    """Implementation invariance: two networks that compute the same must be explained alike.

    Source: survey, Section 2.5, axiom (ii); Sundararajan et al., Axiomatic Attribution for Deep
    Networks (2017), where DeepLIFT and LRP fail it.
    Formula: ``|H' - H| / (|H'| + |H|)`` with ``H'`` the map for the rewritten network, in which
    every convolution puts out twice as much and a 1 x 1 convolution behind it halves that again
    (linear layers likewise where there is no convolution). Powers of two are exact, so the function
    is the same to the last bits. The baseline is the same distance to the map's own values at
    random pixels.

    Arguments:
        seed: of the random pixels.

    Returns: in [0, 1], 0 for the same map. Details: ``rewritten``, the number of layers, and
    ``output_gap``, the largest difference of an output.
    Errors: Problems for a network that cannot be rewritten, or an explainer of classes.

    Example:
        >>> from explainers.models import expression
        >>> model = expression.load()
        >>> x = torch.rand(1, 3, 112, 112)
        >>> bool((rewritten(model).logits(x) - model.logits(x)).abs().max() < 1e-4)
        True
    """

    better: ClassVar[Literal["higher", "lower"]] = "lower"
    needs: ClassVar[tuple[str, ...]] = ("explainer",)

    seed: int = 0

    def __post_init__(self) -> None:
        checks = Checks(self, "implementation_invariance")
        checks.whole("seed", least=0)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        face: Face,
        target: Target,
        explanation: Explanation,
        explainer: Explainer,
    ) -> Score:
        """Explain the rewritten network and compare."""
        other = rewritten(model)
        first = heat(explanation, model)
        second = explain(other, face, target, explainer)
        x = model.prepare([face])
        with torch.no_grad():
            gap = float((other.logits(x) - model.logits(x)).abs().max())
        return Score(
            distance(second, first),
            baseline=distance(shuffled(first, self.seed), first),
            details={"rewritten": len(_layers(model.network)), "output_gap": gap},
        )


def rewritten(model: FaceModel) -> FaceModel:
    """A copy that computes the same in another way; the model stays as it is.

    Errors: Problems for a network that has no layer to rewrite, or is no longer the same then.
    """
    where = f"model {model.name}"
    names = _layers(model.network)
    if not names:
        what = "has no convolution or linear layer that could be rewritten"
        raise Problems.one(where, what, "leave implementation_invariance out for it")
    network = deepcopy(model.network)
    for name in names:
        place, _, last = name.rpartition(".")
        setattr(network.get_submodule(place), last, _twice_and_half(network.get_submodule(name)))
    value = None
    if getattr(model.value, "__self__", None) is model.network:
        value = getattr(network, model.value.__name__)  # type: ignore[union-attr]
    other = replace(model, network=network, value=value)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, 3, *[model.input_size] * 2, generator=generator).to(model.device)
    with torch.no_grad():
        before, after = model.logits(x), other.logits(x)
    if not torch.allclose(before, after, rtol=1e-3, atol=1e-3 * float(before.abs().max())):
        what = "computes something else when its convolutions are replaced by equal ones"
        raise Problems.one(where, what, "leave implementation_invariance out for it")
    return other


def _layers(network: nn.Module) -> list[str]:
    """The names of the layers to rewrite: convolutions, or linear layers if there are none."""
    for kind in (nn.Conv2d, nn.Linear):
        found = [name for name, module in network.named_modules() if type(module) is kind and name]
        if found:
            return found
    return []


def _twice_and_half(layer: nn.Module) -> nn.Module:
    """The layer with doubled weights, and one behind it that halves each of its outputs."""
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(2)
    half: nn.Module
    weight: torch.Tensor = layer.weight  # type: ignore[assignment]
    if isinstance(layer, nn.Conv2d):
        channels = layer.out_channels
        half = nn.Conv2d(channels, channels, 1, bias=False)
        identity = torch.eye(channels)[:, :, None, None]
    else:
        channels = len(weight)
        half = nn.Linear(channels, channels, bias=False)
        identity = torch.eye(channels)
    half.requires_grad_(False)
    half.to(weight)
    with torch.no_grad():
        half.weight.copy_(identity / 2)
    return nn.Sequential(layer, half)
