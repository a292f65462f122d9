"""What `whyface concepts` is asked for: everything that is wrong with it in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from explainers import catalog
from explainers.building.plan import Finding
from explainers.faces.face_names import face_files
from explainers.parameters import mistakes
from explainers.problems import Problem, Problems, suggest
from study_app.study_file import yaml_file


@dataclass(frozen=True)
class ConceptRequest:
    """The command line's words.

    Arguments:
        model: a shipped network or the user's own ``mynets:load``.
        finder: a file of `explainers/concepts` or the user's own class.
        faces: ``rendered`` or a folder of pictures.
        layer: where concepts are looked for; empty for the finder's choice.
        settings: texts like ``clusters=8``.
    """

    model: str
    finder: str
    faces: str
    layer: str = ""
    settings: tuple[str, ...] = ()

    def finding(self) -> Finding:
        """The finder with its parameters.

        Errors: Problems of all names, settings and faces at once. Whether network and finder go
        along is found when they run.
        """
        problems: list[Problem] = []
        models, finders = catalog.names("models"), catalog.names("concepts")
        for where, name, known in (("MODEL", self.model, models), ("FINDER", self.finder, finders)):
            if catalog.is_import_path(name):
                if not catalog.is_there(name, Path()):
                    fix = "run in the folder of its file"
                    problems.append(Problem(where, f"cannot find '{name}'", fix))
            elif name not in known:
                problems.append(Problem(where, f"unknown name '{name}'", suggest(name, known)))
        given, wrong = _settings(self.settings)
        problems += wrong
        if self.layer:
            given["layer"] = self.layer
        for entry in catalog.entries("concepts"):
            if entry.name == self.finder:
                problems += [
                    Problem(f"--set {parameter}", what, fix)
                    for parameter, what, fix in mistakes(entry, given)
                ]
        try:
            face_files(self.faces, Path())
        except Problems as error:
            problems += error.problems
        if problems:
            raise Problems(problems)
        return Finding(self.finder, given, self.model, self.faces)


def retold(problems: Iterable[Problem]) -> Problems:
    """Problems of the build, at the place where the command line said it."""
    told = []
    for problem in problems:
        where = problem.where
        if where.startswith("study.yaml: concepts."):
            _, _, parameter = where.removeprefix("study.yaml: concepts.").partition(".")
            where = f"--set {parameter}" if parameter else "FINDER"
        told.append(replace(problem, where=where))
    return Problems(dict.fromkeys(told))


def _settings(texts: Iterable[str]) -> tuple[dict[str, Any], list[Problem]]:
    given: dict[str, Any] = {}
    problems = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()):
            problems.append(Problem(f"--set {text}", "is not KEY=VALUE", "such as clusters=8"))
            continue
        try:
            parsed = yaml_file.parse(value, "").data
        except Problems:
            parsed = value
        given[name] = tuple(parsed) if isinstance(parsed, list) else parsed
    return given, problems
