"""The part of a study file that says which concepts of a network are asked about."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from explainers import catalog
from explainers.faces.face_names import face_files
from explainers.parameters import mistakes
from explainers.problems import Problems
from study_app.study_file.part import OpenPart, Part
from study_app.study_file.references import Network, Text, complaint, complaints, known


class FacesFrom(Part):
    """Where the faces are in which concepts are looked for; all of them are used."""

    source: Annotated[Text, Field(alias="from")] = "rendered"
    """``rendered`` for the shipped faces, or a folder of pictures beside study.yaml."""

    @field_validator("source")
    @classmethod
    def _is_there(cls, source: str, info: ValidationInfo) -> str:
        context = known(info)
        if context is not None:
            try:
                face_files(source, context.folder)
            except Problems as error:
                first = error.problems[0]
                raise complaint(first.what, first.fix) from None
        return source


class Concepts(OpenPart):
    """Concepts of a network, as participants are asked about them; the finder's own parameters,
    such as ``layer`` and ``classes``, stand beside these."""

    method: Text
    """A finder of concepts (`whyface list concepts`), or your own as ``package.module:Class``."""
    model: Network
    """The network that is looked into: a name under ``models``."""
    faces: FacesFrom | None = None
    """Where concepts are looked for, such as ``{from: faces/}``; where the study's faces are from
    unless it is named."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The finder's parameters as the study file gives them."""
        return dict(self.model_extra or {})

    @field_validator("method")
    @classmethod
    def _is_there(cls, method: str, info: ValidationInfo) -> str:
        context = known(info)
        if context is None:
            return method
        if catalog.is_import_path(method):
            if not catalog.is_there(method, context.folder):
                raise complaint(f"cannot find '{method}'", "put the file beside study.yaml")
            return method
        try:
            catalog.finder(method)
        except Problems as error:
            raise complaint(error.problems[0].what, error.problems[0].fix) from None
        return method

    @model_validator(mode="after")
    def _parameters(self, info: ValidationInfo) -> Concepts:
        if known(info) is not None and not catalog.is_import_path(self.method):
            wrong = mistakes(catalog.finder(self.method), self.parameters)
            complaints(((name,), complaint(what, fix)) for name, what, fix in wrong)
        return self
