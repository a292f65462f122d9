"""Shows the pieces of faces that most excite single units, and random directions of units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from explainers.concept_finding.discovery import Discovery, FoundConcept, Patch
from explainers.concept_finding.layer_maps import Array, LayerMaps, cell_centres, layer_maps
from explainers.concept_finding.pieces import part_name
from explainers.concept_finding.receptive import field_side, window
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.parameter_checks import Checks
from explainers.problems import Problems


@dataclass(frozen=True)
class CommonActivation:
    """Sets with common activation: faces, or pieces of them, that excite one direction most.

    Source: Szegedy et al., Intriguing Properties of Neural Networks (2014), Section 3: what images
    that excite one unit have in common, and whether a random direction does less well; survey,
    Section 5, Fig. 15(a).
    Formula: ``argmax_x <A(x)_ij, v>`` over positions and faces, each face once, with ``v = e_k``
    for a unit and ``v = z / |z|``, ``z ~ N(0, I)``, for a random direction. A piece is the square
    around the strongest position that holds most of what the position looks at (`field_side`).

    Units are drawn at random among those that answer differently to different faces, unless they
    are named. Beside the concepts stand random controls: squares of the same size at random
    positions of random faces. Which directions people find coherent is the question of the intruder
    and coherency tests.

    Arguments:
        layer: where; empty for the model's own.
        basis: ``units``, ``random`` directions, or ``both``.
        channels: the units, by their numbers from 0; drawn at random when empty.
        count: how many units, and how many random directions.
        show: ``pieces`` of faces, or whole ``faces`` by their mean activation.
        field: share of what a position looks at that its square holds, (0, 1].
        patches: how many faces of each direction are kept, strongest first.
        batch: how many faces go through the network at once.

    Errors: Problems for parameters out of range, unknown layers and channels, a layer without a
    map, and too few faces.

    Example:
        >>> CommonActivation(channels=(3, 5)).basis
        'both'
    """

    layer: str = ""
    basis: Literal["units", "random", "both"] = "both"
    channels: tuple[int, ...] = ()
    count: int = 6
    show: Literal["pieces", "faces"] = "pieces"
    field: float = 0.8
    patches: int = 8
    batch: int = 16

    def __post_init__(self) -> None:
        checks = Checks(self, "common_activation")
        checks.text("layer")
        checks.choice("basis", ("units", "random", "both"))
        checks.choice("show", ("pieces", "faces"))
        for field in ("count", "patches", "batch"):
            checks.whole(field, 1)
        checks.number("field", 0.01, 1.0)
        if not all(isinstance(n, int) and n >= 0 for n in self.channels):
            checks.add("channels", f"must be whole numbers, not {self.channels!r}", "write [0, 7]")
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        faces: Mapping[str, Face],
        seed: int,
        *,
        progress: Progress | None = None,
    ) -> Discovery:
        """Units, then random directions, then one random control for each; a row for each."""
        maps = layer_maps(model, faces, self.layer, self.batch)
        rng = np.random.default_rng(seed)
        directions = dict(self._directions(model, maps, rng))
        side = model.input_size
        if self.show == "pieces":
            side = field_side(model, maps.layer, self.field)
        centres = cell_centres(model, maps.layer)
        concepts, controls, table = [], [], []
        for number, (name, vector) in enumerate(directions.items()):
            answers = np.einsum("k,nkhw->nhw", vector, maps.values, optimize=True)
            patches = self._strongest(answers, maps, centres, side, model.input_size)
            word = part_name(patches, faces, model.chip_padding) if self.show == "pieces" else ""
            top = float(np.mean([patch.score for patch in patches]))
            scores = {"activation": top, "spread": _spread(answers, patches)}
            kind, _, which = name.rpartition(" ")
            scores = {kind.replace(" ", "_"): float(which), **scores}
            concepts.append(FoundConcept(maps.layer, "", patches, word, scores=scores))
            drawn = self._random(len(patches), maps, centres, side, model.input_size, rng)
            controls.append(FoundConcept(maps.layer, "", drawn, random=True))
            row = {"direction": name, "layer": maps.layer, "name": word, "patches": len(patches)}
            table.append(row | {"activation": top, "spread": scores["spread"]})
            if progress is not None:
                progress(number + 1, len(directions))
        checks = {"faces": len(faces), "field_side": side, "units": maps.values.shape[1]}
        return Discovery((*concepts, *controls), tuple(table), checks)

    def _directions(
        self, model: FaceModel, maps: LayerMaps, rng: np.random.Generator
    ) -> Iterator[tuple[str, Array]]:
        count = maps.values.shape[1]
        if strange := [channel for channel in self.channels if channel >= count]:
            raise Problems.one(
                "common_activation: channels",
                f"model {model.name} has no channel {', '.join(map(str, strange))} in {maps.layer}",
                f"write 0 to {count - 1}",
            )
        if self.basis != "random":
            peaks = maps.values.max((2, 3))
            alive = np.flatnonzero(np.ptp(peaks, axis=0) > 0)
            drawn = rng.permutation(alive)[: self.count].tolist()
            for channel in self.channels or sorted(drawn):
                yield f"unit {channel}", np.eye(count)[channel]
        if self.basis != "units":
            for number in range(self.count):
                vector: Array = rng.standard_normal((1, count))[0]
                yield f"random direction {number + 1}", vector / np.linalg.norm(vector)

    def _strongest(
        self, answers: Array, maps: LayerMaps, centres: tuple[Array, Array], side: int, size: int
    ) -> tuple[Patch, ...]:
        """The strongest position of each face, or the whole face, strongest faces first."""
        flat = answers.reshape(len(answers), -1)
        peaks = flat.max(1) if self.show == "pieces" else flat.mean(1)
        patches = []
        for face in np.argsort(-peaks, kind="stable")[: self.patches]:
            row, column = np.unravel_index(int(flat[face].argmax()), answers.shape[1:])
            middle = float(centres[0][row]), float(centres[1][column])
            patches.append(Patch(maps.faces[face], window(size, middle, side), float(peaks[face])))
        return tuple(patches)

    def _random(
        self,
        count: int,
        maps: LayerMaps,
        centres: tuple[Array, Array],
        side: int,
        size: int,
        rng: np.random.Generator,
    ) -> tuple[Patch, ...]:
        patches = []
        for face in rng.permutation(len(maps.faces))[:count]:
            middle = float(rng.choice(centres[0])), float(rng.choice(centres[1]))
            patches.append(Patch(maps.faces[face], window(size, middle, side), 0.0))
        return tuple(patches)


def _spread(answers: Array, patches: Any) -> float:
    """How far the strongest answers lie above the others, in standard deviations of all."""
    spread = float(answers.std())
    top = float(np.mean([patch.score for patch in patches]))
    return (top - float(answers.mean())) / spread if spread > 0 else 0.0
