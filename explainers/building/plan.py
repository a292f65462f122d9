"""What has to be computed for a study: from models, faces and methods to jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from explainers import catalog
from explainers.aim import PAIR, Aim
from explainers.faithfulness.measure import Measure
from explainers.manifest import Prediction

READY_MADE = "pictures"
"""As a model's ``use`` or a method's name: its pictures come from a CSV file."""


@dataclass(frozen=True)
class Method:
    """How one family of explanations is computed.

    Arguments:
        method: an explainer's name, the user's ``package.module:Class``, or ``pictures``.
        parameters: the explainer's parameters that are not at their defaults.
        scale: which saliency maps share the value at which the colour is strongest: those of one
            ``model``, or none (``picture``).
        target: what is explained; None for the predicted class.
        fidelity: how the maps' faithfulness is measured.
    """

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    scale: Literal["model", "picture"] = "model"
    target: Aim | None = None
    fidelity: tuple[Measure, ...] = ()

    @property
    def ready_made(self) -> bool:
        """Whether nothing is computed."""
        return self.method == READY_MADE


@dataclass(frozen=True)
class Finding:
    """How one family of concepts is found.

    Arguments:
        method: a finder's name (a file of `explainers/concepts`) or the user's
            ``package.module:Class``.
        parameters: the finder's parameters that are not at their defaults.
        model: the study's name of the network that is looked into.
        faces: ``rendered`` or a folder: where the concepts are looked for.
    """

    method: str
    parameters: Mapping[str, Any]
    model: str
    faces: str


@dataclass(frozen=True)
class Plan:
    """What a study needs.

    Arguments:
        folder: the study's folder; paths are relative to it.
        seed: of every computation that involves chance.
        models: the study's name of each model and what the study file says about it.
        faces: ``rendered`` or a folder.
        asked: each (model, face) that participants are asked about.
        methods: the study's name of each explanation and how it is computed.
        pictures: the CSV file of the ready-made pictures, if there is one.
        compared: for each model that compares faces: the face → the one it is compared with.
        concepts: the study's name of each family of concepts and how it is found.
    """

    folder: Path
    seed: int
    models: Mapping[str, Mapping[str, Any]]
    faces: str
    asked: tuple[tuple[str, str], ...]
    methods: Mapping[str, Method]
    pictures: Path | None = None
    compared: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    concepts: Mapping[str, Finding] = field(default_factory=dict)

    @property
    def stimuli(self) -> Path:
        """Where the pictures go."""
        return self.folder / "stimuli"

    def ready_made(self, model: str) -> bool:
        """Whether the model's answers come with ready-made pictures."""
        return self.models[model].get("use") == READY_MADE

    def aim(self, family: str, model: str) -> Aim:
        """What an explanation of the plan explains for a model, before it is known which face."""
        return self.methods[family].target or (PAIR if model in self.compared else Aim())

    @property
    def computes(self) -> bool:
        """Whether any network has to explain or predict."""
        return bool(self.asked) and not all(self.ready_made(model) for model in self.models)


@dataclass(frozen=True)
class Job:
    """One explanation to compute: plain values, so that any process or machine can do it.

    Arguments:
        family: the study's name of the explanation.
        method, parameters: of the explainer.
        model: the study's name of the model.
        spec: what the study file says about the model.
        face: the face's id. For an explanation that depends on the class alone it is empty.
        source: where the faces come from.
        target: the class that the model predicts: the question's answer.
        seed: of the computation.
        folder: the study's folder.
        aim: what is explained; None for the score of ``target``.
        device: what the network computes on, ``cpu`` or ``cuda``; decided where the job is done.
    """

    family: str
    method: str
    parameters: Mapping[str, Any]
    model: str
    spec: Mapping[str, Any]
    face: str
    source: str
    target: str
    seed: int
    folder: Path
    aim: Aim | None = None
    device: str = "cpu"

    @property
    def kind(self) -> str:
        """Jobs of one kind take about the same time."""
        return f"{self.family} of {self.model}"

    @property
    def title(self) -> str:
        """How a person calls it.

        Example:
            >>> Job("saliency", "occlusion", {}, "age", {}, "f01", "", "40s", 1, Path()).title
            'saliency of age, 40s, f01'
        """
        said = self.aim.words if self.aim else self.target
        words = (self.kind, said, self.face)
        return ", ".join(word for word in words if word)

    def on(self, device: str) -> Job:
        """The same job on ``cpu`` or ``cuda``."""
        return replace(self, device=device)


def jobs(plan: Plan, predictions: Iterable[Prediction]) -> tuple[Job, ...]:
    """The jobs for what each model predicts for each face that it is asked about.

    An explanation that depends on the class alone is computed once for a model and class.
    """
    wanted: dict[tuple[str, str, str, str], Job] = {}
    for prediction in predictions:
        if plan.ready_made(prediction.model):
            continue
        for family, method in plan.methods.items():
            if method.ready_made:
                continue
            aim = plan.aim(family, prediction.model)
            of_class = per_class(method.method, plan.folder) and not aim.of_one_face
            face = "" if of_class else prediction.face
            place = (family, prediction.model, face, prediction.label)
            wanted[place] = Job(
                family=family,
                method=method.method,
                parameters=dict(method.parameters),
                model=prediction.model,
                spec=plan.models[prediction.model],
                face=face,
                source=plan.faces,
                target=prediction.label,
                seed=plan.seed,
                folder=plan.folder,
                aim=aim.filled(prediction),
            )
    return tuple(wanted.values())


def per_class(method: str, folder: Path) -> bool:
    """Whether the explanation is the same for every face (``per = "class"`` in its class)."""
    if catalog.is_import_path(method):
        return getattr(catalog.load(method, folder), "per", "face") == "class"
    return catalog.find(method).constant("per", "face") == "class"
