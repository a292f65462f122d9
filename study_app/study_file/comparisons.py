"""Which face each asked face is compared with, checked on the study file as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from explainers import catalog
from explainers.building.plan import READY_MADE
from study_app.study_file.asked import asked
from study_app.study_file.references import Known

Mistake = tuple[tuple[str | int, ...], str, str]
"""Its place in the study file, what is wrong, how to mend it."""


def other_face(compare: str | Mapping[str, str], face: str) -> str | None:
    """The face that ``face`` is compared with, as ``compare`` says; None if it does not.

    Example:
        >>> other_face("f09", "f01"), other_face({"f01": "f09"}, "f02")
        ('f09', None)
    """
    return compare if isinstance(compare, str) else compare.get(face)


def compares(use: object) -> bool | None:
    """Whether a model says if two pictures show the same person; None for the user's own code.

    Arguments:
        use: as the study file says it; None for an architecture with weights, which has classes.
    """
    for entry in catalog.entries("models"):
        if entry.name == use:
            return entry.constant("SAME_BELOW", None) is not None
    return None if isinstance(use, str) and use != READY_MADE else False


def comparing(models: Mapping[str, Any]) -> tuple[str, ...]:
    """The models whose questions are about two faces."""
    found = ((name, model) for name, model in models.items() if isinstance(model, dict))
    return tuple(
        name
        for name, model in found
        if model.get("compare") is not None or compares(model.get("use"))
    )


def comparison_mistakes(models: Mapping[str, Any], known: Known) -> Iterator[Mistake]:
    """What is wrong with the comparisons of all models."""
    roles = (known.names[f"{role} faces"] for role in ("main", "practice", "attention"))
    every = asked(tuple(models), *roles)
    for name, model in models.items():
        if isinstance(model, dict):
            faces = [face for _, asked_model, face in every if asked_model == name]
            for place, what, fix in _of_one(model, faces, known):
                yield ("models", name, *place), what, fix


def _of_one(model: Mapping[str, Any], faces: list[str], known: Known) -> Iterator[Mistake]:
    compare, able = model.get("compare"), compares(model.get("use"))
    if compare is None:
        if able:
            what = f"'{model['use']}' has no classes: it compares faces, but 'compare' is missing"
            yield (), what, f"write compare: {{{faces[0] if faces else 'f01'}: …}}"
        return
    if able is False:
        what = f"'{model.get('use', model.get('arch'))}' compares no faces"
        yield ("compare",), what, "leave it out, or write use: recognition"
        return
    pairs: dict[Any, Any] = compare if isinstance(compare, dict) else {None: compare}
    if not all(isinstance(face, str) for face in [*pairs.values(), *(pairs.keys() - {None})]):
        return  # told where its form is checked
    for face, other in pairs.items():
        for name in [other] if face is None else [face, other]:
            if name not in known.names["face"]:
                yield _place(face), f"unknown face '{name}'", known.fix("face", name)
    lacking = [face for face in dict.fromkeys(faces) if other_face(compare, face) is None]
    if lacking:
        what = f"does not say with which face to compare {', '.join(lacking)}"
        yield _place(None), what, f"add {lacking[0]}: and another face"
    for face in dict.fromkeys(faces):
        if other_face(compare, face) == face:
            place = _place(face if face in pairs else None)
            yield place, f"compares {face} with itself", "name another face"


def _place(face: str | None) -> tuple[str, ...]:
    return ("compare",) if face is None else ("compare", face)
