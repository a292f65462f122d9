"""Problems in what the user gave us: where, what is wrong, how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file, a key or an option, and how to mend it.

    Arguments:
        where: file and key, such as ``study.yaml: blocks[1].options[2]``.
        what: what is wrong, in plain words.
        fix: what to do about it; empty when the first two lines say it all.

    Example:
        >>> print(Problem("study.yaml: seed", "must be a whole number", "write seed: 1"))
        study.yaml: seed
          must be a whole number
          fix: write seed: 1
    """

    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        lines = [self.where, f"  {self.what}"]
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class Problems(ValueError):
    """All problems found in one pass; the command line prints them and exits with code 2.

    Example:
        >>> try:
        ...     raise Problems([Problem("faces/a.txt", "is not an image")])
        ... except Problems as error:
        ...     print(error)
        faces/a.txt
          is not an image
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        # A process or machine that was asked to do something answers with its problems.
        return type(self), (self.problems,)

    @classmethod
    def one(cls, where: str, what: str, fix: str = "") -> Problems:
        """A single problem, for places where nothing else can be checked any more."""
        return cls([Problem(where, what, fix)])


def suggest(name: str, known: Iterable[str], listing: str = "") -> str:
    """The ``fix`` text for an unknown name: the nearest known one, else all of them.

    Arguments:
        name: what the user wrote.
        known: the names that exist.
        listing: a command that shows all of them.

    Example:
        >>> suggest("occlsion", ["occlusion", "rise"], "`whyface list saliency` shows all.")
        "did you mean 'occlusion'? `whyface list saliency` shows all."
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    text = f"did you mean '{near[0]}'?" if near else f"known names: {', '.join(names)}."
    return f"{text} {listing}".strip()
