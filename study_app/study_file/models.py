"""The parts of a study file that questions are made from: models and faces."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from explainers import catalog
from explainers.building.plan import READY_MADE
from explainers.problems import suggest
from study_app.study_file.part import Part
from study_app.study_file.phrases import Phrase
from study_app.study_file.references import FaceId, Text, complaint, complaints, known

SAID = ("label", "value", "runner_up")
WRITE = "{label}, {value} or {runner_up}"


class StudyModel(Part):
    """A network and the question that its predictions raise.

    Either ``use`` a shipped model or your own code, or name an architecture and its weights.
    """

    ask: Phrase | None = None
    """The question; {label} is what the model predicts for the face, {value} its number and
    {runner_up} the second most probable class. Of two faces {label} is ``same`` or ``different``
    and {value} the cosine of their embeddings. A network of which only ``concepts`` are asked
    about has none."""
    say: dict[str, Phrase] = Field(default_factory=dict)
    """How a class is said in the question, such as ``{female: a woman}``."""
    use: Text | None = None
    """A shipped model, your own code as ``package.module:function``, or ``pictures``."""
    compare: dict[str, str] | str | None = None
    """For a model that says whether two pictures show the same person: the face that each one is
    compared with, such as ``{f01: f09, f02: f04}``, or one face for all."""
    arch: Literal["vgg16"] | None = None
    """An architecture for your own weights: ``vgg16``."""
    weights: Text | None = None
    """The weights file (.safetensors, or .pt with weights only), relative to the study."""
    labels: tuple[str, ...] | None = None
    """The names of your network's classes, in the order of its outputs."""
    input_size: Annotated[int, Field(ge=16, le=1024)] | None = None
    """The side of your network's input, in pixels."""
    mean: tuple[float, float, float] | None = None
    """Subtracted from RGB in [0, 1] before your network."""
    std: tuple[float, float, float] | None = None
    """Divided by, after the mean."""

    @field_validator("ask")
    @classmethod
    def _placeholders(cls, ask: str | None) -> str | None:
        if ask is None:
            return ask
        try:
            names = [name for _, name, _, _ in Formatter().parse(ask) if name is not None]
        except ValueError as error:
            raise complaint(f"has a stray brace: {error}", f"write {WRITE}") from None
        unknown = next((name for name in names if name not in SAID), None)
        if unknown is not None:
            raise complaint(f"knows no {{{unknown}}}", f"write {WRITE}")
        return ask

    @field_validator("compare", mode="before")
    @classmethod
    def _face_or_faces(cls, compare: Any) -> Any:
        pairs = compare.items() if isinstance(compare, dict) else [(compare, compare)]
        if compare is not None and not all(isinstance(x, str) for pair in pairs for x in pair):
            what = "should be one face for each face, or one for all"
            raise complaint(what, "write compare: {f01: f09, f02: f04}")
        return compare

    @field_validator("use")
    @classmethod
    def _is_there(cls, use: str | None, info: ValidationInfo) -> str | None:
        context = known(info)
        if use is None or context is None or use == READY_MADE:
            return use
        if catalog.is_import_path(use):
            if not catalog.is_there(use, context.folder):
                raise complaint(f"cannot find '{use}'", "put the file beside study.yaml")
        elif use not in catalog.names("models"):
            fix = suggest(use, catalog.names("models"), "`whyface list models` shows all.")
            raise complaint(f"unknown model '{use}'", fix)
        return use

    @field_validator("weights")
    @classmethod
    def _weights(cls, weights: str | None, info: ValidationInfo) -> str | None:
        context = known(info)
        if weights and context and not (context.folder / weights).is_file():
            raise complaint(
                f"there is no file '{weights}'", "write its path relative to study.yaml"
            )
        return weights

    @model_validator(mode="after")
    def _one_way(self) -> StudyModel:
        if (self.use is None) == (self.arch is None):
            raise complaint(
                "needs either 'use' or 'arch'",
                "write use: age, or arch: vgg16 with weights and labels",
            )
        if self.arch is not None:
            complaints(
                ((), complaint(f"'{self.arch}' needs '{key}'", f"write {key}: {example}"))
                for key, example in (("weights", "mine.safetensors"), ("labels", "[young, old]"))
                if getattr(self, key) is None
            )
        elif not catalog.is_import_path(str(self.use)):
            own = ("weights", "labels", "input_size", "mean", "std")
            complaints(
                ((key,), complaint(f"cannot be changed for '{self.use}'", "leave it out"))
                for key in own
                if getattr(self, key) is not None
            )
        return self


def _no_face_twice(faces: Faces) -> Faces:
    ids = [*faces.main, *faces.practice, *faces.attention]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise complaint(f"the face '{twice}' stands twice", "use each face for one purpose")
    return faces


class Faces(Part):
    """The faces of the study."""

    source: Annotated[Text, Field(alias="from")] = "rendered"
    """``rendered`` for the shipped faces, or a folder of pictures beside study.yaml."""
    main: tuple[FaceId, ...] = ()
    """The faces that count."""
    practice: tuple[FaceId, ...] = ()
    """Faces for getting used to the task."""
    attention: tuple[FaceId, ...] = ()
    """Faces for attention checks."""

    _once = model_validator(mode="after")(_no_face_twice)
