"""A study in several languages: where its texts differ, and each language as a study of its own.

A frozen version holds the whole study in its first language and, for each other one, the list of
what reads differently there. Whoever shows pages takes the study in the participant's language;
everybody else reads plain texts and keys that are the same in every language.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Place = tuple[str | int, ...]


def differences(base: Any, other: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Each place at which two translations of one thing differ, and what the other one says.

    Errors: ValueError when they are not of one form.

    Example:
        >>> list(differences({"ask": "Why?", "n": [1, "a"]}, {"ask": "چرا؟", "n": [1, "a"]}))
        [(('ask',), 'چرا؟')]
    """
    if isinstance(base, dict) and isinstance(other, dict) and base.keys() == other.keys():
        for key in base:
            yield from differences(base[key], other[key], (*place, key))
    elif isinstance(base, list | tuple) and isinstance(other, list | tuple):
        for n, (one, two) in enumerate(zip(base, other, strict=True)):
            yield from differences(one, two, (*place, n))
    elif isinstance(base, str) and isinstance(other, str):
        if base != other:
            yield place, other
    elif base != other:
        raise ValueError(f"translations of different form at {place}")


def translated(base: Any, changes: Iterable[Sequence[Any]]) -> Any:
    """A copy of ``base`` with the texts of another language.

    Arguments:
        changes: pairs of a place and its text, see `differences`.

    Example:
        >>> translated({"ask": "Why?", "id": "q"}, [[["ask"], "چرا؟"]])
        {'ask': 'چرا؟', 'id': 'q'}
    """
    data = copy.deepcopy(base)
    for place, text in changes:
        inside = data
        for step in place[:-1]:
            inside = inside[step]
        inside[place[-1]] = text
    return data


def preferred(wishes: Iterable[str | None], languages: Sequence[str]) -> str:
    """The first wish that the study can fulfil; its default language if there is none.

    Arguments:
        wishes: codes such as ``fa`` or ``pt-BR``, the strongest wish first.
        languages: the study's, the default first.

    Example:
        >>> preferred(["xx", "FA-ir", "en"], ("en", "fa")), preferred([None], ("en", "fa"))
        ('fa', 'en')
    """
    by_code = {language.lower(): language for language in languages}
    by_base = {language.lower().partition("-")[0]: language for language in reversed(languages)}
    for wish in wishes:
        code = (wish or "").strip().lower()
        found = by_code.get(code) or by_base.get(code.partition("-")[0])
        if found:
            return found
    return languages[0]


def accepted(header: str | None) -> list[str]:
    """The codes in a browser's Accept-Language header, the most wanted first (RFC 9110, 12.5.4).

    Example:
        >>> accepted("en;q=0.5, fa-IR, fa;q=0.9, *;q=0.1")
        ['fa-IR', 'fa', 'en']
    """
    found = []
    for part in (header or "").split(","):
        code, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        if code.strip() not in ("", "*") and weight > 0:
            found.append((code.strip(), weight))
    return [code for code, _ in sorted(found, key=lambda entry: -entry[1])]
