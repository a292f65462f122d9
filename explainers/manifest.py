"""The stimuli of a study: pictures by content hash, each with its provenance.

Torch-free, because the survey and the command line read manifests too.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from explainers.problems import Problems

FILE = "manifest.json"


@dataclass(frozen=True)
class Stimulus:
    """One picture that a participant may see.

    Arguments:
        sha256: hash of the PNG's bytes; the file is ``<sha256>.png``.
        kind: ``face`` (what the model looked at) or ``explanation``.
        family: the study's name of the explanation, such as ``saliency``; empty for a face.
        model: the study's name of the model.
        face: the face's id; empty for an explanation that is the same for every face.
        target: the explained class, such as ``40s``.
        width, height: in pixels.
        provenance: everything needed to compute it again, and its self-checks.
    """

    sha256: str
    kind: str
    family: str
    model: str
    face: str
    target: str
    width: int
    height: int
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The file's name: it tells a participant nothing."""
        return f"{self.sha256}.png"


@dataclass(frozen=True)
class Prediction:
    """What a model says about a face; questions are generated from it.

    Arguments:
        model, face: names in the study.
        label: the predicted class, such as ``40s`` or ``happy``; of two faces ``same`` or
            ``different``.
        probability: of that class, in [0, 1]; None for two faces, because a distance is none.
        value: a number where the task has one (age in years, cosine of two faces), else None.
        runner_up: the second most probable class; empty where there is none.
        compared: the face that ``face`` is compared with; empty where there is none.
    """

    model: str
    face: str
    label: str
    probability: float | None
    value: float | None = None
    runner_up: str = ""
    compared: str = ""


@dataclass(frozen=True)
class Manifest:
    """All stimuli and predictions of a built study, stored as ``stimuli/manifest.json``.

    Example:
        >>> manifest = Manifest((), (Prediction("age", "f01", "40s", 0.7, 43.2),))
        >>> manifest.prediction("age", "f01").label
        '40s'
    """

    stimuli: tuple[Stimulus, ...]
    predictions: tuple[Prediction, ...]

    def prediction(self, model: str, face: str) -> Prediction:
        """The prediction of ``model`` for ``face``; KeyError if it was not built."""
        for prediction in self.predictions:
            if (prediction.model, prediction.face) == (model, face):
                return prediction
        raise KeyError((model, face))

    def picture(self, model: str, face: str) -> Stimulus:
        """The face as ``model`` sees it; KeyError if it was not built."""
        for stimulus in self.stimuli:
            if (stimulus.kind, stimulus.model, stimulus.face) == ("face", model, face):
                return stimulus
        raise KeyError((model, face))

    def explanation(self, family: str, model: str, face: str, target: str) -> Stimulus:
        """The explanation shown for a face, whether made for it or for its class alone."""
        for stimulus in self.stimuli:
            if (
                stimulus.kind == "explanation"
                and (stimulus.family, stimulus.model) == (family, model)
                and stimulus.face in (face, "")
                and stimulus.target == target
            ):
                return stimulus
        raise KeyError((family, model, face, target))

    def save(self, folder: Path) -> None:
        """Write ``folder/manifest.json`` in one step, so that nobody reads half of it."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        temporary = folder / f"{FILE}.{os.getpid()}"
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read ``folder/manifest.json``; Problems when there is none or it is damaged."""
        path = folder / FILE
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                tuple(Stimulus(**entry) for entry in data["stimuli"]),
                tuple(Prediction(**entry) for entry in data["predictions"]),
            )
        except FileNotFoundError:
            raise Problems.one(str(path), "is not there", "run `whyface build` first") from None
        except (ValueError, KeyError, TypeError) as error:
            raise Problems.one(
                str(path), f"is damaged ({error})", "run `whyface build` again"
            ) from None
