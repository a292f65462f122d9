"""Excitation backpropagation: probabilities of winning, from the target down to the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.backward_rules import Affine, BackwardRules
from explainers.explanation import Explanation, Kind
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.problems import Problems
from explainers.saliency._backward import check_finite, picture
from explainers.saliency._excitation_rules import ExcitationRules
from explainers.saliency._maps import enlarge, put_out
from explainers.target import Target


@dataclass(frozen=True)
class Excitation:
    """A network that has run forward, ready to share out a winner's probability downwards.

    Arguments:
        model: the network.
        units: where winning probabilities are read, not below 0: the picture, [1, 3, S, S], or a
            layer's map, [1, K, h, w]; differentiable.
        score: the target's value, [1].
        last: the last layer with the activations that it read; None where the target does not read
            the picture through one layer alone.
        gradient: of the target with respect to what ``last`` put out, not all 0.
        method: for messages.
    """

    model: FaceModel
    units: Tensor
    score: Tensor
    last: tuple[Affine, Tensor] | None
    gradient: Tensor
    method: str

    def winning(self, start: Tensor | None = None) -> Tensor:
        """The winning probability of each unit, of the same shape as ``units``.

        Arguments:
            start: how strongly each output of the last layer is started; scaled to absolute sum 1.
                A negative one starts the output's dual, which has the negated weights. None for the
                gradient of the target.
        """
        if self.last is None:
            outputs, started = [self.score.sum()], [torch.ones_like(self.score.sum())]
        else:
            layer, read = self.last
            start = self.gradient if start is None else start
            start = start / start.abs().sum()
            outputs, started = [], []
            for sign in (1, -1):
                z = layer(read, (sign * layer.weight).clamp(min=0))
                share = (sign * start).clamp(min=0) / z.detach()
                outputs.append(z)
                started.append(torch.where(z > 0, share, 0.0).detach())
        (each,) = torch.autograd.grad(
            outputs, self.units, started, retain_graph=True, allow_unused=True
        )
        if each is None:
            raise Problems.one(
                f"{self.method}: layer",
                "no excitation reaches this layer",
                "name a layer that runs before what is explained, or leave it out for the picture",
            )
        return (each * self.units).detach().clamp(min=0)

    def dual(self) -> Tensor:
        """The winning probabilities of the target's dual: the same with negated weights.

        Errors: Problems for a target that is not read from one last layer.
        """
        if self.last is None:
            raise Problems.one(
                f"model {self.model.name}",
                f"{self.method} negates the weights of the last layer, but what is explained "
                "is not read from one layer alone",
                "explain a class or an embedding, or use excitation_backprop",
            )
        return self.winning(-self.gradient)

    def explanation(
        self, values: Tensor, kind: Kind, checks: Mapping[str, float | int | str]
    ) -> Explanation:
        """Units' values as a map of the picture: channels summed, enlarged, absolute sum 1."""
        map = enlarge(values.sum(1)[0], self.model.input_size)
        map = map / map.abs().sum().clamp(min=1e-30)
        score = {"score": float(self.score.detach()), "side": values.shape[2]}
        return Explanation(map.cpu().numpy(), kind, {**score, **checks})


def shares(winning: Tensor) -> Tensor:
    """Winning probabilities scaled to sum 1; all 0 stays."""
    return winning / winning.sum().clamp(min=1e-30)


def excite(
    model: FaceModel, face: Face | None, target: Target, layer: str, method: str
) -> Excitation:
    """Run the target on a face, with the rules of excitation for the way back.

    Arguments:
        layer: whose map is read; "" for the picture.
        method: for messages.

    Errors: Problems for an unknown layer, one without a map, a network without layers of weights,
    or a target that does not change with the picture.
    """
    x = picture(model, face, method).requires_grad_()
    with evaluating(model.network), torch.enable_grad():
        index, gradient = _last_layer(model, x, target)
        with put_out(model, layer, method) as named, ExcitationRules(x) as rules:
            score = target(model, x)
    units = named[-1] if named else x
    last = None if index is None else rules.layers[index]
    return Excitation(model, units, score, last, gradient, method)


def _last_layer(model: FaceModel, x: Tensor, target: Target) -> tuple[int | None, Tensor]:
    """Which call of a layer the target is read from, and the target's gradient there.

    None, and an empty gradient, if the target reads the picture on other ways too.
    """
    outputs: list[Tensor] = []

    def note(layer: Affine, x: Tensor, z: Tensor) -> Tensor:
        outputs.append(z)
        return z

    with BackwardRules(affine=note):
        score = target(model, x).sum()
    if not outputs:
        raise Problems.one(
            f"model {model.name}",
            "has no convolutions or linear layers that excitation could pass (a scripted network "
            "hides them)",
            "use a method that needs none, such as occlusion",
        )

    def gradient(of: Tensor, at: Tensor, start: Tensor | None = None) -> Tensor | None:
        found: Tensor | None = torch.autograd.grad(
            of, at, start, retain_graph=True, allow_unused=True
        )[0]
        return found

    if not score.requires_grad:
        raise Problems.one(
            f"model {model.name}",
            "lets no gradient through, on which excitation goes back",
            "use a method without gradients, such as occlusion or rise",
        )
    whole = gradient(score, x)
    for index, z in reversed(list(enumerate(outputs))):
        at = gradient(score, z)
        if at is None:
            continue
        check_finite(model, at, "excitation")
        if not bool(at.any()):
            break
        through = gradient(z, x, at)
        if whole is not None and through is not None and _same(whole, through):
            return index, at
        return None, at.new_zeros(0)
    raise Problems.one(
        f"model {model.name}",
        "what is explained does not change with what the last layer puts out for this face, so no "
        "excitation starts there",
        "explain another class, or compare the face with another one",
    )


def _same(one: Tensor, other: Tensor) -> bool:
    return bool(torch.allclose(one, other, rtol=1e-3, atol=1e-4 * float(one.abs().max())))


def truncated(winning: Tensor, against: Tensor, percentile: float) -> Tensor:
    """What the target wins more than its opposite, where the target wins most.

    Both are scaled to sum 1. Units with the smallest probability are cut off, as many as hold less
    than ``percentile`` percent together.

    Example:
        >>> winning, against = torch.tensor([0.1, 0.3, 0.6]), torch.tensor([0.0, 0.5, 0.5])
        >>> truncated(winning, against, 20.0).tolist()
        [0.0, 0.0, 0.10000002384185791]
    """
    winning, against = shares(winning), shares(against)
    least, order = winning.flatten().sort(stable=True)
    kept = torch.zeros_like(least)
    kept[order] = (least.double().cumsum(0) >= percentile / 100).to(kept.dtype)
    return (kept.view_as(winning) * (winning - against)).clamp(min=0)
