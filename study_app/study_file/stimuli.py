"""The part of a study file that says how explanations are made: methods and their targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from explainers import catalog
from explainers.aim import COMPARED, PAIR, Aim, aim_mistakes, fits
from explainers.building.plan import READY_MADE
from explainers.parameters import mistakes
from explainers.problems import Problems
from study_app.study_file.fidelity import Measures
from study_app.study_file.part import OpenPart
from study_app.study_file.references import Known, Text, complaint, complaints, known


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
                if face == COMPARED and not context.names["classifying model"]:
                    continue
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
            complaints(_mistakes(self.method, self.parameters, self.target, context))
        return self


def _mistakes(
    method: str, given: dict[str, Any], target: Target | None, context: Known
) -> Iterator[tuple[tuple[str | int, ...], PydanticCustomError]]:
    try:
        entry = catalog.find(method)
    except Problems as error:
        for problem in error.problems:
            yield ("method",), complaint(problem.what, problem.fix)
        return
    for name, what, fix in mistakes(entry, given):
        yield (name,), complaint(what, fix)
    pairs, classes = context.names["comparing model"], context.names["classifying model"]
    usual = [*([PAIR] if pairs else []), *([None] if classes else [])]
    for aim in [target.aim] if target else usual:
        unfit = fits(method, aim)
        if unfit is not None:
            yield ("target",), complaint(*unfit)
            return
    if target and pairs and not catalog.is_import_path(target.use) and target.aim.of_classes:
        what = f"explains a class, but {pairs[0]} has none: it compares faces"
        yield ("target",), complaint(what, "leave it out: their likeness is explained")
