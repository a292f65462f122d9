"""Checks of an explainer's own parameters; all problems of one explainer come at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from explainers.problems import Problem, Problems, suggest


class Checks:
    """Collects what is wrong with the fields of one object.

    Arguments:
        of: the object; its class' name leads each message.

    Example:
        >>> from types import SimpleNamespace
        >>> checks = Checks(SimpleNamespace(stride=0), "occlusion")
        >>> checks.whole("stride", least=1)
        >>> checks.done()
        Traceback (most recent call last):
        explainers.problems.Problems: occlusion: stride
          must be a whole number of at least 1, not 0
          fix: write stride: 1 or more
    """

    def __init__(self, of: Any, name: str) -> None:
        self._of = of
        self._name = name
        self._problems: list[Problem] = []

    def whole(self, field: str, least: int) -> None:
        """The field must be a whole number that is not below ``least``."""
        value = getattr(self._of, field)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.add(
                field,
                f"must be a whole number of at least {least}, not {value!r}",
                f"write {field}: {least} or more",
            )

    def number(self, field: str, least: float = 0.0, most: float = math.inf) -> None:
        """The field must be a finite number in [least, most]."""
        value = getattr(self._of, field)
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if not plain or not math.isfinite(value) or not least <= value <= most:
            limits, fix = f"of at least {least:g}", f"write {field}: {least:g} or more"
            if most < math.inf:
                limits, fix = f"from {least:g} to {most:g}", f"write {field}: {least:g} to {most:g}"
            self.add(field, f"must be a number {limits}, not {value!r}", fix)

    def flag(self, field: str) -> None:
        """The field must be true or false."""
        value = getattr(self._of, field)
        if not isinstance(value, bool):
            self.add(
                field,
                f"must be true or false, not {value!r}",
                f"write {field}: true, or {field}: false",
            )

    def text(self, field: str) -> None:
        """The field must be a text, such as a layer's name; an empty one will do."""
        value = getattr(self._of, field)
        if not isinstance(value, str):
            fix = f"write {field}: a name, in quotes if it is a number, or leave {field} out"
            self.add(field, f"must be a text, not {value!r}", fix)

    def choice(self, field: str, choices: Iterable[str]) -> None:
        """The field must be one of ``choices``."""
        value, choices = getattr(self._of, field), tuple(choices)
        if value not in choices:
            self.add(field, f"unknown choice {value!r}", suggest(str(value), choices))

    def add(self, field: str, what: str, fix: str = "") -> None:
        """Something else that is wrong with ``field``."""
        self._problems.append(Problem(f"{self._name}: {field}", what, fix))

    def done(self) -> None:
        """Raise Problems with everything that was found; do nothing if all is well."""
        if self._problems:
            raise Problems(self._problems)
