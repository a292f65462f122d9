"""What a study file cannot do without, by what it asks about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from explainers.problems import Problem
from study_app import trials
from study_app.study_file.documented import added, doc
from study_app.study_file.raw import mapping, sequence
from study_app.study_file.yaml_file import Path_, YamlFile


def lacking(file: YamlFile) -> Iterator[Problem]:
    """What a study that asks about predictions needs; one about concepts alone does without."""
    data: Mapping[str, Any] = file.data
    models = mapping(data.get("models"))
    for name in models:
        written = isinstance(models[name], dict)
        if written and name not in silent(data) and "ask" not in models[name]:
            place: Path_ = ("models", name)
            yield Problem(file.where(place), "'ask' is missing", added(file, (*place, "ask")))
    kinds = [str(mapping(block).get("trial")) for block in sequence(data.get("blocks"))]
    about = [trials.about_concepts(kind) for kind in kinds if kind in trials.names()]
    if data.get("concepts") and all(about):
        return
    for key in ("faces", "stimuli"):
        if key not in data:
            yield Problem(file.name, f"'{key}' is missing", added(file, (key,)))
    faces = data.get("faces")
    if isinstance(faces, dict) and "main" not in faces:
        fix = added(file, ("faces", "main"))
        yield Problem(file.where(("faces",)), "'main' is missing", fix)
    elif isinstance(faces, dict) and faces["main"] == []:
        place = "faces", "main"
        yield Problem(file.where(place), "should not be empty", doc(file, place))


def silent(data: Mapping[str, Any]) -> frozenset[str]:
    """The models of which only concepts are asked about: they have no question."""
    used = {str(mapping(one).get("model")) for one in mapping(data.get("concepts")).values()}
    models = mapping(data.get("models"))
    return frozenset(name for name in used & models.keys() if "ask" not in mapping(models[name]))
