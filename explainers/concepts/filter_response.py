"""Shows where each filter answers in every face: always at one place, or all over the face?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explainers.concept_finding.discovery import Discovery, FoundConcept
from explainers.concept_finding.layer_maps import LayerMaps, layer_maps
from explainers.concept_finding.peaks import random_control, strongest_patches
from explainers.concept_finding.response_places import Places, places, spread
from explainers.concept_finding.truth import part_maps
from explainers.explanation import Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.parts import part_numbers
from explainers.parameter_checks import Checks

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class FilterResponse:
    """Filter responses: an interpretable filter answers at the same place of every face.

    Source: Yin, Tran, Li, Shen & Liu, Towards Interpretable Face Recognition (2019), section 4;
    survey, Section 5 and Fig. 16 (bottom). The losses that such a network was trained with are in
    `explainers.concept_finding.response_losses`.
    Formula: see `explainers.concept_finding.response_places.places`. Filters with a high ``focus``
    look at one place of the face; a layer with a large ``spread`` looks at many places.

    Positive and negative answers of a filter are measured apart, as in the paper; after a ReLU
    there are none of the latter. A filter has the name of the part in which most of its peaks lie,
    if more than half do.

    Arguments:
        layer: whose filters; the model's own layer when empty.
        quantile: share of positions that a patch may cover, the strongest ones.
        least: focus from which a filter is a concept.
        faces: share of the faces in which a filter has to answer to be a concept.
        most: concepts that are kept, those with the highest focus.
        patches: of each concept, at most, one of a face.
        batch: how many faces go through the network at once.

    Errors: Problems for parameters out of range, unknown layers, a layer without a map.

    Example:
        >>> FilterResponse(layer="conv64_3", most=8).least
        0.5
    """

    layer: str = ""
    quantile: float = 0.01
    least: float = 0.5
    faces: float = 0.5
    most: int = 24
    patches: int = 8
    batch: int = 16

    def __post_init__(self) -> None:
        checks = Checks(self, "filter_response")
        checks.text("layer")
        checks.number("quantile", least=1e-6, most=0.5)
        checks.number("least", most=1.0)
        checks.number("faces", most=1.0)
        for field in ("most", "patches", "batch"):
            checks.whole(field, least=1)
        checks.done()

    def __call__(
        self,
        model: FaceModel,
        faces: Mapping[str, Face],
        seed: int,
        *,
        progress: Progress | None = None,
    ) -> Discovery:
        """The most focused filters, each with a control; a row for each filter and sign.

        The checks hold the spread of the layer in pixels and as a share of the picture's side.
        """
        maps = layer_maps(model, faces, self.layer, self.batch)
        parts = part_maps(faces, model.input_size, model.chip_padding)
        table: list[dict[str, Any]] = []
        found: list[FoundConcept] = []
        checks: dict[str, Any] = {"faces": len(faces)}
        for sign, word in ((1, "positive"), (-1, "negative")):
            signed = LayerMaps(maps.layer, maps.faces, sign * maps.values, maps.rows, maps.columns)
            units = range(signed.values.shape[1])
            each = [places(signed.on_picture(signed.values[None, :, unit])) for unit in units]
            if progress is not None:
                progress(1 if sign > 0 else 2, 2)
            of = {"side": model.input_size}
            rows = [_row(unit, word, one, parts) | of for unit, one in enumerate(each)]
            apart = spread(np.concatenate([one.means for one in each]))
            checks[f"spread_{word}"] = apart
            checks[f"spread_{word}_share"] = apart / model.input_size
            table += rows
            found += self._concepts(signed, rows)
        best = sorted(found, key=lambda one: -one.scores["focus"])[: self.most]
        rng = np.random.default_rng(seed)
        controls = [random_control(concept, maps.faces, rng) for concept in best]
        return Discovery(tuple(best + controls), tuple(table), checks)

    def _concepts(self, maps: LayerMaps, rows: list[dict[str, Any]]) -> list[FoundConcept]:
        found = []
        thresholds = np.maximum(maps.thresholds(self.quantile), 0)
        for row, threshold in zip(rows, thresholds, strict=True):
            often = row["faces"] >= self.faces * len(maps.faces)
            if not often or row["focus"] is None or row["focus"] < self.least:
                continue
            answers = maps.on_picture(maps.values[:, row["unit"]])
            patches = strongest_patches(answers, maps.faces, float(threshold), self.patches)
            scores = {k: row[k] for k in ("unit", "focus", "deviation", "extent")}
            scores["sign"] = 1 if row["sign"] == "positive" else -1
            if patches:
                sure = row["part"] != "background" and (row["part_share"] or 0) > 0.5
                name = row["part"] if sure else ""
                found.append(FoundConcept(maps.layer, "", patches, name, scores=scores))
        return found


def _row(unit: int, sign: str, one: Places, parts: Array) -> dict[str, Any]:
    names = {number: name for name, number in part_numbers().items()}
    hits: Counter[str] = Counter()
    for map_, peak in zip(parts, one.peaks[0], strict=True):
        if not np.isnan(peak).any():
            hits[names[int(map_[int(peak[1]), int(peak[0])])]] += 1
    part, count = max(hits.items(), key=lambda item: item[1], default=("", 0))
    return {
        "unit": unit,
        "sign": sign,
        "faces": int((one.strengths[0] > 0).sum()),
        "x": _number(one.means[0, 0]),
        "y": _number(one.means[0, 1]),
        "deviation": _number(one.deviations[0]),
        "focus": _number(one.focus[0]),
        "extent": _number(one.extents[0]),
        "part": part,
        "part_share": count / hits.total() if hits else None,
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
