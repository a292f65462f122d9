"""The parts of a study file that pictures are made from: models, faces and methods."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from explainers import catalog
from explainers.aim import Aim, aim_mistakes, fits
from explainers.parameters import mistakes
from explainers.plan import READY_MADE
from explainers.problems import Problems, suggest
from study_app.references import FaceId, Text, complaint, complaints, known
from study_app.study_fidelity import Measures
from study_app.study_part import OpenPart, Part

SAID = ("label", "value", "runner_up")
WRITE = "{label}, {value} or {runner_up}"


class StudyModel(Part):
    """A network and the question that its predictions raise.

    Either ``use`` a shipped model or your own code, or name an architecture and its weights.
    """

    ask: Text
    """The question; {label} is what the model predicts for the face, {value} its number and
    {runner_up} the second most probable class."""
    say: dict[str, Text] = Field(default_factory=dict)
    """How a class is said in the question, such as ``{female: a woman}``."""
    use: Text | None = None
    """A shipped model, your own code as ``package.module:function``, or ``pictures``."""
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
    def _placeholders(cls, ask: str) -> str:
        try:
            names = [name for _, name, _, _ in Formatter().parse(ask) if name is not None]
        except ValueError as error:
            raise complaint(f"has a stray brace: {error}", f"write {WRITE}") from None
        unknown = next((name for name in names if name not in SAID), None)
        if unknown is not None:
            raise complaint(f"knows no {{{unknown}}}", f"write {WRITE}")
        return ask

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
    main: Annotated[tuple[FaceId, ...], Field(min_length=1)]
    """The faces that count."""
    practice: tuple[FaceId, ...] = ()
    """Faces for getting used to the task."""
    attention: tuple[FaceId, ...] = ()
    """Faces for attention checks."""

    _once = model_validator(mode="after")(_no_face_twice)


class Target(OpenPart):
    """What is explained, other than the predicted class; its parameters stand beside ``use``."""

    use: Text
    """A target (`whyface list targets`), or your own as ``package.module:Class``."""

    @property
    def aim(self) -> Aim:
        """The target as the build understands it."""
        return Aim(self.use, dict(self.model_extra or {}))

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Target:
        context = known(info)
        if context is None:
            return self
        if catalog.is_import_path(self.use):
            if not catalog.is_there(self.use, context.folder):
                what = f"cannot find '{self.use}'"
                complaints([(("use",), complaint(what, "put the file beside study.yaml"))])
            return self
        wrong = {key: complaint(what, fix) for key, what, fix in aim_mistakes(self.aim)}
        if "use" not in wrong:
            for key, face in self.aim.faces.items():
                if face not in context.names["face"]:
                    fix = context.fix("face", face)
                    wrong.setdefault(key, complaint(f"unknown face '{face}'", fix))
        complaints(((key,), error) for key, error in wrong.items())
        return self


def _spelled_out(target: Any) -> Any:
    return {"use": target} if isinstance(target, str) else target


class Method(OpenPart):
    """How the pictures of one explanation are made: a method, and its parameters beside it."""

    method: Text
    """An explainer, your own as ``package.module:Class``, or ``pictures``."""
    scale: Literal["model", "picture"] = "model"
    """Which saliency maps share a colour scale: those of one ``model``, or none (``picture``)."""
    target: Annotated[Target | None, BeforeValidator(_spelled_out)] = None
    """What is explained: a target, or one with parameters, as in ``{use: unit, layer: conv1,
    channel: 3}``; the score of the predicted class unless it is named."""
    fidelity: Measures | None = None
    """How the faithfulness of these maps is measured, in place of the study's ``fidelity``."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The method's parameters as the study file gives them."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Method:
        context = known(info)
        if context is None:
            return self
        if catalog.is_import_path(self.method):
            if not catalog.is_there(self.method, context.folder):
                complaints(
                    [
                        (
                            ("method",),
                            complaint(
                                f"cannot find '{self.method}'", "put the file beside study.yaml"
                            ),
                        )
                    ]
                )
        elif self.method == READY_MADE:
            keys = [*self.parameters, *(["target"] if self.target else [])]
            complaints(
                ((name,), complaint(f"unknown key '{name}'", "ready-made pictures have none"))
                for name in keys
            )
        else:
            complaints(_mistakes(self.method, self.parameters, self.target))
        return self


def _mistakes(
    method: str, given: dict[str, Any], target: Target | None
) -> Iterator[tuple[tuple[str | int, ...], PydanticCustomError]]:
    try:
        entry = catalog.find(method)
    except Problems as error:
        for problem in error.problems:
            yield ("method",), complaint(problem.what, problem.fix)
        return
    for name, what, fix in mistakes(entry, given):
        yield (name,), complaint(what, fix)
    unfit = fits(method, target.aim if target else None)
    if unfit is not None:
        yield ("target",), complaint(*unfit)
