"""Checking an explainer's parameters against its source text, before anything is imported."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from explainers.catalog import REQUIRED, Entry
from explainers.problems import suggest

_TYPES: dict[str, Any] = {
    **{kind.__name__: kind for kind in (bool, dict, float, int, list, str, tuple)},
    **{name: getattr(typing, name) for name in ("Any", "Literal", "Optional", "Union")},
}
_WORDS = {
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "str": "a text, in quotes if it is a number",
    "str | int": "a name or a whole number",
    "tuple[str, ...]": "names in brackets, such as [first, second]",
    "tuple[float, ...]": "numbers in brackets, such as [1, 2]",
}
"""What to write for a type, in a study file's words."""


def mistakes(entry: Entry, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the parameters ``given``: (parameter, what, fix).

    Ranges are checked by the explainer itself; here are names, types and what is missing.

    Example:
        >>> from explainers.catalog import HOME
        >>> entry = Entry("expression", "models", HOME / "models" / "expression.py")
        >>> list(mistakes(entry, {"window": 16}))
        [('window', "expression has no parameter 'window'", 'known names: .')]
    """
    parameters = {parameter.name: parameter for parameter in entry.parameters}
    listing = f"`whyface list {entry.folder}` shows all."
    for name, value in given.items():
        if name not in parameters:
            yield (
                name,
                f"{entry.name} has no parameter '{name}'",
                suggest(name, parameters, listing if parameters else ""),
            )
            continue
        annotation = parameters[name].annotation
        if not _fits(value, annotation):
            yield name, *_unfit(value, annotation)
    for name, parameter in parameters.items():
        if parameter.default is REQUIRED and name not in given:
            yield name, f"{entry.name} needs this parameter", f"write {name}: a value"


def _unfit(value: Any, annotation: str) -> tuple[str, str]:
    """What is wrong with a value of another type, and how to mend it."""
    try:
        choices = ast.literal_eval(annotation.removeprefix("Literal"))
    except (ValueError, SyntaxError):
        kind = _WORDS.get(annotation.removesuffix(" | None"), "a value of that kind")
        return f"should be {annotation}, not {value!r}", f"write {kind}"
    return f"unknown choice {value!r}", suggest(str(value), map(str, choices))


def _fits(value: Any, annotation: str) -> bool:
    try:
        # Only types of our own sources come here, never text of the user's.
        kind = eval(annotation, {"__builtins__": {}}, _TYPES)
        TypeAdapter(kind).validate_python(value)
    except (NameError, TypeError, SyntaxError, PydanticUserError):
        return True  # the explainer's own type: it checks the value itself
    except ValidationError:
        return False
    return not (isinstance(value, bool) and annotation in ("int", "float"))
