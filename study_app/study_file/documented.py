"""What the study file's own documentation says about each of its keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from explainers.problems import Problems
from study_app import trials
from study_app.study_file.questions import Block
from study_app.study_file.raw import mapping
from study_app.study_file.study import Study
from study_app.study_file.yaml_file import Path_, YamlFile


def keys(file: YamlFile, place: Path_) -> tuple[str, ...]:
    """The keys that may stand beside the one at ``place``, a trial type's own among them."""
    return tuple(str(key) for key in _docs(file, place))


def doc(file: YamlFile, place: Path_) -> str:
    """What the study file's documentation says about the key at ``place``."""
    return _docs(file, place).get(place[-1], "") if place else ""


def added(file: YamlFile, place: Path_) -> str:
    """How to mend that the key at ``place`` is missing."""
    return f"add {place[-1]}: {doc(file, place)}"


def _docs(file: YamlFile, place: Path_) -> dict[str | int, str]:
    """The documentation of each key that may stand beside the one at ``place``."""
    models = [_type(place[:-1])]
    if models == [Block]:
        kind = str(mapping(file.data["blocks"][place[-2]]).get("trial"))
        with suppress(Problems):  # an unknown trial type is a problem of its own
            models.append(trials.load(kind).Parameters)
    return {
        field.alias or name: (field.description or "").replace("\n", " ")
        for model in models
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name, field in model.model_fields.items()
    }


def _type(place: Path_) -> Any:
    """The type that the study file has at ``place``."""
    kind: Any = Study
    for step in place:
        kind = next(_inside(kind, step), None)
    return next(_unwrapped(kind), kind)


def _inside(kind: Any, step: str | int) -> Iterator[Any]:
    for option in _unwrapped(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                if step in (name, field.alias):
                    yield field.annotation
        elif get_origin(option) in (dict, tuple):
            yield get_args(option)[1 if get_origin(option) is dict else 0]


def _unwrapped(kind: Any) -> Iterator[Any]:
    """The types inside ``Annotated`` and ``X | None``."""
    if get_origin(kind) is Annotated:
        yield from _unwrapped(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _unwrapped(option)
    elif kind not in (None, type(None)):
        yield kind
