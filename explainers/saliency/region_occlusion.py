"""Covers one facial part after the other, such as the mouth, and shows how much each matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.occluding.fill import behind
from explainers.parameter_checks import Checks
from explainers.saliency._coalitions import answers
from explainers.saliency._fill import PIECE_FILLS, check_fill, inpaint
from explainers.saliency._segments import check_parts, facial_parts
from explainers.target import SCALES, Target, on_scale


@dataclass(frozen=True)
class RegionOcclusion:
    """Region occlusion: what the prediction loses when one facial part is hidden.

    Source: Zhong & Deng, Exploring Features and Attributes in Deep Face Recognition Using
    Visualization Techniques (2019); survey, Section 2.1, eq. 1 with facial parts as windows.
    Formula: ``H_p = f(x) - f(x with part p hidden)``, the value of all pixels of ``p``; equal to
    Captum's ``FeatureAblation`` with the part map as its mask. A large part has the value of the
    whole part, not its share per pixel.

    Arguments:
        parts: which facial parts, such as ``[eyes, mouth]``; when empty all of face and head. Parts
            of photographs are found by their landmarks; hair, ears and neck have none.
        fill: what a hidden part shows: colours that run on from its surroundings (``inpainted``),
            the picture's ``mean`` colour, one gray (``value``), or the picture out of focus
            (``blur``). One colour leaves the part's outline to be seen: a mouth filled with gray
            still smiles.
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained: ``probability``, ``log_odds`` or ``logit``.
        batch: how many pictures go through the network at once.

    Errors: Problems for parameters out of range, or a face without any of the parts.

    Example:
        >>> from explainers.faces.face_bank import load_faces
        >>> from explainers.models import expression
        >>> from explainers.targets.class_score import ClassScore
        >>> (face,) = load_faces("rendered", None, ["f01"])
        >>> map = RegionOcclusion(["mouth", "eyes"])(expression.load(), face, ClassScore("happy"))
        >>> map.checks["part_mouth"] > map.checks["part_eyes"]
        True
    """

    per: ClassVar[str] = "face"
    kind: ClassVar[str] = "signed"

    parts: tuple[str, ...] = ()
    fill: Literal["inpainted", "mean", "value", "blur"] = "inpainted"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "probability"
    batch: int = 32

    def __post_init__(self) -> None:
        checks = Checks(self, "region_occlusion")
        check_parts(checks, self.parts)
        check_fill(checks, PIECE_FILLS)
        checks.choice("of", SCALES)
        checks.whole("batch", least=1)
        checks.done()
        object.__setattr__(self, "parts", tuple(self.parts))

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The drop of each part at its pixels, [S, S]; 0 outside the parts.

        The checks hold the target's value for the whole picture (``score``) and the drop of each
        part (``part_mouth`` and so on).
        """
        if face is None:
            raise ValueError("region_occlusion explains a face")
        segments = facial_parts(model, face, self.parts)
        x = model.prepare([face])
        hidden = [segments.labels == index for index in range(len(segments.names))]

        def covered() -> Iterator[Tensor]:
            yield x
            for part in hidden:
                mask = torch.from_numpy(part).to(x.device)
                inpainted = self.fill == "inpainted"
                back = inpaint(x, part) if inpainted else behind(x, self.fill, self.value)
                yield torch.where(mask, back, x)

        pictures = torch.split(torch.cat(list(covered())), self.batch)
        scaled = on_scale(target, self.of)
        values = answers(model, scaled, iter(pictures), len(hidden) + 1, progress)
        drops = values[0] - values[1:]
        checks = {"score": float(values[0]), "parts": len(hidden)} | {
            f"part_{name}": float(drop) for name, drop in zip(segments.names, drops, strict=True)
        }
        return Explanation(segments.paint(np.asarray(drops)), "signed", checks)
