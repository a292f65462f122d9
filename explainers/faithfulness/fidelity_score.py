"""What a fidelity measure gives back, and how one is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from explainers.explanation import Explainer, Explanation
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.target import Target


@dataclass(frozen=True)
class Score:
    """How faithful one explanation is, by one measure.

    Arguments:
        value: the measure; its class says which direction is ``better``.
        baseline: the same measure of an uninformative map (random order, area of the part, ...);
            NaN where there is none.
        curve: for measures that go along one: name to values, each [K] (``x`` is the abscissa).
        details: whatever else was found out.

    Example:
        >>> Score(0.7, baseline=0.2).value
        0.7
    """

    value: float
    baseline: float = float("nan")
    curve: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    details: Mapping[str, float | int | str] = field(default_factory=dict)


class Metric(Protocol):
    """One measure: a frozen dataclass of its parameters, in ``explainers/fidelity/<name>.py``.

    ``better`` tells which values are more faithful, ``needs`` what it cannot do without: part maps
    of the face (``parts``), other faces (``faces``), or computing the explanation again
    (``explainer``), which makes it slow.
    """

    better: ClassVar[Literal["higher", "lower"]]
    needs: ClassVar[tuple[str, ...]]

    def __call__(
        self,
        model: FaceModel,
        face: Face,
        target: Target,
        explanation: Explanation,
        explainer: Explainer,
    ) -> Score:
        """Measure ``explanation``, which ``explainer`` gave for ``target`` of ``face``."""
        ...
