"""What is explained, as a study file says it: a target's name and plain values.

Torch-free: `explainers.building.compute` makes the target itself when a network is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any

from explainers import catalog
from explainers.catalog import REQUIRED, Entry
from explainers.manifest import Prediction
from explainers.parameters import mistakes
from explainers.problems import Problems, suggest

FOLDER = "targets"
RUNNER_UP = "runner_up"
"""In place of a class: the one that the model finds second most probable for the face."""
COMPARED = "compared"
"""In place of a face: the one that the explained face is compared with."""
_LABEL = "label"


@dataclass(frozen=True)
class Aim:
    """What is explained, in plain values.

    Arguments:
        use: a file of `explainers/targets/`, or the user's ``package.module:Class``.
        parameters: of the target. A face is given by its id or as ``compared``, a class by its
            name or as ``runner_up``; ``label`` is the predicted class unless it is given.

    Example:
        >>> aim = Aim("class_difference", {"against": "runner_up"})
        >>> aim.filled(Prediction("expression", "f01", "happy", 0.9, runner_up="sad")).words
        'happy rather than sad'
    """

    use: str = "class_score"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> Entry | None:
        """The target's file; None for the user's own.

        Errors: Problems with the nearest known name.
        """
        if catalog.is_import_path(self.use):
            return None
        for entry in catalog.entries(FOLDER):
            if entry.name == self.use:
                return entry
        fix = suggest(self.use, catalog.names(FOLDER), "`whyface list targets` shows all.")
        raise Problems.one("use", f"unknown target '{self.use}'", fix)

    @property
    def faces(self) -> dict[str, str]:
        """The faces inside the target: each parameter that is a face, and the face's id.

        ``compared`` may be among them.
        """
        entry = self.entry
        wanted = {p.name for p in entry.parameters if _is_face(p)} if entry else set()
        return {name: str(id) for name, id in self.parameters.items() if name in wanted}

    @property
    def of_one_face(self) -> bool:
        """Whether it differs between faces for which the same class is predicted."""
        return not {RUNNER_UP, COMPARED}.isdisjoint(map(str, self.parameters.values()))

    @property
    def of_classes(self) -> bool:
        """Whether it is about the score of a class, which some models do not have."""
        entry = self.entry
        return entry is not None and any(p.name == _LABEL for p in entry.parameters)

    def filled(self, prediction: Prediction) -> Aim:
        """The same aim for one face: with what was predicted and compared in its place."""
        entry = self.entry
        known = {p.name for p in entry.parameters} if entry else {_LABEL}
        label = {_LABEL: prediction.label} if _LABEL in known else {}
        known_by = {RUNNER_UP: prediction.runner_up, COMPARED: prediction.compared}
        said = {name: known_by.get(str(value)) or value for name, value in self.parameters.items()}
        return replace(self, parameters={**label, **said})

    @property
    def said(self) -> str:
        """What is explained, before it is known for which class.

        Example:
            >>> Aim("class_difference", {"against": "runner_up"}).said
            'class difference (against runner up)'
        """
        if self == Aim():
            return "the predicted class"
        if self == PAIR:
            return "the likeness of the two faces"
        given = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
        return f"{self.use} ({given})".removesuffix(" ()").replace("_", " ")

    @property
    def words(self) -> str:
        """What is explained in plain words, as its file's ``words`` say it."""
        entry = self.entry
        form = str(entry.constant("words", self.use)) if entry else self.use
        said = {_LABEL, *(name for _, name, _, _ in Formatter().parse(form))}
        others = (f"{name} {value}" for name, value in self.parameters.items() if name not in said)
        rest = ", ".join(others)
        return form.format(**self.parameters) + (f" ({rest})" if rest else "")


PAIR = Aim("similarity", {"other": COMPARED})
"""What is explained of two faces, unless the study file says something else."""


def aim_mistakes(aim: Aim) -> Iterator[tuple[str, str, str]]:
    """What is wrong with an aim before anything is imported: (key, what, fix).

    Whether its faces, classes and layers exist is known to others.

    Example:
        >>> list(aim_mistakes(Aim("class_difference", {"agianst": "sad"})))[0][::2]
        ('agianst', "did you mean 'against'? `whyface list targets` shows all.")
    """
    try:
        entry = aim.entry
    except Problems as error:
        yield from (("use", problem.what, problem.fix) for problem in error.problems)
        return
    if entry is None:
        return
    for name, what, fix in mistakes(entry, aim.parameters):
        if not (name == _LABEL and name not in aim.parameters):  # it is filled in
            yield name, what, fix
    for name, value in aim.parameters.items():
        is_face = any(p.name == name and _is_face(p) for p in entry.parameters)
        if is_face and not isinstance(value, str):
            yield name, f"should be a face, not {value!r}", "write the face's id"


def fits(method: str, aim: Aim | None) -> tuple[str, str] | None:
    """Why a method cannot explain an aim (what, fix); None if it can.

    Arguments:
        method: a known explainer. Its ``targets`` name those that it accepts; all, unless it has
            them.
        aim: as the study file gives it, ``PAIR`` for two faces, None for the predicted class.
    """
    accepted = catalog.find(method).constant("targets", None)
    use = aim.use if aim else Aim().use
    if accepted is None or use in accepted or catalog.is_import_path(use):
        return None
    if not accepted:
        return (f"{method} explains no target", "leave it out") if aim else None
    fix = f"write target: {_example(accepted[0])}"
    return f"{method} cannot explain {use}, only {', '.join(accepted)}", fix


def _example(use: str) -> str:
    """How a target is written in a study file."""
    entry = Aim(use).entry
    needed = [
        p.name
        for p in (entry.parameters if entry else ())
        if p.default is REQUIRED and p.name != _LABEL
    ]
    return f"{{{', '.join([f'use: {use}', *(f'{name}: …' for name in needed)])}}}"


def _is_face(parameter: catalog.Parameter) -> bool:
    return parameter.annotation == "Face"
