"""Words in Markdown that stay words, and participants' texts as quotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_INLINE = re.compile(r"([\\`*\[\]<>|&~]|(?<!\w)_|_(?!\w))")
_START = re.compile(r"^(#|\+|-|=|:|\d+(?=[.)]))")


def plain(text: Any) -> str:
    """The value in one line of words, with nothing in it that Markdown would read.

    Example:
        >>> plain("# a *b* | <i>")
        '\\\\# a \\\\*b\\\\* \\\\| \\\\<i\\\\>'
    """
    line = _INLINE.sub(r"\\\1", " ".join(_words(text).split()))
    start = _START.match(line)
    if start is None:
        return line
    end = start.end()
    # Before the point of "1." and not before the digit, which cannot be escaped.
    return f"{line[:end]}\\{line[end:]}" if line[0].isdigit() else f"\\{line}"


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_words(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_words, value))
    return str(value)


def code(text: Any) -> str:
    """The text as code, in one line; what would end the code or a table's cell is left out.

    Example:
        >>> code("a`b|c")
        '`abc`'
    """
    return f"`{re.sub('[`|]', '', ' '.join(str(text).split()))}`"


def quoted(text: str) -> list[str]:
    """A participants' text as a quotation, its headings below those of the document."""
    lower = re.sub(r"^(#{1,6}) ", lambda m: "#" * min(len(m[1]) + 2, 6) + " ", text, flags=re.M)
    return [f"> {line}".rstrip() for line in lower.strip().splitlines()]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; the cells are Markdown already."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def settings(model: Any, values: Any) -> list[str]:
    """The fields of a part of the study file with their documentation, one line each."""
    lines = []
    for name, field in model.model_fields.items():
        value = (values or {}).get(field.alias or name, field.default)
        about = " ".join((field.description or "").replace("``", "").split())
        if value is not None and value != () and value != {} and value != []:
            lines.append(f"- **{plain(name)}: {plain(value)}.** {plain(about)}")
    return lines


def count(n: int, noun: str) -> str:
    """Example: ``count(2, "face")`` is ``"2 faces"``."""
    return f"{n} {noun}{'' if n == 1 else 's'}"
