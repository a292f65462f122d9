"""What an explainer gives back: raw values, what kind of values they are, and its self-checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.target import Target

Kind = Literal["signed", "unsigned", "image"]
Over = Literal["face", "canonical"]
Progress = Callable[[int, int], None]
"""Told (steps done, steps in all) while an explainer works."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Raw values, before anything is drawn.

    Arguments:
        values: float32. ``signed`` and ``unsigned`` saliency is [H, W] in the unit of the target
            (drop of a probability, say), one value for each pixel of the network's input; an
            ``image`` is RGB in [0, 1], [3, H, W].
        kind: ``signed`` (0 means no effect), ``unsigned`` (0 is the least) or ``image``.
        checks: what the method found out about its own result, such as ``iterations`` or
            ``probability``; kept with the stimulus.
        over: what saliency is drawn over, and whose pixels its values belong to: the explained
            ``face``, or the ``canonical`` one (`explainers.faces.canonical_face`).

    Errors: ValueError for another shape, an unknown kind or place, or values that are not finite.

    Example:
        >>> Explanation(np.zeros((2, 2)), "signed").values.dtype
        dtype('float32')
    """

    values: npt.NDArray[np.float32]
    kind: Kind
    checks: Mapping[str, float | int | str] = field(default_factory=dict)
    over: Over = "face"

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.values, dtype=np.float32)
        object.__setattr__(self, "values", values)
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        if self.over not in get_args(Over):
            raise ValueError(f"over is one of {', '.join(get_args(Over))}, not {self.over!r}")
        right = values.ndim == 3 and len(values) == 3 if self.kind == "image" else values.ndim == 2
        if not right:
            raise ValueError(f"values of kind {self.kind} cannot have shape {list(values.shape)}")
        if not np.isfinite(values).all():
            raise ValueError("values are not finite numbers (NaN or infinite)")
        if self.kind == "image" and not (values.min() >= 0 and values.max() <= 1):
            raise ValueError("colours must lie in [0, 1]")


class Explainer(Protocol):
    """One method: a frozen dataclass of its parameters, called once for each explanation.

    ``per`` tells what an explanation depends on beside the model and the target: the ``face``, or
    nothing (``class``), and then ``face`` is None. ``kind`` is that of its explanations.
    """

    per: ClassVar[str]
    kind: ClassVar[Any]

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Explain ``target`` of ``model``; the same arguments always give the same bits."""
        ...
