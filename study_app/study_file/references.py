"""References inside a study file, checked while it is read.

Each reference is a type. The names that exist are collected before validation and handed to
pydantic as its context, so one pass finds every broken reference, next to every other problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from explainers.problems import suggest

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A word that names a column or an entry: small letters, digits and underscores."""

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,79}$")]
"""A face, a class or a choice: one word of letters, digits and ``_ . + -``."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Words that people read."""


@dataclass(frozen=True)
class Known:
    """What a study file may refer to.

    Arguments:
        folder: the study's folder.
        names: for each kind of thing the names that exist.
        choices: for each background question its choices.
        listing: for each kind the command or place that shows all.
        language: the one that the study is read in.
        languages: all of the study's, the default first.
        untranslated: collects phrases that are the same in all of several languages.
    """

    folder: Path
    names: Mapping[str, tuple[str, ...]]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listing: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    untranslated: dict[str, None] = field(default_factory=dict)

    def fix(self, kind: str, name: str) -> str:
        """How to mend an unknown ``name``."""
        return suggest(name, self.names[kind], self.listing.get(kind, ""))


def known(info: ValidationInfo) -> Known | None:
    """The names that exist; None when a frozen study is read again, whose names were checked."""
    return info.context if isinstance(info.context, Known) else None


def refers(kind: str) -> AfterValidator:
    """The name must be one of the existing names of this ``kind``."""

    def check(name: str, info: ValidationInfo) -> str:
        context = known(info)
        if context is not None and name not in context.names[kind]:
            raise complaint(f"unknown {kind} '{name}'", context.fix(kind, name))
        return name

    return AfterValidator(check)


def complaint(what: str, fix: str = "") -> PydanticCustomError:
    """A mistake in the value being validated: what is wrong and how to mend it."""
    # The text goes in as a value, because braces in a template would be filled in.
    return PydanticCustomError("study", "{what}", {"what": what, "fix": fix})


def complaints(found: Iterable[tuple[tuple[str | int, ...], PydanticCustomError]]) -> None:
    """Raise all mistakes of one value, each at its place inside it; nothing if there are none."""
    errors = [InitErrorDetails(type=error, loc=place, input=None) for place, error in found]
    if errors:
        raise ValidationError.from_exception_data("study", errors)


def unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that stands twice."""
    complaints(
        ((n,), complaint(f"'{name}' stands twice", "keep one of them"))
        for n, name in enumerate(names)
        if name in names[:n]
    )
    return names


def one_of(place: tuple[str | int, ...], kind: str, name: str, names: Iterable[str]) -> Any:
    """The complaints about a ``name`` that should be one of ``names``: none or one."""
    known_names = tuple(names)
    if name not in known_names:
        yield place, complaint(f"unknown {kind} '{name}'", suggest(name, known_names))


Explanation = Annotated[str, refers("explanation")]
Question = Annotated[str, refers("background question")]
Groups = Annotated[str, refers("group of answers")]
GroupSource = Annotated[str, refers("question or language")]
FaceId = Annotated[Word, refers("face")]
Family = Annotated[str, refers("family of concepts")]
Network = Annotated[str, refers("network")]
BlockName = Annotated[str, refers("block")]
SegmentName = Annotated[str, refers("segment")]
TrialType = Annotated[str, refers("trial type")]
Statistic = Annotated[str, refers("statistic")]
