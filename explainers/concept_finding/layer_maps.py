"""What the units of a layer answer at each place of each face, laid over the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.problems import Problems

Array = npt.NDArray[Any]
SAMPLES = 2
"""Pictures of noise that a layer's places are measured with."""
MORE = 256
"""Pixels by which they are larger than the network's own; a multiple of every usual stride, so that
paddings stay as they are."""


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps of K units on N faces.

    Arguments:
        layer: where they are.
        faces: the N faces' ids.
        values: float32, [N, K, h, w].
        rows, columns: how much each position counts at each pixel, [S, h] and [S, w]; each line
            sums to 1.
    """

    layer: str
    faces: tuple[str, ...]
    values: Array
    rows: Array
    columns: Array

    def of(self, faces: Array) -> LayerMaps:
        """The same for some of the faces, by their places."""
        names = tuple(self.faces[index] for index in faces)
        return replace(self, faces=names, values=self.values[faces])

    def on_picture(self, maps: Array) -> Array:
        """Maps [..., h, w] bilinearly on the picture's pixels, [..., S, S]."""
        return self.rows @ maps @ self.columns.T

    def thresholds(self, quantile: float) -> Array:
        """``T_k`` that a unit exceeds at the top ``quantile`` of positions of all faces, [K].

        Formula: ``P(A_k > T_k) <= quantile``, the lowest such value that the unit has.
        """
        unrolled = self.values.swapaxes(0, 1).reshape(self.values.shape[1], -1)
        above = int(np.floor(quantile * unrolled.shape[1]))
        return np.partition(unrolled, -1 - above, axis=1)[:, -1 - above]


def layer_maps(
    model: FaceModel, faces: Mapping[str, Face], layer: str = "", batch: int = 16
) -> LayerMaps:
    """The maps of a layer's units on faces.

    Arguments:
        layer: as in ``model.layers()``; the model's own when empty.
        batch: how many faces go through the network at once.

    Errors: Problems for an unknown layer, one without a map of several positions, values that are
    not finite, or no face at all.

    Example:
        >>> from pathlib import Path
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> faces = {face.id: face for face in load_faces("rendered", Path(), ["f01", "f02"])}
        >>> maps = layer_maps(expression.load(), faces, "dense2")
        >>> maps.values.shape, maps.on_picture(maps.values[:, 0]).shape
        ((2, 128, 14, 14), (2, 112, 112))
    """
    layer = layer or model.layer
    people = list(faces.values())
    if not people:
        raise Problems.one("faces", "there are none", "give faces to look for concepts in")
    found = []
    with evaluating(model.network), torch.no_grad():
        for start in range(0, len(people), batch):
            output = model.features(model.prepare(people[start : start + batch]), layer)
            _check(model, layer, output)
            found.append(output.float().cpu().numpy())
    vertical, horizontal = cell_centres(model, layer)
    return LayerMaps(
        layer,
        tuple(faces),
        np.concatenate(found),
        _interpolation(vertical, model.input_size),
        _interpolation(horizontal, model.input_size),
    )


@lru_cache(maxsize=8)
def cell_centres(model: FaceModel, layer: str) -> tuple[Array, Array]:
    """The pixel at the middle of what each row and each column of a map looks at, [h] and [w].

    Convolutions without padding, or with more of it on one side, look at other places than an even
    spread over the picture would say, by half an eye in the shipped networks. So the middle is
    measured: the centre of mass of the squared gradient of some rows and columns in a picture of
    noise that is so large that no field is cut off, and the straight line through these centres.
    Where a network takes no larger picture the positions are spread evenly.
    Source: Bau et al., Network Dissection (2017), anchor maps at the centres of receptive fields,
    too; Luo et al., Understanding the Effective Receptive Field (2016).

    Example:
        >>> from explainers.models import recognition
        >>> rows, columns = cell_centres(recognition.load(), "pool")  # 5, 9, ..., 141
        >>> bool(abs(rows[0] - 5) < 0.5), bool(abs(columns[-1] - 141) < 0.5)
        (True, True)
    """
    size = model.input_size
    with torch.no_grad():
        usual = model.features(torch.zeros(1, 3, size, size, device=model.device), layer)
    counts = usual.shape[2:]
    even = tuple((np.arange(count) + 0.5) * size / count - 0.5 for count in counts)
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(SAMPLES, 3, size + MORE, size + MORE, generator=generator)
    x = noise.to(model.device).requires_grad_()
    with evaluating(model.network), torch.enable_grad():
        output = _until(model.network, layer, x)
        if output is None or min(output.shape[2:]) < min(counts) + 4:
            return even[0], even[1]
        signs = torch.randint(2, output.shape[:2], generator=generator)[:, :, None, None] * 2 - 1
        signed = (output * signs.to(output)).sum((0, 1))
        lines = [_centres(signed, axis, x) for axis in (0, 1)]
    fitted = []
    for line, count, evenly in zip(lines, counts, even, strict=True):
        slope, start = line
        fitted.append(start + slope * np.arange(count) if slope > 0 else evenly)
    return fitted[0], fitted[1]


def _centres(map_: Tensor, axis: int, x: Tensor) -> tuple[float, float]:
    """Slope and start of the centres of a map's lines; slope 0 if nothing depends on ``x``."""
    count = map_.shape[axis]
    some = np.unique(np.rint(np.linspace(0.3, 0.7, 6) * (count - 1)).astype(int))
    place, middles = np.arange(x.shape[-1]), []
    for index in some:
        line = map_.select(axis, index).sum()
        (gradient,) = torch.autograd.grad(line, x, retain_graph=True)
        mass = gradient.square().sum((0, 1, 3 - axis)).double().cpu().numpy()
        if not mass.sum() > 0:
            return 0.0, 0.0
        middles.append(mass @ place / mass.sum())
    slope, start = np.polyfit(some, middles, 1)
    return float(slope), float(start)


class _Reached(Exception):
    """A layer has put something out; what comes after it is not needed."""


def _until(network: nn.Module, layer: str, x: Tensor) -> Tensor | None:
    """What a layer puts out for a picture of any size; None if it puts out no map."""
    found: list[Tensor] = []

    def reached(_module: nn.Module, _args: object, output: Tensor) -> None:
        found.append(output)
        raise _Reached

    handle = network.get_submodule(layer).register_forward_hook(reached)
    try:
        network(x.clone())  # a network may change its picture in place
    except _Reached:
        return found[0]
    except (RuntimeError, ValueError):
        return None  # not before this layer, but it takes no other size
    finally:
        handle.remove()
    return None


def _interpolation(centres: Array, size: int) -> Array:
    """Weights of linear interpolation between ``centres`` at each of ``size`` pixels, [size, n]."""
    units = np.eye(len(centres))
    columns = [np.interp(np.arange(size), centres, unit) for unit in units]
    return np.stack(columns, axis=1).astype(np.float32)


def _check(model: FaceModel, layer: str, output: object) -> None:
    where = f"model {model.name}: {layer}"
    if not isinstance(output, Tensor) or output.ndim != 4 or max(output.shape[2:]) < 2:
        shape = list(output.shape[1:]) if isinstance(output, Tensor) else type(output).__name__
        raise Problems.one(
            where, f"puts out {shape}, which is no map of places", "choose a convolutional layer"
        )
    if not bool(torch.isfinite(output).all()):
        raise Problems.one(
            where, "puts out values that are not finite numbers", "check the pictures and weights"
        )
