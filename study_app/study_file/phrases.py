"""Words that participants read: plain, or one text for each language of the study.

A study file is validated once for each of its languages, and each time every phrase becomes plain
words; so nothing behind the study file knows of several languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from string import Formatter
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints, ValidationInfo, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from explainers.problems import suggest
from study_app.study_file.references import Known, complaint, complaints, known
from study_app.wording import DEFAULT, words


class Fixed(str):
    """The default of a phrase: words that exist in every language, by their key."""

    key: str

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> CoreSchema:
        return core_schema.str_schema()  # for the JSON Schema of study files


def fixed(key: str) -> str:
    """The default words called ``key`` in `study_app.wording`, in the study's language.

    Example:
        >>> fixed("none_helps")
        'None of them helps'
    """
    text = Fixed(words(DEFAULT)[key])
    text.key = key
    return text


def _in_language(value: Any, info: ValidationInfo) -> Any:
    """The words in the language that the study is read in."""
    context = known(info)
    if context is None:
        return value
    if isinstance(value, Fixed):
        return words(context.language)[value.key]
    if not isinstance(value, Mapping):
        if isinstance(value, str) and len(context.languages) > 1:
            context.untranslated[value] = None
        return value
    complaints(_translation_mistakes(value, context))
    return value[context.language]


def _translation_mistakes(value: Mapping[str, Any], context: Known) -> Iterator[Any]:
    languages = context.languages
    if len(languages) == 1 and languages[0] not in value:
        what = f"should be text, or one for each language; the study's is {languages[0]}"
        yield (), complaint(what, f"write {languages[0]}: …, or name the others under languages:")
        return
    for name, text in value.items():
        if name not in languages:
            fix = suggest(name, languages, "`languages:` names those of the study.")
            yield (name,), complaint(f"unknown language '{name}'", fix)
        elif not isinstance(text, str | int | float) or not str(text).strip():
            yield (name,), complaint("should be text", "write what participants read")
    missing = [language for language in languages if language not in value]
    if missing:
        what = f"is not translated into {', '.join(missing)}"
        yield (), complaint(what, f"add {missing[0]}: …")


def file_in_language(file: str, language: str, languages: tuple[str, ...]) -> str:
    """The file of a text in a language: the first language's has no code in its name.

    Example:
        >>> file_in_language("consent.md", "fa", ("en", "fa"))
        'consent.fa.md'
    """
    path = PurePosixPath(file)
    if language == languages[0]:
        return file
    return str(path.with_name(f"{path.stem}.{language}{path.suffix}"))


def strange_placeholders(key: str, text: str) -> Iterator[Any]:
    """The complaint about words that hold a placeholder which is never filled in, or a brace."""
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        yield (key,), complaint(f"has a stray brace: {error}", "take it out")
        return
    usual = {name for _, name, _, _ in Formatter().parse(words(DEFAULT)[key]) if name is not None}
    for name in sorted(names - usual):
        known_ones = ", ".join(f"{{{one}}}" for one in sorted(usual)) or "no placeholder"
        yield (key,), complaint(f"knows no {{{name}}}", f"it knows {known_ones}")


Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
"""The code of a language, such as en or pt-BR."""

Phrase = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    BeforeValidator(_in_language),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "number"},
                {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
            ]
        }
    ),
]
"""Words that participants read: a text, or ``{en: …, fa: …}`` with one for each language."""
