"""A face network with all that an explanation needs to know about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from explainers.face import Face
from explainers.hooks import capture, check_layers, layers_in_order
from explainers.manifest import Prediction
from explainers.modes import evaluating
from explainers.problems import Problem, Problems, suggest


@dataclass(frozen=True, eq=False)
class FaceModel:
    """A frozen network for one task; its input is always RGB in [0, 1], [N, 3, S, S].

    Arguments:
        name: what the study calls the model.
        task: ``age``, ``gender``, ``expression``, ``recognition``, ``landmarks`` or the user's own.
        network: takes [N, 3, S, S] in [0, 1] and does its own preprocessing; returns [N, C].
        labels: names of the C classes; empty for a network that does not classify.
        input_size: S, in pixels.
        chip_padding: margin around the face, as a fraction of its size, as in training.
        layer: the layer that feature inversion shows unless the study names another.
        weights_sha256: of the file that the weights were read from.
        licence: SPDX identifier of the weights.
        source: where the weights come from.
        value: for a task with a number behind its classes (years of age): [N, 3, S, S] → [N].
        same_below: for recognition: two pictures show the same person where the Euclidean
            distance of what the network puts out is smaller; None if that is not known.

    Errors: Problems when a weight is not a finite number, when the network does not take its input,
    or when labels and outputs are not equally many.

    Example:
        >>> from explainers.models import expression
        >>> model = expression.load()
        >>> model.scores(torch.zeros(2, 3, 112, 112)).shape
        torch.Size([2, 7])
    """

    name: str
    task: str
    network: nn.Module
    labels: tuple[str, ...]
    input_size: int
    chip_padding: float
    layer: str
    weights_sha256: str
    licence: str
    source: str
    value: Callable[[Tensor], Tensor] | None = None
    same_below: float | None = None

    def __post_init__(self) -> None:
        self.network.eval()
        for parameter in self.network.parameters():
            parameter.requires_grad_(False)
        broken = [
            name
            for name, tensor in self.network.state_dict().items()
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all())
        ]
        if broken:
            raise Problems(
                Problem(
                    f"model {self.name}: {name}",
                    "has weights that are not finite numbers (NaN or infinite)",
                    "use a checkpoint from before the training diverged",
                )
                for name in broken
            )
        self._check_output()
        check_layers([self.layer], self.layers(), f"model {self.name}: layer")

    def _check_output(self) -> None:
        """Run the network once, to see that it takes its input and has an output for each label."""
        size, where = self.input_size, f"model {self.name}"
        plain = torch.zeros(1, 3, size, size, device=self.device)
        example = plain.contiguous(memory_format=torch.channels_last)
        try:
            with torch.no_grad():
                try:
                    output = self.network(example)
                except RuntimeError:  # a network with `view` wants numbers in their usual order
                    example = plain
                    output = self.network(example)
                    object.__setattr__(self, "_usual_order", True)
                # It changes its picture in place, such as `x -= mean`.
                object.__setattr__(self, "_writes", example._version > 0)
        except (RuntimeError, TypeError, ValueError) as error:
            raise Problems.one(
                where, f"cannot take a picture [1, 3, {size}, {size}]: {error}", "check input_size"
            ) from None
        shape = list(output.shape) if isinstance(output, Tensor) else type(output).__name__
        if not isinstance(output, Tensor) or output.ndim != 2 or len(output) != 1:
            raise Problems.one(
                where,
                f"puts out {shape} for one picture, not [1, C]",
                "let it return one row of numbers for each picture, a single tensor",
            )
        if self.labels and len(self.labels) != output.shape[1]:
            raise Problems.one(
                where,
                f"has {len(self.labels)} labels for {output.shape[1]} outputs",
                "write one label for each output, in their order",
            )

    @property
    def device(self) -> torch.device:
        """Where the network computes; inputs must be there too."""
        tensors = (*self.network.parameters(), *self.network.buffers())
        return tensors[0].device if tensors else torch.device("cpu")

    def prepare(self, faces: Sequence[Face]) -> Tensor:
        """The aligned chips of ``faces``, [N, 3, S, S] in [0, 1], on the network's device."""
        chips = [torch.from_numpy(face.chip(self.input_size, self.chip_padding)) for face in faces]
        return torch.stack(chips).to(self.device)

    def logits(self, x: Tensor) -> Tensor:
        """What the network puts out for ``x``, [N, 3, S, S] → [N, C]; differentiable.

        Errors: ValueError for another shape, Problems for outputs that are not finite.
        """
        size = self.input_size
        if x.ndim != 4 or x.shape[1:] != (3, size, size):
            raise ValueError(f"model {self.name} takes [N, 3, {size}, {size}], not {list(x.shape)}")
        x = x.contiguous() if self.__dict__.get("_usual_order") else x
        output = self.network(x.clone() if self.__dict__["_writes"] else x)
        if not bool(torch.isfinite(output).all()):
            raise Problems.one(
                f"model {self.name}",
                "puts out values that are not finite numbers (NaN or infinite)",
                "check the picture and the weights",
            )
        return output

    def scores(self, x: Tensor) -> Tensor:
        """Probabilities of the classes, [N, C]; without classes the output at unit length.

        Formula: softmax of the logits; for an embedding ``f / |f|``.
        """
        output = self.logits(x)
        return output.softmax(1) if self.labels else nn.functional.normalize(output, dim=1)

    def features(self, x: Tensor, layer: str) -> Tensor:
        """What ``layer`` puts out for ``x``; differentiable.

        Errors: Problems with the nearest known name for a layer that does not exist.
        """
        check_layers([layer], self.layers(), f"model {self.name}: layer")
        with capture(self.network, [layer]) as outputs:
            self.logits(x)
        return outputs[layer]

    def layers(self) -> tuple[str, ...]:
        """Names of the layers, in the order in which they run."""
        return self._layers

    @cached_property
    def _layers(self) -> tuple[str, ...]:
        size = self.input_size
        return layers_in_order(self.network, torch.zeros(1, 3, size, size, device=self.device))

    def index(self, label: str) -> int:
        """The position of a class in the scores; Problems for a class that does not exist."""
        if label not in self.labels:
            raise Problems.one(
                f"model {self.name}", f"unknown class '{label}'", suggest(label, self.labels)
            )
        return self.labels.index(label)

    def predict(self, face: Face) -> Prediction:
        """The most probable class of a face, with its probability, value and the runner-up.

        Errors: Problems for a model without classes.
        """
        if not self.labels:
            raise Problems.one(
                f"model {self.name}",
                f"does not classify (its task is {self.task}), so it predicts no class",
                "use a model with classes, such as age, gender or expression, or write compare: "
                "with the face that each one is compared with",
            )
        x = self.prepare([face])
        with evaluating(self.network), torch.no_grad():
            scores, order = self.scores(x)[0].sort(descending=True, stable=True)
            value = None if self.value is None else float(self.value(x)[0])
        label, *others = (self.labels[index] for index in order.tolist())
        return Prediction(self.name, face.id, label, float(scores[0]), value, "".join(others[:1]))
