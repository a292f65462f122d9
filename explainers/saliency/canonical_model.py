"""Where on a neutral frontal face a network looks: the mean canonical map over a set of faces."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from explainers.building.fingerprint import file_sha256
from explainers.explanation import Explanation, Progress
from explainers.face import Face
from explainers.face_model import FaceModel
from explainers.faces.canonical_face import canonical_sha256
from explainers.faces.face_bank import load_faces
from explainers.faces.face_names import RENDERED, face_files
from explainers.problems import Problems, suggest
from explainers.saliency._window_checks import window_checks
from explainers.saliency.canonical import Canonical
from explainers.target import SCALES, Target, class_index
from explainers.targets.class_score import ClassScore


@dataclass(frozen=True)
class CanonicalModel:
    """Canonical model saliency: the mean of the canonical maps of many faces.

    Source: John, Balasubramanian & Jawahar, Canonical Saliency Maps: Decoding Deep Face Models
    (2021); survey, Section 2.1 and Fig. 6.
    Formula: ``M = mean_i H(x_i)`` with the image-level map ``H`` of each face (`canonical`). On the
    canonical face the mouth of all faces is at one place, so the mean stays sharp.

    It tells about the network, not about a face: one map for a class.

    Arguments:
        faces: which faces, by their ids; empty for all of them.
        source: ``rendered`` for the shipped faces, or the full path of a folder of pictures.
        explained: the ``class`` in those faces for which the network predicts it; the target in
            ``all`` faces, whatever the network sees in them (a class that a face is far from has
            less to lose, and the maps agree less); or, the whole network in one map, each face's
            own ``predicted`` class. Targets that are no class are explained in all faces.
        window: side of the hidden square on the canonical face, in pixels of the network's input.
        stride: pixels from one window to the next, at most ``window``.
        fill: what a window shows: the picture's ``mean`` colour, one gray (``value``), or the
            picture itself out of focus (``blur``).
        value: the gray for ``fill: value``, 0 is black and 1 white.
        of: the scale on which a class is explained; log-odds let each face count, where a
            probability near 0 or 1 hardly moves.
        batch: how many covered pictures go through the network at once.

    Errors: Problems for parameters out of range, unknown faces, faces without landmarks, a class
    that is predicted for no face, and predicted classes of a network that does not classify.

    Example:
        >>> from explainers.models import expression
        >>> method = CanonicalModel(faces=("f01", "f09"), window=56, stride=56)
        >>> method(expression.load(), None, ClassScore("happy")).checks["faces"]
        2
    """

    per: ClassVar[str] = "class"
    kind: ClassVar[str] = "signed"

    faces: tuple[str, ...] = ()
    source: str = "rendered"
    explained: Literal["class", "all", "predicted"] = "class"
    window: int = 24
    stride: int = 8
    fill: Literal["mean", "value", "blur"] = "mean"
    value: float = 0.5
    of: Literal["probability", "logit", "log_odds"] = "log_odds"
    batch: int = 32

    def __post_init__(self) -> None:
        checks = window_checks(self, "canonical_model")
        checks.choice("explained", ("class", "all", "predicted"))
        checks.choice("of", SCALES)
        checks.text("source")
        source: object = self.source
        if isinstance(source, str) and source != RENDERED and not Path(source).is_absolute():
            fix = f"write {RENDERED}, or the folder's full path"
            checks.add("source", f"'{source}' is no full path", fix)
        faces: object = self.faces
        if not isinstance(faces, list | tuple) or not all(isinstance(name, str) for name in faces):
            fix = "write faces: [f01, f02], or leave faces out for all of them"
            checks.add("faces", f"must be a list of faces' names, not {faces!r}", fix)
        checks.done()
        object.__setattr__(self, "faces", tuple(self.faces))
        known = face_files(self.source, Path())
        for name in self.faces:
            if name not in known:
                checks.add("faces", f"there is no face '{name}'", suggest(name, known))
        checks.done()

    @property
    def data_sha256(self) -> str:
        """SHA-256 over the canonical face's and the faces' hashes: the result depends on them."""
        files = face_files(self.source, Path())
        hashes = [file_sha256(files[name]) for name in self.faces or sorted(files)]
        return hashlib.sha256("".join([canonical_sha256(), *hashes]).encode()).hexdigest()

    def __call__(
        self,
        model: FaceModel,
        face: Face | None,
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The mean map on the canonical face, [S, S]; the face is not asked.

        The checks are those of `mean_over`.
        """
        faces = load_faces(self.source, Path(), self.faces or None)
        return self.mean_over(model, faces, target, progress=progress)

    def mean_over(
        self,
        model: FaceModel,
        faces: Sequence[Face],
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> Explanation:
        """The mean map of any faces, [S, S].

        The checks hold how many ``faces`` were explained, the ``landmarks`` of the one with the
        fewest, the mean of the explained ``score``, how much the maps of single faces differ
        (``spread``, the root of the mean variance, in the unit of the values) and how alike they
        are (``agreement``, the mean correlation of two faces' maps).
        """
        if not faces:
            raise ValueError("a mean needs at least one face")
        single = self.single(model, faces, target, progress=progress)
        maps = np.stack([each.values for each in single])
        checks: dict[str, float | int | str] = {
            "faces": len(maps),
            "landmarks": min(int(each.checks["landmarks"]) for each in single),
            "score": float(np.mean([each.checks["score"] for each in single])),
            "spread": float(np.sqrt(maps.var(0).mean())),
            "agreement": agreement(maps),
        }
        return Explanation(maps.mean(0), "signed", checks, over="canonical")

    def single(
        self,
        model: FaceModel,
        faces: Sequence[Face],
        target: Target,
        *,
        progress: Progress | None = None,
    ) -> list[Explanation]:
        """The canonical map of each explained face, from which the mean is taken."""
        method = Canonical(
            self.window, self.stride, self.fill, self.value, self.of, batch=self.batch
        )
        aims = self._aims(model, faces, target)
        explanations = []
        for number, (face, aim) in enumerate(aims):

            def told(done: int, total: int, before: int = number) -> None:
                if progress is not None:
                    progress(before * total + done, len(aims) * total)

            explanations.append(method(model, face, aim, progress=told))
        return explanations

    def _aims(
        self, model: FaceModel, faces: Sequence[Face], target: Target
    ) -> list[tuple[Face, Target]]:
        """Which faces are explained, and what in each."""
        if self.explained == "predicted":
            return [(face, ClassScore(model.predict(face).label)) for face in faces]
        if self.explained == "all" or not isinstance(target, ClassScore):
            return [(face, target) for face in faces]
        predicted = [model.index(model.predict(face).label) for face in faces]
        wanted = class_index(model, target.label, len(model.labels))
        aims: list[tuple[Face, Target]] = [
            (face, target) for face, index in zip(faces, predicted, strict=True) if index == wanted
        ]
        if not aims:
            raise Problems.one(
                f"model {model.name}",
                f"predicts '{model.labels[wanted]}' for none of the {len(faces)} faces",
                "name a source with faces of that class, or write explained: all",
            )
        return aims


def agreement(maps: npt.NDArray[np.float32]) -> float:
    """The mean correlation of two maps, over all pairs, [F, S, S] → [-1, 1].

    A map without any effect is like no other (0); one map alone agrees with itself (1).

    Example:
        >>> ramp = np.arange(4.0).reshape(2, 2)
        >>> round(agreement(np.stack([ramp, 2 * ramp, -ramp])), 3)
        -0.333
    """
    if len(maps) == 1:
        return 1.0
    flat = maps.reshape(len(maps), -1).astype(float)
    flat -= flat.mean(1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    flat /= np.where(lengths > 0, lengths, 1)
    alike = flat @ flat.T
    return float(alike[np.triu_indices(len(maps), 1)].mean())
