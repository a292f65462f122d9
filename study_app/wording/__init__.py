"""The fixed words that participants read: one file is one language, found by itself.

``en.yaml`` says what each key means; a new language is a copy of it, named by its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

import yaml

Direction = Literal["ltr", "rtl"]
DEFAULT = "en"

_FOLDER = Path(__file__).parent
# Scripts that run from right to left, for languages that have no file here yet.
_RIGHT_TO_LEFT = frozenset(("ar", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"))


@dataclass(frozen=True)
class Wording:
    """The words of one language.

    Arguments:
        name: the language as its speakers call it.
        direction: ``ltr`` or ``rtl``.
        words: key → words, some with ``{placeholders}``.
    """

    name: str
    direction: Direction
    words: Mapping[str, str]


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that have a file.

    Example:
        >>> "en" in languages() and "fa" in languages()
        True
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def wording(language: str) -> Wording:
    """The words of a language; English for what it lacks.

    Arguments:
        language: a code such as ``fa`` or ``pt-BR``; a regional one may use its language's file.

    Example:
        >>> wording("fa").direction, wording("de-AT").name, wording("xx").words["begin"]
        ('rtl', 'Deutsch', 'Begin')
    """
    base = language.partition("-")[0]
    found = next((code for code in (language, base) if code in languages()), None)
    if found is None:
        direction: Direction = "rtl" if base in _RIGHT_TO_LEFT else "ltr"
        return Wording(language, direction, words(DEFAULT))
    data = yaml.safe_load((_FOLDER / f"{found}.yaml").read_text(encoding="utf-8"))
    english = {} if found == DEFAULT else words(DEFAULT)
    known = MappingProxyType({**english, **data["words"]})
    return Wording(str(data["name"]), cast(Direction, data["direction"]), known)


def words(language: str) -> Mapping[str, str]:
    """Key → words in a language; English for what it lacks.

    Example:
        >>> words("en")["trial_question"].format(number=3, total=9)
        'Question 3 of 9'
    """
    return wording(language).words
