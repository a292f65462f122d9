"""Every saliency method on planted truth: its parameters at the network's size, its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from explainers.catalog import Entry
from explainers.explanation import Explainer, Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faithfulness.planted import Case, Finding, finding
from explainers.problems import Problems
from explainers.target import Target

DEFAULT_SIZE = 112
"""The input for which windows and strides of the methods' defaults are meant."""


@dataclass(frozen=True)
class RandomMap:
    """A map that knows nothing: smooth noise of ``cells`` x ``cells`` values, another each time."""

    per: ClassVar[str] = "face"
    kind: ClassVar[Any] = "signed"

    cells: int = 8

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """Noise whose seed is the face's name."""
        name = "" if face is None else face.id
        rng = np.random.default_rng(list(f"{model.name} {name}".encode()))
        coarse = rng.normal(size=(self.cells, self.cells))
        places = np.linspace(0, self.cells - 1, model.input_size)
        rows = np.array([np.interp(places, np.arange(self.cells), row) for row in coarse])
        whole = np.array([np.interp(places, np.arange(self.cells), row) for row in rows.T]).T
        return Explanation(whole.astype(np.float32), "signed")


@dataclass(frozen=True)
class CentreMap:
    """A map that knows only that faces are in the middle: a Gaussian, ``width`` of the picture."""

    per: ClassVar[str] = "face"
    kind: ClassVar[Any] = "unsigned"

    width: float = 0.2

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The same map for every face."""
        offsets = (np.arange(model.input_size) + 0.5) / model.input_size - 0.5
        bell = np.exp(-(offsets**2) / (2 * self.width**2))
        return Explanation(np.outer(bell, bell).astype(np.float32), "unsigned")


def sized(entry: Entry, size: int, samples: int | None = None) -> Explainer:
    """A method with its defaults, but windows that are as large a part of the picture as ever.

    Arguments:
        entry: of the catalog.
        size: side of the network's input.
        samples: the most random samples; None leaves the defaults.

    A threshold that has to be learned first is 0: every difference counts.

    Example:
        >>> from explainers.catalog import find
        >>> sized(find("occlusion"), 64).window
        14
    """
    changed: dict[str, Any] = {}
    for parameter in entry.parameters:
        name, default = parameter.name, parameter.default
        if name in ("window", "stride") and isinstance(default, int):
            changed[name] = max(1, round(default * size / DEFAULT_SIZE))
        elif name == "samples" and samples is not None and isinstance(default, int):
            changed[name] = min(default, samples)
        elif name == "threshold" and default is None:
            changed[name] = 0.0
    explainer: Explainer = entry.load()(**changed)
    return explainer


def findings(explainer: Explainer, cases: Sequence[Case]) -> list[Finding]:
    """What a method finds in each case, explaining the first target that it accepts.

    Errors: Problems for a method that accepts none of the targets, does not explain faces, or
    cannot serve the network.
    """
    name = type(explainer).__name__
    if explainer.per != "face":
        raise Problems.one(name, "explains a network or class, not a face", "leave it out")
    found = []
    for case in cases:
        accepted = getattr(explainer, "targets", ())
        chosen = case.target(accepted)
        if chosen is None:
            what = f"explains {' or '.join(accepted)}, which is not known here"
            raise Problems.one(name, what, "leave it out")
        kind, target = chosen
        found.append(finding(explainer(case.model, case.face, target), case.region, kind))
    return found


def interval(
    values: Sequence[float], level: float = 0.95, draws: int = 4000
) -> tuple[float, float]:
    """Bootstrap interval of the mean over cases, percentile method, always the same draws.

    Example:
        >>> interval([1.0, 1.0, 1.0])
        (1.0, 1.0)
    """
    rng = np.random.default_rng(0)
    several = np.asarray(values, float)
    means = several[rng.integers(0, len(several), (draws, len(several)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
